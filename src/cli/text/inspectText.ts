import { convSummary } from '../../core/wording/convSummary';
import { relativeName } from '../../core/wording/relativeName';
import type { InspectReport, PairReport, ReasonReport } from '../../protocol/reports';
import type { Color, Output } from '../output';
import { pathText, plainText, sizeText } from './plainText';
import { alignRows } from './table';

type Paint = Pick<Output, 'paint'>;
type Verdict = PairReport['verdict'];

const verdictMarks: Readonly<Record<Verdict, string>> = {
  fusable: '✓',
  skipped: '–',
  blocked: '✗',
};
const verdictColors: Readonly<Record<Verdict, Color>> = {
  fusable: 'green',
  skipped: 'yellow',
  blocked: 'red',
};

/** `inspect` for people: what the file is, the counts, a table of pairs, and what is odd about it. */
export function inspectText(report: InspectReport, output: Paint): string {
  const sections = [
    [fileLine(report), countsLine(report, output)],
    pairLines(report.pairs, output),
    unpairedLines(report),
    report.problems.map(({ severity, message }) => `${severity}: ${plainText(message)}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** A pair's verdict as a coloured mark. */
export function verdictMark(verdict: Verdict, output: Paint): string {
  return output.paint(verdictColors[verdict], verdictMarks[verdict]);
}

/** The sentences of some reasons, as one text. */
export function reasonText(reasons: readonly ReasonReport[]): string {
  return plainText(reasons.map(({ message }) => message).join(' '));
}

function fileLine({ model }: InspectReport): string {
  const opsets = Object.entries(model.opsets).map(([domain, version]) =>
    domain === '' ? `opset ${version}` : `${domain} ${version}`,
  );
  const parts = [
    pathText(model.path),
    model.format,
    ...opsets,
    ...(model.producer === null ? [] : [model.producer]),
    sizeText(model.sizeBytes),
  ];
  return plainText(parts.join(' · '));
}

function countsLine({ counts, policy }: InspectReport, output: Paint): string {
  const count = (verdict: Verdict): string =>
    counts[verdict] === 0
      ? `0 ${verdict}`
      : output.paint(verdictColors[verdict], `${counts[verdict]} ${verdict}`);
  const pairs = counts.pairs === 1 ? '1 pair' : `${counts.pairs} pairs`;
  return `${pairs}: ${count('fusable')}, ${count('skipped')}, ${count('blocked')} (policy ${policy})`;
}

function pairLines(pairs: readonly PairReport[], output: Paint): string[] {
  return alignRows(
    pairs.map((pair) => [
      ` ${verdictMark(pair.verdict, output)}`,
      plainText(pair.id),
      plainText(convSummary(pair.conv)),
      `+ ${plainText(relativeName(pair.bn.name, pair.id))}`,
      `eps ${shortNumber(pair.bn.eps)}${pair.bn.epsSource === 'attribute' ? '' : ` (${pair.bn.epsSource})`}`,
      pair.evidence,
      output.paint('dim', reasonText(pair.reasons)),
    ]),
  );
}

function unpairedLines({ unpaired }: InspectReport): string[] {
  if (unpaired.length === 0) return [];
  const rows = unpaired.map(({ bn, reasons }) => [`   ${plainText(bn)}`, reasonText(reasons)]);
  return ['BatchNorms without a convolution in front:', ...alignRows(rows)];
}

/** `0.001` for the float32 attribute 0.0010000000474974513: the digits that float32 holds. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(7)));
}
