import { none, tensorsIn, type ProgramValue, type TensorValue } from '../graph/programValue';
import { computeConstant } from './computeConstant';
import { Evaluator, MAX_ROUNDS, truthOf } from './evaluator';
import { mergeScopes, mergeValues, replaceScope, type Scope } from './mergeValues';
import type { ScriptModule } from './scriptModules';
import { asProgramValue, NotFollowed, Raised, type ScriptValue } from './scriptValue';
import type { Block, Expression, FunctionDef, Statement } from './syntax';

const MAX_CALL_DEPTH = 100;

/**
 * Follows TorchScript code without running it. Where the code branches on something that only a run could tell, both
 * branches are followed and what they leave is merged; a branch that raises an exception is not taken, and a loop of
 * unknown length is followed once.
 */
export class Interpreter extends Evaluator {
  private depth = 0;

  /**
   * Follows `forward` of the root module; returns the tensors it gives back.
   * @throws NotFollowed when the code does what this cannot follow.
   */
  runForward(root: ScriptModule): readonly TensorValue[] {
    const method = this.methodOf(root, 'forward');
    if (method === null) throw new NotFollowed('the module has no forward');
    const [, ...inputs] = method.parameters;
    const args = inputs.map(({ name, type, absent }): ScriptValue => {
      if (absent?.kind === 'literal') return { kind: 'constant', value: absent.value };
      if (isTensorType(type)) return this.graph.input(name, null);
      return { kind: 'unknown', from: [] };
    });
    const result = this.call(method, root, args, new Map(), root.path);
    return tensorsIn(asProgramValue(result));
  }

  protected call(
    callee: FunctionDef,
    self: ScriptModule | null,
    args: readonly ScriptValue[],
    named: ReadonlyMap<string, ScriptValue>,
    path: string,
  ): ScriptValue {
    if (++this.depth > MAX_CALL_DEPTH) throw new NotFollowed('calls nest too deep');
    const scope: Scope = new Map();
    const values = self === null ? args : [{ kind: 'module', module: self } as const, ...args];
    callee.parameters.forEach(({ name, absent }, idx) => {
      const given = named.get(name) ?? values[idx];
      const value = given ?? (absent === null ? none : this.evaluate(absent, scope, path));
      scope.set(name, value);
    });
    const result = this.runBlock(callee.body, scope, path);
    this.depth--;
    return result ?? none;
  }

  private runBlock(block: Block, scope: Scope, path: string): ScriptValue | null {
    for (const statement of block) {
      this.countStep();
      const result = this.runStatement(statement, scope, path);
      if (result !== null) return result;
    }
    return null;
  }

  private runStatement(statement: Statement, scope: Scope, path: string): ScriptValue | null {
    switch (statement.kind) {
      case 'assign': {
        const value = this.evaluate(statement.value, scope, path);
        for (const target of statement.targets) this.assign(target, value, scope, path);
        return null;
      }
      case 'evaluate':
        this.evaluate(statement.value, scope, path);
        return null;
      case 'return':
        return statement.value === null ? none : this.evaluate(statement.value, scope, path);
      case 'if':
        return this.runIf(statement, scope, path);
      case 'for':
        return this.runFor(statement, scope, path);
      case 'while':
        return this.runWhile(statement, scope, path);
      case 'with':
        for (const context of statement.contexts) this.evaluate(context, scope, path);
        return this.runBlock(statement.body, scope, path);
    }
  }

  private runIf(
    statement: Statement & { kind: 'if' },
    scope: Scope,
    path: string,
  ): ScriptValue | null {
    const { yes, no } = statement;
    const known = truthOf(this.evaluate(statement.condition, scope, path));
    if (known !== null) return this.runBlock(known ? yes : no, scope, path);
    const left = this.runBranch(yes, scope, path);
    const right = this.runBranch(no, scope, path);
    const only = left ?? right;
    if (only === null) throw new Raised();
    if (left === null || right === null) {
      replaceScope(scope, only.scope);
      return only.result;
    }
    mergeScopes(scope, left.scope, right.scope, this.graph);
    if (left.result === null && right.result === null) return null;
    if (left.result === null || right.result === null) {
      throw new NotFollowed('one branch returns and the other does not');
    }
    return mergeValues(left.result, right.result, this.graph);
  }

  /** Follows a branch on a copy of the variables; null when it raises. */
  private runBranch(
    block: Block,
    scope: Scope,
    path: string,
  ): { readonly scope: Scope; readonly result: ScriptValue | null } | null {
    const copy: Scope = new Map(scope);
    const { depth } = this;
    try {
      return { scope: copy, result: this.runBlock(block, copy, path) };
    } catch (cause) {
      if (!(cause instanceof Raised)) throw cause;
      this.depth = depth;
      return null;
    }
  }

  private runFor(
    statement: Statement & { kind: 'for' },
    scope: Scope,
    path: string,
  ): ScriptValue | null {
    const items = this.evaluate(statement.over, scope, path);
    if (items.kind !== 'list') return this.runOnce(statement.body, statement.target, scope, path);
    if (items.items.length > MAX_ROUNDS) throw new NotFollowed('a loop is too long');
    for (const item of items.items.slice()) {
      this.assign(statement.target, item, scope, path);
      const result = this.runBlock(statement.body, scope, path);
      if (result !== null) return result;
    }
    return null;
  }

  private runWhile(
    statement: Statement & { kind: 'while' },
    scope: Scope,
    path: string,
  ): ScriptValue | null {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const isOpen = truthOf(this.evaluate(statement.condition, scope, path));
      if (isOpen === null) return this.runOnce(statement.body, null, scope, path);
      if (!isOpen) return null;
      const result = this.runBlock(statement.body, scope, path);
      if (result !== null) return result;
    }
    throw new NotFollowed('a loop is too long');
  }

  /** A loop nobody knows the length of: its body may run or not. */
  private runOnce(body: Block, target: Expression | null, scope: Scope, path: string): null {
    const copy: Scope = new Map(scope);
    if (target !== null) this.assign(target, { kind: 'unknown', from: [] }, copy, path);
    const result = this.runBlock(body, copy, path);
    if (result !== null) throw new NotFollowed('a loop returns');
    mergeScopes(scope, new Map(scope), copy, this.graph);
    return null;
  }

  private assign(target: Expression, value: ScriptValue, scope: Scope, path: string): void {
    switch (target.kind) {
      case 'name':
        scope.set(target.name, value);
        return;
      case 'tuple':
      case 'list':
        target.items.forEach((item, idx) => {
          const index: ProgramValue = { kind: 'constant', value: idx };
          this.assign(item, this.itemOf(asProgramValue(value), index, path), scope, path);
        });
        return;
      case 'index': {
        const object = asProgramValue(this.evaluate(target.object, scope, path));
        const index = asProgramValue(this.evaluate(target.index, scope, path));
        computeConstant('_set_item', [object, index, asProgramValue(value)]);
        return;
      }
      default:
        throw new NotFollowed('a module is changed while it runs');
    }
  }
}

function isTensorType(type: Expression | null): boolean {
  if (type?.kind === 'name') return type.name === 'Tensor';
  const isOptional =
    type?.kind === 'index' && type.object.kind === 'name' && type.object.name === 'Optional';
  return isOptional && isTensorType(type.index);
}
