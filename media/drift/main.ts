import type { FromDriftView, ToDriftView } from '../../src/protocol/driftView';
import { openHostChannel } from '../shared/hostChannel';
import { DriftPage } from './driftPage';
import { keepState, keptViewOf } from './keptState';

const channel = openHostChannel<ToDriftView, FromDriftView>();
let page: DriftPage | null = null;

channel.onMessage((message) => {
  if (message.type !== 'show') {
    page?.receive(message);
    return;
  }
  const kept = keptViewOf(channel.keptState, message.content.subject);
  const view = message.selected === null ? kept : { ...kept, selected: message.selected };
  page = new DriftPage(message, view, {
    send: (answer) => {
      channel.send(answer);
    },
    onChange: (content, latest) => {
      keepState(channel, content, latest);
    },
  });
  document.body.replaceChildren(page.element);
  keepState(channel, message.content, view);
});
channel.send({ type: 'ready' });
