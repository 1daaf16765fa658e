/** The part of Python that TorchScript writes. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
  | Call
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'operator'; readonly name: string; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    };

export interface Call {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
}

export type Statement =
  | { readonly kind: 'assign'; readonly targets: readonly Expression[]; readonly value: Expression }
  | { readonly kind: 'evaluate'; readonly value: Expression }
  | { readonly kind: 'return'; readonly value: Expression | null }
  | { readonly kind: 'if'; readonly condition: Expression; readonly yes: Block; readonly no: Block }
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly over: Expression;
      readonly body: Block;
    }
  | { readonly kind: 'while'; readonly condition: Expression; readonly body: Block }
  | { readonly kind: 'with'; readonly contexts: readonly Expression[]; readonly body: Block };

export type Block = readonly Statement[];

export interface FunctionDef {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Block;
}

export interface Parameter {
  readonly name: string;
  readonly type: Expression | null;
  /** Its value when the call gives none. */
  readonly absent: Expression | null;
}

export interface ClassDef {
  readonly name: string;
  /** `Final` and other attributes that the class itself gives a value. */
  readonly constants: ReadonlyMap<string, Expression>;
  readonly methods: ReadonlyMap<string, FunctionDef>;
}

/** One file of code. */
export interface ScriptFile {
  readonly classes: ReadonlyMap<string, ClassDef>;
  readonly functions: ReadonlyMap<string, FunctionDef>;
  /** How long the code is. */
  readonly tokenCount: number;
}
