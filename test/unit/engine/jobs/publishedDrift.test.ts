import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, it } from 'node:test';
import { InferenceSession } from 'onnxruntime-node';
import { join, sub } from '../../../support/onnxBytes';
import { runCliJson } from '../../../support/runCli';
import { temporaryFolder } from '../../../support/temporaryFolder';
import { payloadOf, wireFields } from '../../../support/wireFields';

/** Folder with published networks that are not part of the project; without it there is nothing to test here. */
const folder = process.env['FUSEBN_MODELS'];

if (folder !== undefined) {
  describe('version-RFB-320.pth against its exported twin after ONNX Runtime’s optimizer', () => {
    for (const level of ['basic', 'extended', 'all'] as const) {
      it(`is matched and found right in all 35 pairs at level ${level}, where no name survives`, async (test) => {
        const optimized = joinPath(temporaryFolder(test), 'optimized.onnx');
        const exported = readFileSync(joinPath(folder, 'version-RFB-320.onnx'));
        const session = await InferenceSession.create(withConstantWeights(exported), {
          graphOptimizationLevel: level,
          optimizedModelFilePath: optimized,
          logSeverityLevel: 3,
        });
        await session.release();
        const { json } = await runCliJson([
          'drift',
          joinPath(folder, 'version-RFB-320.pth'),
          optimized,
        ]);
        const layers = json['layers'] as { label: string; explanation: { recipe: string } }[];
        const found = layers.map(({ label, explanation }) => `${label} ${explanation.recipe}`);
        assert.deepEqual(found, new Array(35).fill('ok right-in-float32'));
      });
    }
  });
}

/** The file lists its weights as inputs too, as exporters of its time did; the optimizer leaves what a caller may change. */
function withConstantWeights(model: Uint8Array): Uint8Array {
  const [graphField, inputField, initializerField] = [7, 11, 5];
  const nameOf = (message: Uint8Array, field: number): string =>
    Buffer.from(payloadOf(message, field)).toString();
  const parts = wireFields(model).map((part) => {
    if (part.number !== graphField) return part.whole;
    const fields = wireFields(part.payload);
    const weights = new Set(
      fields
        .filter(({ number }) => number === initializerField)
        .map(({ payload }) => nameOf(payload, 8)),
    );
    const kept = fields.filter(
      ({ number, payload }) => number !== inputField || !weights.has(nameOf(payload, 1)),
    );
    return sub(graphField, ...kept.map(({ whole }) => whole));
  });
  return join(...parts);
}
