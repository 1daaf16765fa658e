import { InferenceSession } from 'onnxruntime-node';

/** The same fold by ONNX Runtime: its offline optimizer writes the optimized model. */
const [input = '', output = ''] = process.argv.slice(2);
async function optimize(): Promise<void> {
  const session = await InferenceSession.create(input, {
    graphOptimizationLevel: 'basic',
    optimizedModelFilePath: output,
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
  await session.release();
}
void optimize();
