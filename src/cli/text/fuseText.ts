import type { FuseReport, WorstFold } from '../../protocol/reports';
import type { Output } from '../output';
import { reasonLines, verdictMark } from './inspectText';
import { pathText, plainText } from './plainText';

/** `fuse` for people: what was folded, how exact it is, where it is, and what was left and why. */
export function fuseText(report: FuseReport, output: Pick<Output, 'paint'>): string {
  const { folded, left, verification, files, note } = report;
  const total = folded.length + left.length;
  const name = pathText(report.input);
  const lines =
    report.output === null
      ? [`${name}: ${note ?? 'There is nothing to fold.'} No file was written.`]
      : [
          `${name}: folded ${folded.length} of ${total} pairs in ${(report.elapsedMs / 1000).toFixed(1)} s.`,
          ...(verification.worst === null ? [] : [worstLine(verification.worst)]),
          ...statisticsLine(report),
          ...files.map((file) => `Written: ${output.paint('bold', pathText(file))}`),
          ...(note === null ? [] : [note]),
        ];
  if (left.length === 0) return lines.join('\n');
  const rows = left.flatMap(({ id, verdict, reasons }) => [
    ` ${verdictMark(verdict, output)}  ${plainText(id)}`,
    ...reasonLines(reasons, output),
  ]);
  return [...lines, '', 'Left as they are:', ...rows].join('\n');
}

/** What the statistics said, or that they were left out; nothing where data flow proves the pairs anyway. */
function statisticsLine({ statistics: { test, sentence } }: FuseReport): string[] {
  return test === 'full' || test === 'signs' ? [`Running statistics: ${sentence}`] : [];
}

function worstLine({ id, sqnrDb, maxAbs }: WorstFold): string {
  if (sqnrDb === 'identical') return 'Worst difference: none, every fold is identical.';
  return `Worst difference: ${sqnrDb.toFixed(1)} dB at ${plainText(id)}, at most ${maxAbs.toPrecision(2)}.`;
}
