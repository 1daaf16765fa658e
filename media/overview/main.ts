import type { FromOverviewView, ToOverviewView } from '../../src/protocol/overviewView';
import { openHostChannel } from '../shared/hostChannel';
import { OverviewPage } from './overviewPage';
import { keptView } from './viewState';

const channel = openHostChannel<ToOverviewView, FromOverviewView>();
let page: OverviewPage | null = null;

channel.onMessage((message) => {
  if (message.type !== 'show') {
    page?.receive(message);
    return;
  }
  page = new OverviewPage(message, keptView(channel.keptState), {
    send: (answer) => {
      channel.send(answer);
    },
    onChange: (view) => {
      channel.keepState(view);
    },
  });
  document.body.replaceChildren(page.element);
});
channel.send({ type: 'ready' });
