import type { ProgramValue } from '../graph/programValue';
import type { ScriptModule } from './scriptModules';

/** A value of TorchScript code: one of a program, or something only the code's own world has. */
export type ScriptValue =
  | ProgramValue
  | { readonly kind: 'module'; readonly module: ScriptModule }
  | { readonly kind: 'method'; readonly module: ScriptModule; readonly name: string }
  /** A dotted name: `torch.conv2d`, `__torch__.torch.nn.functional.relu`, `ops.prim.data`. */
  | { readonly kind: 'path'; readonly path: string };

/** The code does something that cannot be followed without running it. Never leaves the reader of TorchScript. */
export class NotFollowed extends Error {
  override readonly name = 'NotFollowed';
}

/** The code raises an exception here, in the branch that is being followed. */
export class Raised extends Error {
  override readonly name = 'Raised';
}

/** A value that may be stored in lists and given to operators. */
export function asProgramValue(value: ScriptValue): ProgramValue {
  switch (value.kind) {
    case 'module':
    case 'method':
    case 'path':
      return { kind: 'unknown', from: [] };
    default:
      return value;
  }
}
