/** What every compiled module of assembly/ has. */
export interface WasmExports {
  readonly memory: WasmMemory;
}

/** Linear memory; growing it takes its old buffer away. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/**
 * The little of WebAssembly that is needed. TypeScript declares it among the browser's types only, which core must
 * not see; the language's engines all have it.
 */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** An instance of a module of assembly/, compiled from hexadecimal; `Exports` is what its source says. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows what it compiled.
export function instantiate<Exports extends WasmExports>(hexadecimal: string): Exports {
  const bytes = Uint8Array.from(hexadecimal.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return exports as Exports;
}
