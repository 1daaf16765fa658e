import type {
  FromStatisticsView,
  KeptStatistics,
  ToStatisticsView,
} from '../../src/protocol/statisticsView';
import { openHostChannel } from '../shared/hostChannel';
import { StatisticsPage } from './statisticsPage';
import { keptViewOf, type ViewState } from './viewState';

const channel = openHostChannel<ToStatisticsView, FromStatisticsView>();
let page: StatisticsPage | null = null;

channel.onMessage((message) => {
  if (message.type !== 'show') {
    page?.receive(message);
    return;
  }
  const { content, id } = message;
  const view = keptViewOf(channel.keptState, { path: content.path, id });
  page = new StatisticsPage(message, view, {
    send: (answer) => {
      channel.send(answer);
    },
    onChange: keep,
  });
  document.body.replaceChildren(page.element);
  keep(content.path, id, view);
});
channel.send({ type: 'ready' });

/** Keeps what is shown for the next start of the page. */
function keep(path: string, id: string, view: ViewState): void {
  const kept: KeptStatistics & { readonly view: ViewState } = { path, id, view };
  channel.keepState(kept);
}
