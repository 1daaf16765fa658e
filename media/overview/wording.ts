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
  const evidence = new Set(pairs.map((pair) => pair.evidence));
  const [only] = evidence.size === 1 ? evidence : [];
  return [
    texts.formats[format],
    ...(producer === null ? [] : [producer]),
    ...versions,
    bytesRead < sizeBytes
      ? fillPlaces(texts.size, bytesText(sizeBytes), bytesText(bytesRead))
      : fillPlaces(texts.sizeAllRead, bytesText(sizeBytes)),
    fillPlaces(texts.policy, policy),
    ...(only === undefined ? [] : [`${texts.facts.knownBy}: ${texts.evidence[only]}`]),
  ];
}

/** eps with its source, unless the file itself says it. */
export function epsText({ eps, epsSource }: OverviewPair, texts: OverviewTexts): string {
  const value = shortNumber(eps);
  return isEpsFromElsewhere({ epsSource }) ? `${value} (${texts.epsSources[epsSource]})` : value;
}

/** Whether the eps is none that the layer itself has in the file. */
export function isEpsFromElsewhere({ epsSource }: Pick<OverviewPair, 'epsSource'>): boolean {
  return epsSource !== 'attribute' && epsSource !== 'module';
}

/** What the statistics say, in a few words: `confirmed 0.998 · fed by relu(stem.1)`. */
export function findingText({ finding }: OverviewPair, texts: OverviewTexts): string {
  if (finding === null) return texts.unasked;
  const { says, fit, fedBy } = finding;
  const said = [texts.says[says], ...(fit === null ? [] : [fitText(fit)])].join(' ');
  if (fedBy === null) return said;
  return `${said} · ${fillPlaces(texts.fedBy, fedBy)} (${texts.inferred})`;
}
