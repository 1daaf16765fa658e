import type { LayerPlace } from '../../../src/core/listing/listing';
import { reason } from '../../../src/core/model/reason';
import { listingView, type ListingView } from '../../../src/server/listingView';
import { inspectReport, pairReport } from '../../support/reports';

/** A layer on a line of its own: `["name"] …`. */
export function place(name: string, line: number, patch: Partial<LayerPlace> = {}): LayerPlace {
  const shape = { column: 2, length: name.length, endLine: line, parent: null };
  return { name, type: 'Conv', line, ...shape, ...patch };
}

/** A listing with a pair of each verdict: `stem` fusable, `up` skipped, `mix` blocked by data flow. */
export function everyVerdict(patch: Partial<ListingView> = {}): ListingView {
  const pairs = [
    pairReport({ id: 'stem', reasons: [reason('DEAD_CHANNELS', 2, 8)] }),
    pairReport({
      id: 'up',
      verdict: 'skipped',
      conv: { type: 'ConvTranspose', layout: 'IO*' },
      reasons: [reason('POLICY_BEVFUSION', 'ConvTranspose')],
    }),
    pairReport({
      id: 'mix',
      verdict: 'blocked',
      reasons: [reason('CONV_OUTPUT_REUSED', 'Add_12'), reason('DEAD_CHANNELS', 1, 8)],
    }),
  ];
  const places = ['stem', 'stem_bn', 'up', 'up_bn', 'mix', 'mix_bn'].map((name, idx) =>
    place(name, 10 + idx),
  );
  const about = { variant: 'original', modelPath: '/models/net.onnx' } as const;
  return { ...listingView({ places }, inspectReport(pairs), about), ...patch };
}
