import type { StatisticsFinding } from '../model/pair';
import type { Translate } from './countsText';

/** A correlation as people read it; never rounded up to a perfect 1. */
export function fitText(fit: number): string {
  return fit > 0.9995 ? '0.999' : fit.toFixed(3);
}

/** The activation in front of the convolution, as far as it is known: `relu6`, `relu/relu6`; null for none or unknown. */
export function activationText({
  activation,
  activations,
}: Pick<StatisticsFinding, 'activation' | 'activations'>): string | null {
  const name = activation ?? activations?.join('/') ?? null;
  return name === 'none' ? null : name;
}

/** The one layer the statistics found in front, behind its activation: `relu6(bn1)`; null when they do not tell. */
export function singleInputText(
  finding: Pick<StatisticsFinding, 'from' | 'activation' | 'activations'>,
): string | null {
  const { from } = finding;
  const activation = activationText(finding);
  return from === null || activation === null ? from : `${activation}(${from})`;
}

/** What the statistics found to feed a convolution: `relu6(_blocks.0._bn1)`; null when they do not tell. */
export function fedByText(finding: StatisticsFinding): string | null {
  return finding.fedBy ?? singleInputText(finding);
}

/** Inputs longer than this push everything behind them off the screen; tooltips have them whole. */
const MAX_INPUT_LENGTH = 48;

/** What the statistics found for a pair they confirm: `fed by relu(stem.1) (inferred)`, `fit 0.998`. */
export function foundParts(finding: StatisticsFinding, t: Translate): string[] {
  const fedBy = fedByText(finding);
  return [
    ...(fedBy === null ? [] : [t('fed by {0} (inferred)', shortened(fedBy))]),
    ...(finding.fit === null ? [] : [t('fit {0}', fitText(finding.fit))]),
  ];
}

function shortened(text: string): string {
  return text.length <= MAX_INPUT_LENGTH ? text : `${text.slice(0, MAX_INPUT_LENGTH - 1)}…`;
}
