import type { DriftReport } from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { element } from '../../shared/element';
import { decibelText, metricText } from '../wording';

/** What is worth knowing of the network as a whole: where to look first, and what reaches its outputs. */
export function overviewPane(
  report: Pick<DriftReport, 'attention' | 'outputs' | 'left'>,
  texts: DriftTexts,
  onChoose: (id: string) => void,
): HTMLElement {
  return element(
    'article',
    { class: 'detail' },
    element('h2', { text: texts.attention }),
    attentionList(report.attention, texts, onChoose),
    ...outputsTable(report.outputs, texts),
    ...leftList(report.left, texts),
  );
}

function attentionList(
  attention: DriftReport['attention'],
  texts: DriftTexts,
  onChoose: (id: string) => void,
): HTMLElement {
  if (attention.length === 0) return element('p', { class: 'faint', text: texts.attentionNone });
  const items = attention.map(({ id, sentence }) => {
    const button = element('button', { class: 'link', text: id, attributes: { type: 'button' } });
    button.addEventListener('click', () => {
      onChoose(id);
    });
    return element('li', {}, button, element('p', { text: sentence }));
  });
  return element('ol', { class: 'attention' }, ...items);
}

/** Pairs that are missing in chart and table, and why. */
function leftList(left: DriftReport['left'], texts: DriftTexts): HTMLElement[] {
  if (left.length === 0) return [];
  const items = left.map(({ id, reasons }) =>
    element('li', { text: id }, ...reasons.map(({ message }) => element('p', { text: message }))),
  );
  return [element('h3', { text: texts.left }), element('ul', { class: 'attention' }, ...items)];
}

function outputsTable(outputs: DriftReport['outputs'], texts: DriftTexts): HTMLElement[] {
  if (outputs.length === 0) return [];
  const rows = outputs.map((output) =>
    element(
      'tr',
      {},
      element('th', { text: output.name, attributes: { scope: 'row' } }),
      element('td', { text: decibelText(output, texts) }),
      element('td', { text: `± ${metricText(output.maxAbs, texts)}` }),
    ),
  );
  const body = element('tbody', {}, ...rows);
  return [element('h3', { text: texts.outputs }), element('table', { class: 'figures' }, body)];
}
