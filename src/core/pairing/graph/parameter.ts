import type { GraphNode } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import { someUses, type Scope, type Use, type Value } from './graphIndex';

/** A parameter of a layer: what a node reads at one of its inputs, resolved to the tensor that holds it. */
export interface Parameter {
  /** The tensor; one without location when the value is no constant of the file. */
  readonly tensor: Tensor;
  readonly origin: ParameterOrigin;
  /** Readers of the stored tensor besides this input of this node. */
  readonly otherUses: readonly Use[];
}

export type ParameterOrigin =
  | { readonly kind: 'constant' }
  /** An initializer that is a graph input too, as all of the file's are; taken as a constant. */
  | { readonly kind: 'assumed' }
  /** An initializer that a caller may override, because it is a graph input too (IR version 4 and later). */
  | { readonly kind: 'overridable'; readonly name: string }
  | { readonly kind: 'computed'; readonly by: GraphNode | null };

/** From IR version 4 on an initializer need not be a graph input; one that is has a mere default value. */
const FIRST_IR_WITH_DEFAULTS = 4;
/** Exporters chain one or two; a file with more is hostile or cyclic. */
const MAX_IDENTITIES = 16;

/** The parameter at input `index` of `node`, or null when the node has none there. Identity nodes are seen through. */
export function readParameter(scope: Scope, node: GraphNode, index: number): Parameter | null {
  const name = node.inputs[index] ?? '';
  if (name === '') return null;
  const passed: GraphNode[] = [];
  const values = [scope.resolve(name)];
  for (let hop = 0; hop < MAX_IDENTITIES; hop++) {
    const value = values.at(-1);
    const producer = value?.producer;
    if (!value || producer?.opType !== 'Identity' || producer.domain !== '') break;
    passed.push(producer);
    values.push(value.scope.resolve(producer.inputs[0] ?? ''));
  }
  const value = values.at(-1) ?? null;
  const stored = value?.initializer ?? value?.producer?.constant;
  if (!value || !stored || values.some((step) => step?.isDefinedTwice === true)) {
    const by = value?.producer ?? null;
    return absentParameter(name, by);
  }
  const isOwn = (use: Use): boolean =>
    use.kind === 'node' && (use.node === node ? use.input === index : passed.includes(use.node));
  const otherUses = values
    .flatMap((step) => (step ? someUses(step) : []))
    .filter((use) => !isOwn(use));
  return { tensor: stored, origin: originOf(value), otherUses };
}

function originOf({ name, isGraphInput, scope }: Value): ParameterOrigin {
  if (!isGraphInput || scope.network.irVersion < FIRST_IR_WITH_DEFAULTS) {
    return { kind: 'constant' };
  }
  return scope.keepsInitializersAsInputs ? { kind: 'assumed' } : { kind: 'overridable', name };
}

/** A parameter whose value is no constant of the file: `by` computes it, or nothing known does. */
export function absentParameter(name: string, by: GraphNode | null = null): Parameter {
  return {
    tensor: { name, dtype: 'other', shape: [], strides: [], location: { kind: 'absent' } },
    origin: { kind: 'computed', by },
    otherUses: [],
  };
}
