import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openModel } from '../src/core/formats/openModel';
import type { OpenedModel } from '../src/core/model/openedModel';
import type { Pair, Pairing } from '../src/core/model/pair';
import { findPairs } from '../src/core/pairing/findPairs';
import { testify } from '../src/core/statistics/testify';
import { ModelFiles } from '../src/engine/files/modelFiles';

/**
 * How often the statistical test confirms a pair that is none: every BatchNorm of trained checkpoints is offered every
 * other convolution of its width, once beside the true pairs and once with nothing but wrong pairs in the file. Takes
 * checkpoints whose names tell the truth; without arguments the trained fixtures of that kind.
 */
const [root = '.', ...flags] = process.argv.slice(2);
const given = flags.filter((flag) => !flag.startsWith('--'));
const fixtures = join(root, 'test/fixtures/statistics');
/** What the other fixtures are for is that their names or statistics mislead. */
const honest =
  /^(concatenation|gelu|half|mobile|residual|small_variances|sparse_.*|upsampling)\.pth$/;
const paths =
  given.length > 0
    ? given
    : readdirSync(fixtures)
        .filter((name) => honest.test(name))
        .map((name) => join(fixtures, name));

const job = { policy: 'all', onProgress: () => undefined, isCancelled: () => false } as const;
const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;

/** Wrong pairs that were offered, and those that were confirmed; true pairs, and those that were contradicted. */
interface Count {
  offered: number;
  confirmed: string[];
  pairs: number;
  contradicted: string[];
}

void count();

async function count(): Promise<void> {
  const total: Count = { offered: 0, confirmed: [], pairs: 0, contradicted: [] };
  for (const path of paths) {
    const found = await countFile(path);
    total.offered += found.offered;
    total.pairs += found.pairs;
    total.confirmed.push(...found.confirmed);
    total.contradicted.push(...found.contradicted);
    console.log(`${basename(path).padEnd(27)} ${line(found)}`);
    for (const pair of [...found.confirmed, ...found.contradicted]) console.log(`  ${pair}`);
  }
  const rate = (1000 * total.confirmed.length) / total.offered;
  console.log(`${'all'.padEnd(27)} ${line(total)}`);
  console.log(`${rate.toFixed(3)} of 1000 wrong pairs confirmed`);
}

function line({ offered, confirmed, pairs, contradicted }: Count): string {
  return `${confirmed.length} of ${offered} wrong pairs confirmed, ${contradicted.length} of ${pairs} true pairs contradicted`;
}

async function countFile(path: string): Promise<Count> {
  const files = new ModelFiles(path);
  const model = await openModel(files.main, files);
  const pairing = findPairs(model, options);
  const isTrue = new Set(pairing.pairs.map(keyOf));
  const normal = testify(model, pairing, job).pairing.pairs;
  const says = (pairs: readonly Pair[], what: string): string[] =>
    pairs.filter(({ statistics }) => statistics?.says === what).map(keyOf);
  const confirmed = says(normal, 'confirms').filter((key) => !isTrue.has(key));
  let offered = 0;
  for (const wrong of shiftedPairs(pairing)) {
    for (const pairs of [[...pairing.pairs, ...wrong], wrong]) {
      offered += wrong.length;
      const tested = testified(model, { ...pairing, pairs });
      confirmed.push(...says(tested, 'confirms').filter((key) => !isTrue.has(key)));
    }
  }
  files.close();
  const contradicted = says(normal, 'contradicts').filter((key) => isTrue.has(key));
  return { offered, confirmed, pairs: pairing.pairs.length, contradicted };
}

function testified(model: OpenedModel, pairing: Pairing): readonly Pair[] {
  return testify(model, pairing, job).pairing.pairs;
}

/** For each k, every BatchNorm with the convolution k places further among those of its width: all wrong pairs. */
function* shiftedPairs({ pairs }: Pairing): Generator<Pair[]> {
  const alike = (pair: Pair): Pair[] => pairs.filter(({ bn }) => bn.channels === pair.bn.channels);
  const most = Math.max(...pairs.map((pair) => alike(pair).length));
  for (let shift = 1; shift < most; shift++) {
    const wrong = pairs.flatMap((pair) => {
      const group = alike(pair);
      const other = group[(group.indexOf(pair) + shift) % group.length];
      if (other === undefined || shift >= group.length) return [];
      return [{ ...pair, id: `${pair.conv.name}#${other.bn.name}`, bn: other.bn }];
    });
    yield wrong;
  }
}

function keyOf({ conv, bn }: Pair): string {
  return `${conv.name} with ${bn.name}`;
}
