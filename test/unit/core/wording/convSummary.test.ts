import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convSummary } from '../../../../src/core/wording/convSummary';

const summaries = [
  [{ type: 'Conv', shape: [32, 16, 3, 3], layout: 'OI*', groups: 1 }, 'Conv 16→32 3×3'],
  [{ type: 'Conv2d', shape: [32, 1, 5, 5], layout: 'OI*', groups: 32 }, 'Conv2d 32→32 5×5 /32'],
  [
    { type: 'ConvTranspose', shape: [8, 6, 2, 2], layout: 'IO*', groups: 2 },
    'ConvTranspose 8→12 2×2 /2',
  ],
  [
    { type: 'SubMConv3d', shape: [3, 3, 3, 5, 16], layout: '*IO', groups: 1 },
    'SubMConv3d 5→16 3×3×3',
  ],
  [
    { type: 'SubMConv3d', shape: [16, 3, 1, 1, 5], layout: 'O*I', groups: 1 },
    'SubMConv3d 5→16 3×1×1',
  ],
  [{ type: 'Gemm', shape: [10, 64], layout: 'OI*', groups: 1 }, 'Gemm 64→10'],
] as const;

for (const [conv, summary] of summaries) {
  test(`sums up ${conv.type} in layout ${conv.layout} as ${summary}`, () => {
    assert.equal(convSummary(conv), summary);
  });
}
