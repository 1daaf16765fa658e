import type { ModuleNode } from '../moduleNode';

/**
 * How a convolution and a norm were brought together: `child` the norm is a part of the convolution's module ·
 * `sequence` neighbours in a Sequential · `tag` their names say the same · `list` equal places in two lists ·
 * `order` only the norm directly behind the convolution · `shift` the norm of the next pre-activation unit.
 */
export type LinkRule = 'child' | 'sequence' | 'tag' | 'list' | 'order' | 'shift';

/** A convolution that names or order propose for a norm. Channels are not looked at yet. */
export interface Link {
  readonly norm: ModuleNode;
  readonly conv: ModuleNode;
  readonly rule: LinkRule;
  /** The scope in which both were found. */
  readonly scope: ModuleNode;
}

/** What one rule says of a norm: a link, an obstacle it sees, or nothing (null). */
export type RuleFinding =
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'obstacle'; readonly conv: ModuleNode | null; readonly obstacle: Obstacle };

/** Why the convolution in front of a norm is not taken for its own. */
export type Obstacle =
  | { readonly kind: 'activation'; readonly what: string }
  | { readonly kind: 'operator'; readonly what: string }
  | { readonly kind: 'unproved'; readonly why: string };
