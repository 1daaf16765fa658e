import { convSummary } from '../../core/wording/convSummary';
import { fedByText, fitText } from '../../core/wording/findingText';
import { relativeName } from '../../core/wording/relativeName';
import { shortNumber } from '../../core/wording/shortNumber';
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
    [fileLine(report), countsLine(report, output), ...statisticsLine(report)],
    pairLines(report.pairs, output),
    unpairedLines(report, output),
    noteLines(report.pairs, output),
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

/** The sentences of some reasons, a line each, to stand under the layer they are about. */
export function reasonLines(reasons: readonly ReasonReport[], output: Paint): string[] {
  return reasons.map(({ message }) => `      ${output.paint('dim', plainText(message))}`);
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

/** What the running statistics say of the file as a whole; nothing where they were not asked and do not contradict. */
function statisticsLine({ statistics }: InspectReport): string[] {
  const { test, contradicted, sentence } = statistics;
  return test === 'full' || contradicted > 0 ? [`Running statistics: ${sentence}`] : [];
}

function evidenceText({ evidence, statistics }: PairReport): string {
  if (statistics === null || statistics.says === 'silent') return evidence;
  if (statistics.says === 'contradicts') return `${evidence}, contradicted`;
  return `${evidence}, confirmed ${fitText(statistics.fit ?? 0)}`;
}

/** What the statistics found in front of the convolution. */
function inputText({ statistics }: PairReport): string {
  const fedBy = statistics === null ? null : fedByText(statistics);
  return fedBy === null ? '' : `fed by ${fedBy}`;
}

/** A table of the pairs; under each that does not fold, the reasons. */
function pairLines(pairs: readonly PairReport[], output: Paint): string[] {
  const rows = alignRows(
    pairs.map((pair) => [
      ` ${verdictMark(pair.verdict, output)}`,
      plainText(pair.id),
      plainText(convSummary(pair.conv)),
      `+ ${plainText(relativeName(pair.bn.name, pair.id))}`,
      epsText(pair.bn),
      evidenceText(pair),
      output.paint('dim', plainText(inputText(pair))),
    ]),
  );
  return pairs.flatMap((pair, idx) => {
    const reasons = pair.verdict === 'fusable' ? [] : reasonLines(pair.reasons, output);
    return [rows[idx] ?? '', ...reasons];
  });
}

/** What is worth knowing of pairs that fold, said once for all that share it. */
function noteLines(pairs: readonly PairReport[], output: Paint): string[] {
  const byCode = new Map<string, { first: string; count: number }>();
  for (const { verdict, id, reasons } of pairs) {
    if (verdict !== 'fusable') continue;
    for (const { code, message } of reasons) {
      const known = byCode.get(code);
      if (known === undefined) byCode.set(code, { first: `${id}: ${message}`, count: 1 });
      else known.count++;
    }
  }
  return [...byCode.values()].map(({ first, count }) => {
    const more = count > 1 ? output.paint('dim', ` (and ${count - 1} more)`) : '';
    return `${plainText(first)}${more}`;
  });
}

function unpairedLines({ unpaired }: InspectReport, output: Paint): string[] {
  if (unpaired.length === 0) return [];
  return [
    'Norms without a convolution in front:',
    ...unpaired.flatMap(({ bn, reasons }) => [
      `   ${plainText(bn)}`,
      ...reasonLines(reasons, output),
    ]),
  ];
}

/** The value with its source, unless the file itself says it. */
function epsText({ eps, epsSource }: PairReport['bn']): string {
  const isOwn = epsSource === 'attribute' || epsSource === 'module';
  return `eps ${shortNumber(eps)}${isOwn ? '' : ` (${epsSource})`}`;
}
