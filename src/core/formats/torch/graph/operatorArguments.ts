import { constantOf, intsOf, tensorsIn, type ProgramValue, type TensorValue } from './programValue';

/** A call of one of PyTorch's operators. */
export interface OperatorCall {
  /** `conv2d`, without namespace and overload. */
  readonly name: string;
  /** `aten`, `torchvision`… */
  readonly namespace: string;
  readonly args: OperatorArguments;
  /** What the node is named after: the path of the module that makes the call. */
  readonly path: string;
}

/** The arguments of a call, by position or by name. */
export class OperatorArguments {
  constructor(
    readonly positional: readonly ProgramValue[],
    readonly named: ReadonlyMap<string, ProgramValue>,
  ) {}

  value(position: number, name: string): ProgramValue | undefined {
    return this.named.get(name) ?? this.positional[position];
  }

  /** The tensor at a place; null for None and for what is no tensor. */
  tensor(position: number, name: string): TensorValue | null {
    const value = this.value(position, name);
    return value?.kind === 'tensor' ? value : null;
  }

  ints(position: number, name: string): readonly number[] | null {
    return intsOf(this.value(position, name));
  }

  constant(position: number, name: string): string | number | boolean | null | undefined {
    return constantOf(this.value(position, name));
  }

  /** Every tensor among the arguments, in lists too. */
  tensors(): readonly TensorValue[] {
    return [...this.positional, ...this.named.values()].flatMap((value) => tensorsIn(value));
  }
}
