/** What a module's own name says, its role aside: `conv2_1x1` and `norm2` both say the number 2 and nothing more. */
export interface NameWords {
  /** Words that are neither role nor size, lower case: `dw`, `expand`, `a`. */
  readonly words: readonly string[];
  readonly numbers: readonly number[];
  /** Sizes of kernels (`3x3`), which tell layers apart that say the same otherwise. */
  readonly sizes: readonly string[];
  /** Whether a word of the name says convolution, or normalisation. */
  readonly saysConv: boolean;
  /** Whether the word for a convolution is one for a linear layer (`fc`), which some norms repeat (`fc_bn1`). */
  readonly saysLinear: boolean;
  readonly saysNorm: boolean;
}

const linearWords: readonly string[] = ['fc', 'linear', 'lin'];
const convWords = new Set(['conv', 'convs', 'convolution', 'cv', ...linearWords]);
const normWords = new Set([
  'bn',
  'bns',
  'norm',
  'norms',
  'batchnorm',
  'batch',
  'batchnormalization',
  'normalization',
  'nrm',
  'adn',
]);
/** Words that come with a norm that holds its activation (`norm_act`), and say nothing of which one it is. */
const activationWords = new Set(['act', 'activ', 'activation']);

/** Sizes of kernels and dimensions (`3x3`, `kxk`, `2d`) look like numbers and number nothing. */
const sizeWord = /^(\d+x\d+(x\d+)?|kxk|[123]d)$/;
const kernelSize = /^(\d+x\d+(x\d+)?|kxk)$/;

/** Takes one segment of a module's path apart. */
export function nameWords(name: string): NameWords {
  // `c` is short for convolution where it comes first (`c1x1_c`), and a letter like others elsewhere.
  const tokens = tokensOf(name).map((token, i) => (token === 'c' && i === 0 ? 'conv' : token));
  const saysNorm = tokens.some((token) => normWords.has(token));
  const rest = tokens.filter(
    (token) =>
      !sizeWord.test(token) &&
      !convWords.has(token) &&
      !normWords.has(token) &&
      !(saysNorm && activationWords.has(token)),
  );
  return {
    words: rest.filter((token) => !/^\d+$/.test(token)),
    numbers: rest.filter((token) => /^\d+$/.test(token)).map(Number),
    sizes: tokens.filter((token) => kernelSize.test(token)),
    saysConv: tokens.some((token) => convWords.has(token)),
    saysLinear: tokens.some((token) => linearWords.includes(token)),
    saysNorm,
  };
}

function tokensOf(name: string): string[] {
  return name
    .replace(/(conv|bn|norm)([123]d)(?![0-9])/gi, '$1_$2_')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap((part) => (sizeWord.test(part) ? [part] : splitDigits(part)))
    .flatMap(splitRole)
    .filter((part) => part !== '');
}

function splitDigits(part: string): string[] {
  return part.match(/\d+x\d+(?:x\d+)?|kxk|\d+|[a-z]+?(?=\d|kxk|$)/g) ?? [];
}

/** Takes the role off a word it is glued to: `dwconv`, `bottlenecknorm`. */
function splitRole(token: string): string[] {
  const [, word, role] = /^([a-z]{2,})(conv|norm|bn)$/.exec(token) ?? [];
  if (word === undefined || role === undefined || normWords.has(token)) return [token];
  return [word, role];
}

/** Whether two names say the same of which layer they belong to: `conv_dw`/`bn_dw`, `separable_1`/`bn_sep_1`. */
export function haveSameTag(a: NameWords, b: NameWords): boolean {
  return sameNumbers(a, b) && sameWords(a.words, b.words) && !haveOtherSizes(a, b);
}

/** Whether both names give sizes of kernels, and other ones: `conv_3x3_1` and `bn_conv_1x1_1`. */
function haveOtherSizes(a: NameWords, b: NameWords): boolean {
  return a.sizes.length > 0 && b.sizes.length > 0 && a.sizes.join() !== b.sizes.join();
}

/** Whether the numbers agree and one name merely says more than the other: `conv2_expand`/`bn2`. */
export function haveLikeTag(a: NameWords, b: NameWords): boolean {
  const [less, more] = a.words.length <= b.words.length ? [a, b] : [b, a];
  return (
    a.numbers.length > 0 &&
    sameNumbers(a, b) &&
    !haveOtherSizes(a, b) &&
    less.words.every((word) => more.words.some((other) => areSameWord(word, other)))
  );
}

/** Whether the names give different numbers, or words that have nothing in common: they name different layers. */
export function haveForeignTag(a: NameWords, b: NameWords): boolean {
  if (a.numbers.length > 0 && b.numbers.length > 0 && !sameNumbers(a, b)) return true;
  if (haveOtherSizes(a, b)) return true;
  return (
    b.words.length > 0 && !b.words.some((word) => a.words.some((other) => areSameWord(word, other)))
  );
}

function sameNumbers(a: NameWords, b: NameWords): boolean {
  return a.numbers.length === b.numbers.length && a.numbers.every((n, i) => n === b.numbers[i]);
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => areSameWord(word, b[i] ?? ''));
}

/** Equal, or one the abbreviation of the other. */
function areSameWord(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  return a === b || (shorter >= 3 && (a.startsWith(b) || b.startsWith(a)));
}

/** A path with every number replaced by `#`: equal for the blocks that one piece of code made. */
export function pathPattern(path: string): string {
  return path.replace(/\d+/g, '#');
}
