import type { EpsSource } from '../../src/core/model/layer';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import { fitText } from '../../src/core/wording/findingText';
import { shortNumber } from '../../src/core/wording/shortNumber';
import type { OverviewPair, OverviewReport, OverviewTexts } from '../../src/protocol/overviewView';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
const STEP = 1024;

/** A size as the Explorer writes it: `415.3 KB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** What the file is, in one line. */
export function fileFacts(report: OverviewReport, texts: OverviewTexts): readonly string[] {
  const { format, producer, opsets, sizeBytes, bytesRead, policy, pairs } = report;
  const versions = Object.entries(opsets).map(([domain, version]) =>
    domain === '' || domain === 'ai.onnx'
      ? fillPlaces(texts.opset, version)
      : `${domain} ${version}`,
  );
  const evidence = onlyOne(pairs.map((pair) => pair.evidence));
  const source = commonEpsSource(pairs);
  return [
    texts.formats[format],
    ...(producer === null ? [] : [producer]),
    ...versions,
    bytesRead < sizeBytes
      ? fillPlaces(texts.size, bytesText(sizeBytes), bytesText(bytesRead))
      : fillPlaces(texts.sizeAllRead, bytesText(sizeBytes)),
    fillPlaces(texts.policy, policy),
    ...(evidence === null ? [] : [`${texts.facts.knownBy}: ${texts.evidence[evidence]}`]),
    ...(source === null || isInFile(source)
      ? []
      : [`${texts.facts.eps}: ${texts.epsSources[source]}`]),
  ];
}

/** eps with its source, unless the layer itself has it in the file. */
export function epsText({ eps, epsSource }: OverviewPair, texts: OverviewTexts): string {
  const value = shortNumber(eps);
  return isInFile(epsSource) ? value : `${value} (${texts.epsSources[epsSource]})`;
}

/** The source that the eps of all pairs share; null where they differ. */
export function commonEpsSource(pairs: readonly OverviewPair[]): EpsSource | null {
  return onlyOne(pairs.map(({ epsSource }) => epsSource));
}

/** Whether a source is the layer itself, which needs no word. */
function isInFile(source: EpsSource): boolean {
  return source === 'attribute' || source === 'module';
}

/** The value that all share; null where they differ, or there are none. */
function onlyOne<T>(values: readonly T[]): T | null {
  const different = new Set(values);
  const [only = null] = different;
  return different.size === 1 ? only : null;
}

/** What the statistics say, in a few words: `confirmed 0.998 · fed by relu(stem.1)`. */
export function findingText({ finding }: OverviewPair, texts: OverviewTexts): string {
  if (finding === null) return texts.unasked;
  const { says, fit, fedBy } = finding;
  const said = [texts.says[says], ...(fit === null ? [] : [fitText(fit)])].join(' ');
  if (fedBy === null) return said;
  return `${said} · ${fillPlaces(texts.fedBy, fedBy)} (${texts.inferred})`;
}
