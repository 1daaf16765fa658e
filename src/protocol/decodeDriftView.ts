import { driftSentences, type DriftSentence } from '../core/drift/driftSentence';
import { recipes, type Explanation } from '../core/drift/explainFold';
import { reasonSentences, type Reason } from '../core/model/reason';
import type { DriftLayerReport, DriftReport, MetricsReport, QuantizationReport } from './drift';
import type { FromDriftView, KeptDrift } from './driftView';
import {
  isAnyOf,
  isBoth,
  isListOf,
  isNullOr,
  isNumber,
  isObjectOf,
  isOneOf,
  isText,
  type Guard,
} from './guards';

/** A picture of the chart is some hundred kilobytes. */
const MAX_PICTURE_BYTES = 64 * 1024 * 1024;

/** A message from the page, or null for anything the page does not say. */
export function decodeFromDriftView(value: unknown): FromDriftView | null {
  return isMessage(value) ? value : null;
}

/** What a page kept over a reload; null when another version kept it, or something else did. */
export function decodeKeptDrift(value: unknown): KeptDrift | null {
  return isKept(value) ? value : null;
}

const isPicture: Guard<Uint8Array> = (value): value is Uint8Array =>
  value instanceof Uint8Array && value.byteLength <= MAX_PICTURE_BYTES;

const isMessage: Guard<FromDriftView> = isAnyOf(
  isObjectOf<{ readonly type: 'ready' | 'cancel' | 'run' | 'compare' }>({
    type: isOneOf('ready', 'cancel', 'run', 'compare'),
  }),
  isObjectOf<{ readonly type: 'reveal' | 'detail'; readonly id: string }>({
    type: isOneOf('reveal', 'detail'),
    id: isText,
  }),
  isObjectOf<{ readonly type: 'hover'; readonly id: string | null }>({
    type: isOneOf('hover'),
    id: isNullOr(isText),
  }),
  isObjectOf<{ readonly type: 'export'; readonly format: 'csv' | 'json' }>({
    type: isOneOf('export'),
    format: isOneOf('csv', 'json'),
  }),
  isObjectOf<{ readonly type: 'export'; readonly format: 'png'; readonly bytes: Uint8Array }>({
    type: isOneOf('export'),
    format: isOneOf('png'),
    bytes: isPicture,
  }),
);

const isFigure = isAnyOf(isNumber, isOneOf('not finite'));
const isDecibels = isAnyOf(isNumber, isOneOf('identical'));

const isMetrics = isObjectOf<MetricsReport>({
  maxAbs: isFigure,
  meanAbs: isFigure,
  rms: isFigure,
  relL2: isFigure,
  sqnrDb: isAnyOf(isFigure, isOneOf('identical')),
  cosine: isNumber,
  maxUlp: isFigure,
});

const isSentence = isObjectOf<DriftSentence>({
  code: isOneOf(...typedKeys(driftSentences)),
  args: isListOf(isText),
  sentence: isText,
});

const isReason = isObjectOf<Reason>({
  code: isOneOf(...typedKeys(reasonSentences)),
  message: isText,
  args: isListOf(isText),
});

const isExplanation = isBoth(
  isSentence,
  isObjectOf<Pick<Explanation, 'recipe' | 'eps' | 'bn'>>({
    recipe: isOneOf(...recipes),
    eps: isNullOr(isNumber),
    bn: isNullOr(isText),
  }),
);

const isQuantization = isObjectOf<QuantizationReport>({
  spreadBefore: isNumber,
  spreadAfter: isNumber,
  int8TensorDb: isDecibels,
  int8ChannelDb: isDecibels,
  fp16Overflow: isNumber,
  fp16Subnormal: isNumber,
  deadChannels: isNumber,
  negativeGamma: isNumber,
  outputRange: isObjectOf({
    min: isNumber,
    max: isNumber,
    activation: isText,
  }),
});

const isLayer = isObjectOf<DriftLayerReport>({
  id: isText,
  candidate: isNullOr(isText),
  dtype: isOneOf('f32', 'f64', 'f16', 'bf16'),
  isolated: isNullOr(isMetrics),
  accumulated: isNullOr(isMetrics),
  label: isNullOr(isOneOf('ok', 'warn', 'bad')),
  explanation: isNullOr(isExplanation),
  quantization: isNullOr(isQuantization),
});

const isReport = isObjectOf<Omit<DriftReport, 'noteReason' | 'error'>>({
  schema: isOneOf(1),
  reference: isText,
  candidate: isNullOr(isText),
  runtime: isNullOr(isText),
  note: isNullOr(isText),
  seed: isNumber,
  samples: isNumber,
  layers: isListOf(isLayer),
  outputs: isListOf(isBoth(isObjectOf<{ readonly name: string }>({ name: isText }), isMetrics)),
  left: isListOf(isObjectOf({ id: isText, reasons: isListOf(isReason) })),
  attention: isListOf(isBoth(isObjectOf<{ readonly id: string }>({ id: isText }), isSentence)),
});

const isKept = isObjectOf<KeptDrift>({
  subject: isObjectOf({ reference: isText, candidate: isNullOr(isText) }),
  report: isNullOr(isReport),
});

function typedKeys<K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(record) as K[];
}
