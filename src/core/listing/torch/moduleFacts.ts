import type { Module, ModuleAttribute } from '../../model/network';
import { pythonLiteral, type LiteralStyle } from './pythonLiterals';

/** Attributes that PyTorch keeps as floats, also when they are whole (`scale_factor=2.0`). */
const floatNames: ReadonlySet<string> = new Set([
  'eps',
  'momentum',
  'p',
  'negative_slope',
  'alpha',
  'beta',
  'threshold',
  'k',
  'min_val',
  'max_val',
  'lambd',
  'lower',
  'upper',
  'scale_factor',
  'max_norm',
  'dropout',
]);

/** A module's attributes as an `extra_repr` reads them. */
export class ModuleFacts {
  constructor(readonly module: Module) {}

  get hasBias(): boolean {
    return this.module.tensors.has('bias');
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.module.attributes?.has(name));
  }

  value(name: string): ModuleAttribute {
    return this.module.attributes?.get(name) ?? null;
  }

  text(name: string, style?: LiteralStyle): string {
    return pythonLiteral(this.value(name), style ?? (floatNames.has(name) ? 'float' : 'plain'));
  }

  /** `name=value`, for each name. */
  named(...names: readonly string[]): string[] {
    return names.map((name) => `${name}=${this.text(name)}`);
  }

  /** `name=value`, or nothing where the value is the default that PyTorch leaves out. */
  unless(name: string, isDefault: (value: ModuleAttribute) => boolean): string[] {
    return isDefault(this.value(name)) ? [] : this.named(name);
  }

  get inplace(): string[] {
    return this.value('inplace') === true ? ['inplace=True'] : [];
  }
}

/** Whether all items of a tuple are `item`. */
export function isAll(item: number): (value: ModuleAttribute) => boolean {
  return (value) => Array.isArray(value) && value.every((each) => each === item);
}
