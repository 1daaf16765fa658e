import type { ProgramGraph } from '../graph/programGraph';
import { tensorsIn, type ProgramValue } from '../graph/programValue';
import { asProgramValue, type ScriptValue } from './scriptValue';

/** Variables of a function by name. */
export type Scope = Map<string, ScriptValue>;

/** What a variable may be after one of two branches: itself where both agree, else an edge from both. */
export function mergeValues(a: ScriptValue, b: ScriptValue, graph: ProgramGraph): ScriptValue {
  if (a === b) return a;
  if (a.kind === 'constant' && b.kind === 'constant' && a.value === b.value) return a;
  if (a.kind === 'module' && b.kind === 'module' && a.module.object === b.module.object) return a;
  if (a.kind === 'tensor' && b.kind === 'tensor') {
    if (a.edge === b.edge) return a;
    const rank = a.rank === b.rank ? a.rank : null;
    return graph.node({ name: 'either', opType: 'If', domain: 'prim', inputs: [a, b], rank });
  }
  const from = [asProgramValue(a), asProgramValue(b)].flatMap((value) => tensorsIn(value));
  return { kind: 'unknown', from };
}

/** Gives `scope` what its variables are after one of two branches; a variable of one branch only is gone. */
export function mergeScopes(scope: Scope, a: Scope, b: Scope, graph: ProgramGraph): void {
  scope.clear();
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other !== undefined) scope.set(name, mergeValues(value, other, graph));
  }
}

/** Makes one scope hold what another does. */
export function replaceScope(scope: Scope, by: Scope): void {
  scope.clear();
  for (const [name, value] of by) scope.set(name, value);
}

/** The value as an unknown one that depends on everything in it. */
export function unknownFrom(values: readonly ProgramValue[]): ProgramValue {
  return { kind: 'unknown', from: values.flatMap((value) => tensorsIn(value)) };
}
