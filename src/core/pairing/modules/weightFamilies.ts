import { isSparseClass } from './classNames';
import { convWeight, readingsOf, type WeightFamily } from './convReading';
import type { ModuleNode } from './moduleNode';
import type { Link } from './rules/link';

/** The family of a convolution's weight, with what told it; `ambiguous` when nothing did. */
export interface FamilyFinding {
  readonly family: WeightFamily | 'ambiguous';
  /** Plain words for LAYOUT_FOUND. */
  readonly evidence: string;
}

/** The families of all linked convolutions that could be sparse. Others are dense and not in the map. */
export type WeightFamilies = ReadonlyMap<ModuleNode, FamilyFinding>;

/** A convolution and a norm that belongs to it, as far as channels go. */
export type Layers = Pick<Link, 'conv' | 'norm'>;

/** What is asked for by `--layout`. */
export type LayoutChoice = 'auto' | 'spconv1' | 'spconv2';

const CHOSEN = 'chosen by the user';
const NEIGHBOURS = 'other weights of the file tell';
const OPEN = 'its shape allows both';

/**
 * Tells dense from sparse weights, and spconv 1 from spconv 2 (FOLDING.md C3). A weight whose shape allows one
 * reading only is a vote; one that allows several follows the votes nearest to it in the tree, else its kernel, and
 * where that is no cube either, the weights that were told so. spconv's two layouts never stand in one file, so votes
 * for both leave every sparse weight ambiguous.
 */
export function weightFamilies(links: readonly Layers[], choice: LayoutChoice): WeightFamilies {
  const candidates = new Map<ModuleNode, ReadonlySet<WeightFamily>>();
  for (const { conv, norm } of links) {
    const families = possibleFamilies(conv, channelsOf(norm), choice);
    if (families !== null) candidates.set(conv, families);
  }
  const votes = new Votes(candidates);
  const findings = new Map<ModuleNode, FamilyFinding>();
  for (const [conv, families] of candidates) {
    const finding = decide(conv, families, votes, choice);
    if (finding !== null) findings.set(conv, finding);
  }
  followNeighbours(findings, candidates);
  return findings;
}

/** What its own shape leaves open follows the weights whose kernels told, if there are any. */
function followNeighbours(
  findings: Map<ModuleNode, FamilyFinding>,
  candidates: ReadonlyMap<ModuleNode, ReadonlySet<WeightFamily>>,
): void {
  const open = [...findings].filter(([, { evidence }]) => evidence === OPEN);
  if (open.length === 0) return;
  const told = new Map<ModuleNode, ReadonlySet<WeightFamily>>();
  for (const conv of candidates.keys()) {
    const family = findings.get(conv)?.family ?? 'dense';
    if (family !== 'ambiguous') told.set(conv, new Set([family]));
  }
  const votes = new Votes(told);
  for (const [conv] of open) {
    const near = votes.nearest(conv, candidates.get(conv) ?? new Set());
    if (near === 'dense') findings.delete(conv);
    else if (near !== null) findings.set(conv, { family: near, evidence: NEIGHBOURS });
  }
}

/** Channels of a norm; 0 when they are not known. */
export function channelsOf(norm: ModuleNode): number {
  const tensors = norm.module?.tensors;
  const tensor = tensors?.get('running_mean') ?? tensors?.get('weight');
  return tensor?.shape[0] ?? 0;
}

function possibleFamilies(
  conv: ModuleNode,
  channels: number,
  choice: LayoutChoice,
): ReadonlySet<WeightFamily> | null {
  const shape = convWeight(conv)?.shape ?? [];
  const className = conv.className;
  const isSparse = className === null ? null : isSparseClass(className);
  if (isSparse === false || (shape.length !== 4 && shape.length !== 5)) return null;
  const families: WeightFamily[] = isSparse === true ? [] : ['dense'];
  if (choice !== 'spconv2') families.push('spconv1');
  if (choice !== 'spconv1') families.push('spconv2');
  const fitting = families.filter((family) => readingsOf(shape, channels, family).length > 0);
  if (isMarkedAsSpconv2(conv) && fitting.includes('spconv2')) return new Set(['spconv2']);
  return new Set(fitting);
}

/**
 * mmdet3d marks its sparse modules of the new layout in the state_dict's own metadata. Others count their versions too:
 * convolutions in training for quantization, with a BatchNorm inside, and deformable ones.
 */
function isMarkedAsSpconv2({ module, children }: ModuleNode): boolean {
  const hasOtherParts = children.some(({ name }) => /^bn$|fake_quant|offset/.test(name));
  return module?.version === 2 && !hasOtherParts;
}

function decide(
  conv: ModuleNode,
  families: ReadonlySet<WeightFamily>,
  votes: Votes,
  choice: LayoutChoice,
): FamilyFinding | null {
  const [only] = families;
  if (only === undefined) return null;
  if (families.size === 1) {
    if (only === 'dense') return null;
    if (choice === 'auto' && votes.areMixed) {
      return { family: 'ambiguous', evidence: 'other weights of the file say the opposite' };
    }
    return { family: only, evidence: evidenceOf(conv, choice) };
  }
  const near = votes.nearest(conv, families);
  if (near !== null) {
    return near === 'dense' ? null : { family: near, evidence: NEIGHBOURS };
  }
  if (choice !== 'auto' && families.has(choice)) return { family: choice, evidence: CHOSEN };
  // Two dimensions are dense unless the file shows otherwise; three are told by the kernel that is a cube.
  if (convWeight(conv)?.shape.length === 4 && families.has('dense')) return null;
  const cubic = [...families].filter((family) => hasCubicKernel(conv, family));
  const [cube] = cubic;
  if (cube === undefined || cubic.length > 1) {
    return { family: 'ambiguous', evidence: OPEN };
  }
  return cube === 'dense' ? null : { family: cube, evidence: 'only so its kernel is a cube' };
}

function evidenceOf(conv: ModuleNode, choice: LayoutChoice): string {
  if (choice !== 'auto') return CHOSEN;
  if (isMarkedAsSpconv2(conv)) return 'the file marks its version as 2';
  return 'its shape fits the BatchNorm’s channels in no other layout';
}

function hasCubicKernel(conv: ModuleNode, family: WeightFamily): boolean {
  const shape = convWeight(conv)?.shape ?? [];
  const kernel =
    family === 'dense'
      ? shape.slice(2)
      : family === 'spconv1'
        ? shape.slice(0, -2)
        : shape.slice(1, -1);
  return kernel.every((extent) => extent === kernel[0]);
}

/**
 * Families of the weights that allow one reading, in every block they lie in. Dense weights speak for those over as
 * many dimensions only: a network with dense images and sparse points is what sparse convolutions are made for.
 */
class Votes {
  private readonly votesByScope = new Map<ModuleNode, Set<string>>();
  readonly areMixed: boolean;

  constructor(candidates: ReadonlyMap<ModuleNode, ReadonlySet<WeightFamily>>) {
    const seen = new Set<WeightFamily>();
    for (const [conv, families] of candidates) {
      const [family] = families;
      if (family === undefined || families.size !== 1) continue;
      seen.add(family);
      for (let scope = conv.parent; scope !== null; scope = scope.parent) {
        const votes = this.votesByScope.get(scope) ?? new Set();
        this.votesByScope.set(scope, votes.add(voteOf(conv, family)));
      }
    }
    this.areMixed = seen.has('spconv1') && seen.has('spconv2');
  }

  /** The family that alone has votes in the nearest block where any of these has; null when there is none. */
  nearest(conv: ModuleNode, families: ReadonlySet<WeightFamily>): WeightFamily | null {
    for (let scope = conv.parent; scope !== null; scope = scope.parent) {
      const votes = this.votesByScope.get(scope);
      const voted = [...families].filter((family) => votes?.has(voteOf(conv, family)) === true);
      if (voted.length > 0) return voted.length === 1 ? (voted[0] ?? null) : null;
    }
    return null;
  }
}

function voteOf(conv: ModuleNode, family: WeightFamily): string {
  return family === 'dense' ? `dense ${convWeight(conv)?.shape.length ?? 0}` : family;
}
