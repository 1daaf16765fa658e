import type { Tensor } from '../../../model/tensor';
import { entryOf, type PickleCall, type PickleValue } from '../../pickle/pickleValue';
import { joinPath } from '../../stateDict/joinPath';
import { OperatorArguments } from '../graph/operatorArguments';
import type { ProgramGraph } from '../graph/programGraph';
import { constantOf, none, type ProgramValue, type TensorValue } from '../graph/programValue';
import { translateOperator, type TranslationContext } from '../graph/translateOperator';
import { computeConstant, infixNames } from './computeConstant';
import { mergeValues, unknownFrom, type Scope } from './mergeValues';
import type { ScriptLibrary } from './scriptLibrary';
import { asScriptObject, listItems, scriptModule, type ScriptModule } from './scriptModules';
import { asProgramValue, NotFollowed, Raised, type ScriptValue } from './scriptValue';
import type { Call, Expression, FunctionDef } from './syntax';

/** Statements and expressions that are followed; a network of a thousand layers needs some ten thousand. */
const MAX_STEPS = 500_000;
/** Times around a loop of known length. */
export const MAX_ROUNDS = 10_000;

/** What following the code asks of the archive. */
export interface ScriptWorld {
  readonly library: ScriptLibrary;
  readonly context: TranslationContext;
  /** The tensor of that name; null when the archive has none. */
  tensorOf(name: string): Tensor | null;
  /** A constant that the code calls `CONSTANTS.c0`; null when the archive has none. */
  constantTensor(name: string): Tensor | null;
}

/**
 * Finds the values of TorchScript expressions without running anything; operators on tensors become nodes of the
 * graph. `path` is that of the module whose code is followed, and nodes are named after it.
 */
export abstract class Evaluator {
  protected readonly graph: ProgramGraph;
  private readonly pathByObject = new Map<PickleCall, string>();
  private readonly parameters = new Map<string, TensorValue>();
  private steps = 0;

  constructor(protected readonly world: ScriptWorld) {
    this.graph = world.context.graph;
  }

  /** Follows a function on arguments. */
  protected abstract call(
    callee: FunctionDef,
    self: ScriptModule | null,
    args: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue;

  protected evaluate(expression: Expression, scope: Scope, path: string): ScriptValue {
    this.countStep();
    const evaluated = (inner: Expression): ProgramValue =>
      asProgramValue(this.evaluate(inner, scope, path));
    switch (expression.kind) {
      case 'literal':
        return { kind: 'constant', value: expression.value };
      case 'name':
        return scope.get(expression.name) ?? { kind: 'path', path: expression.name };
      case 'attribute':
        return this.attribute(this.evaluate(expression.object, scope, path), expression.name, path);
      case 'index':
        return this.itemOf(evaluated(expression.object), evaluated(expression.index), path);
      case 'list':
      case 'tuple':
        return { kind: 'list', items: expression.items.map(evaluated) };
      case 'dict':
        return dictOf(expression.entries.map(([key, value]) => [evaluated(key), evaluated(value)]));
      case 'operator': {
        const operands = expression.operands.map(evaluated);
        return this.operator(
          infixNames.get(expression.name) ?? expression.name,
          'aten',
          operands,
          path,
        );
      }
      case 'choice': {
        const isYes = truthOf(this.evaluate(expression.condition, scope, path));
        if (isYes !== null) {
          return this.evaluate(isYes ? expression.yes : expression.no, scope, path);
        }
        const both = [expression.yes, expression.no].map((one) => this.evaluate(one, scope, path));
        const [yes = none, no = none] = both;
        return mergeValues(yes, no, this.graph);
      }
      case 'call':
        return this.evaluateCall(expression, scope, path);
    }
  }

  private attribute(object: ScriptValue, name: string, path: string): ScriptValue {
    switch (object.kind) {
      case 'module':
        return this.moduleAttribute(object.module, name);
      case 'path':
        if (object.path === 'CONSTANTS') return this.constantTensor(name);
        return { kind: 'path', path: `${object.path}.${name}` };
      case 'method':
        throw new NotFollowed('a method has an attribute');
      default:
        return this.operator(name, 'prim', [object], path);
    }
  }

  private moduleAttribute(module: ScriptModule, name: string): ScriptValue {
    const entry = entryOf(module.entries, name);
    if (entry === undefined) {
      const constant = this.world.library.classOf(module.qualifiedName)?.constants.get(name);
      if (constant !== undefined) return this.evaluate(constant, new Map(), module.path);
      return { kind: 'method', module, name };
    }
    const object = asScriptObject(entry.value);
    if (object !== null) {
      // A module that is registered twice is one module, under its first name.
      const path = this.pathByObject.get(object) ?? joinPath(module.path, name);
      this.pathByObject.set(object, path);
      return { kind: 'module', module: scriptModule(object, path) };
    }
    return this.attributeValue(entry.value, joinPath(module.path, name));
  }

  private attributeValue(value: PickleValue, name: string): ScriptValue {
    if (value === null || (typeof value !== 'object' && typeof value !== 'bigint')) {
      return { kind: 'constant', value };
    }
    const tensor = this.world.tensorOf(name);
    if (tensor !== null) return this.parameter(tensor);
    const items = listItems(value);
    if (items === null) return { kind: 'unknown', from: [] };
    const inner = items.map((item, idx) =>
      asProgramValue(this.attributeValue(item, `${name}.${idx}`)),
    );
    return { kind: 'list', items: inner };
  }

  private constantTensor(name: string): ScriptValue {
    const tensor = this.world.constantTensor(name);
    return tensor === null ? { kind: 'unknown', from: [] } : this.parameter(tensor);
  }

  private parameter(tensor: Tensor): TensorValue {
    const known = this.parameters.get(tensor.name) ?? this.graph.parameter(tensor);
    this.parameters.set(tensor.name, known);
    return known;
  }

  private evaluateCall({ callee, args, named }: Call, scope: Scope, path: string): ScriptValue {
    const target = this.evaluate(callee, scope, path);
    // Types are given as first arguments, and are no values.
    if (target.kind === 'path' && /^(annotate|unchecked_cast)$/.test(target.path)) {
      const [, value] = args;
      return value === undefined ? none : this.evaluate(value, scope, path);
    }
    const values = args.map((arg) => this.evaluate(arg, scope, path));
    const byName = new Map(named.map(([name, arg]) => [name, this.evaluate(arg, scope, path)]));
    switch (target.kind) {
      case 'method': {
        const method = this.methodOf(target.module, target.name);
        if (method === null) throw new NotFollowed(`there is no method ${target.name}`);
        return this.call(method, target.module, values, byName, target.module.path);
      }
      case 'path':
        return this.callPath(target.path, values, byName, path);
      default:
        throw new NotFollowed('something is called that is no function');
    }
  }

  private callPath(
    name: string,
    values: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue {
    const plain = values.map(asProgramValue);
    const [first] = values;
    if (name === 'ops.prim.RaiseException') throw new Raised();
    if (name === 'getattr' && first !== undefined) {
      const attribute = constantOf(plain[1]);
      if (typeof attribute === 'string') return this.attribute(first, attribute, path);
    }
    if (name === 'range') return rangeOf(plain);
    if (name === 'uninitialized') return { kind: 'unknown', from: [] };
    if (name.startsWith('__torch__.')) return this.callCode(name, values, named, path);
    const [, namespace = 'aten', operator = name] = /^ops\.(\w+)\.(\w+)$/.exec(name) ?? [];
    const short = operator === name ? name.replace(/^torch\./, '') : operator;
    const namedPlain = new Map([...named].map(([key, value]) => [key, asProgramValue(value)]));
    return this.operator(short, namespace, plain, path, namedPlain);
  }

  /** A function of the archive's own code, or the constructor of a tuple with names. */
  private callCode(
    name: string,
    values: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue {
    const callee = this.world.library.functionOf(name);
    if (callee === null) {
      return { kind: 'list', items: [...values, ...named.values()].map(asProgramValue) };
    }
    const functional = /^__torch__\.torch\.nn\.functional\.(?:___torch_mangle_\d+\.)?(\w+)$/.exec(
      name,
    );
    if (functional?.[1] === undefined) return this.call(callee, null, values, named, path);
    return this.functional(functional[1], callee, values, named, path);
  }

  /** `torch.nn.functional` is known: its functions are the operators of their names, in place where they are told so. */
  private functional(
    name: string,
    callee: FunctionDef,
    values: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue {
    const args = new Map<string, ProgramValue>();
    callee.parameters.forEach((parameter, idx) => {
      const given = named.get(parameter.name) ?? values[idx];
      const absent = parameter.absent && this.evaluate(parameter.absent, new Map(), path);
      args.set(parameter.name, asProgramValue(given ?? absent ?? none));
    });
    const [first] = callee.parameters;
    const input = first === undefined ? none : (args.get(first.name) ?? none);
    const isInPlace = constantOf(args.get('inplace')) === true;
    args.delete('inplace');
    if (first !== undefined) args.delete(first.name);
    return this.operator(isInPlace ? `${name}_` : name, 'aten', [input], path, args);
  }

  private operator(
    name: string,
    namespace: string,
    args: readonly ProgramValue[],
    path: string,
    named: ReadonlyMap<string, ProgramValue> = new Map(),
  ): ProgramValue {
    const computed = computeConstant(name, args);
    if (computed !== null) return computed;
    const call = new OperatorArguments(args, named);
    if (call.tensors().length === 0) return unknownFrom(args);
    return translateOperator({ name, namespace, args: call, path }, this.world.context);
  }

  protected itemOf(value: ProgramValue, index: ProgramValue, path: string): ProgramValue {
    return this.operator('__getitem__', 'aten', [value, index], path);
  }

  protected methodOf(module: ScriptModule, name: string): FunctionDef | null {
    return this.world.library.classOf(module.qualifiedName)?.methods.get(name) ?? null;
  }

  protected countStep(): void {
    if (++this.steps > MAX_STEPS) throw new NotFollowed('the code is too long');
  }
}

/** Whether a condition holds; null when only a run could tell. */
export function truthOf(value: ScriptValue): boolean | null {
  if (value.kind === 'list') return value.items.length > 0;
  return value.kind === 'constant' ? Boolean(value.value) : null;
}

function dictOf(entries: readonly (readonly [ProgramValue, ProgramValue])[]): ProgramValue {
  const known = new Map<string | number | boolean | null, ProgramValue>();
  for (const [key, value] of entries) {
    const name = constantOf(key);
    if (name === undefined) return unknownFrom(entries.flat());
    known.set(name, value);
  }
  return { kind: 'dict', entries: known };
}

function rangeOf(args: readonly ProgramValue[]): ProgramValue {
  const numbers = args.map(constantOf);
  if (!numbers.every((value) => typeof value === 'number')) return { kind: 'unknown', from: [] };
  const [first = 0, second] = numbers;
  const [start, end] = second === undefined ? [0, first] : [first, second];
  if (end - start > MAX_ROUNDS || numbers.length > 2) return { kind: 'unknown', from: [] };
  const items: ProgramValue[] = [];
  for (let value = start; value < end; value++) items.push({ kind: 'constant', value });
  return { kind: 'list', items };
}
