import { availableParallelism } from 'node:os';
import type * as Runtime from 'onnxruntime-common';
import type { RuntimeChoice } from '../../../protocol/drift';

export interface LoadedRuntime {
  readonly ort: typeof Runtime;
  readonly kind: 'native' | 'wasm';
  /** For the report: `onnxruntime-node 1.30.0 (native)`, with the reason when it is not the first choice. */
  readonly description: string;
}

/**
 * The runtime to run networks in. Native is 15 times as fast as WebAssembly (`npm run bench` measures it), but its
 * binary is there only where the package was installed for this platform.
 * @throws Error when the runtime that was asked for cannot be loaded.
 */
export function loadRuntime(choice: RuntimeChoice): LoadedRuntime {
  if (choice === 'wasm') return loadWasm('chosen by the user');
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- may be absent, which is no error
    const ort = require('onnxruntime-node') as typeof Runtime;
    return { ort, kind: 'native', description: `onnxruntime-node ${version(ort)} (native)` };
  } catch (error) {
    if (choice === 'native') {
      throw new Error(`The native ONNX Runtime cannot be loaded here: ${firstLine(error)}`, {
        cause: error,
      });
    }
    return loadWasm('the native binary is not there');
  }
}

function loadWasm(reason: string): LoadedRuntime {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- read only when it is needed
  const ort = require('onnxruntime-web') as typeof Runtime;
  ort.env.wasm.numThreads = Math.min(availableParallelism(), MAX_WASM_THREADS);
  return {
    ort,
    kind: 'wasm',
    description: `onnxruntime-web ${version(ort)} (WebAssembly: ${reason})`,
  };
}

/** Beyond this, convolutions in WebAssembly gain nothing from a further thread. */
const MAX_WASM_THREADS = 8;

function version(ort: typeof Runtime): string {
  return ort.env.versions.common;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
