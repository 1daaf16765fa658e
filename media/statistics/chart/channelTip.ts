import type { StatisticsTexts } from '../../../src/protocol/statisticsView';
import { element } from '../../shared/element';
import type { ChannelPoint } from '../channelPoints';
import { figureText } from '../wording';

/** What the tip beside the pointer says of a channel. */
export function channelTip(point: ChannelPoint, { columns }: StatisticsTexts): readonly Node[] {
  const rows = (['predicted', 'stored', 'difference', 'deviations'] as const).flatMap((key) => [
    element('span', { text: columns[key] }),
    element('span', { class: 'tip-figure', text: figureText(point, key) }),
  ]);
  return [
    element('strong', { text: `${columns.channel} ${point.channel}` }),
    element('div', { class: 'tip-figures' }, ...rows),
  ];
}
