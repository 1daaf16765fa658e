import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { OnnxBuilder } from '../../../bench/onnxBuilder';
import { projectPath } from '../../support/root';
import { runCli, runCliJson } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';

const fixture = (name: string) => projectPath('test/fixtures/drift', name);
const net = fixture('net.onnx');

interface Row {
  readonly id: string;
  readonly isolated: Record<string, number> | null;
  readonly accumulated: Record<string, number> | null;
  readonly label: string | null;
}

const figures = ['cosine', 'maxAbs', 'maxUlp', 'meanAbs', 'relL2', 'rms', 'sqnrDb'];

describe('fusebn drift --json', () => {
  it('prints one object with every layer, its figures, and the outputs', async () => {
    const { json, exitCode } = await runCliJson(['drift', net, fixture('right.onnx')]);
    assert.equal(exitCode, 0);
    const { schema, reference, candidate, seed, samples, runtime } = json;
    assert.deepEqual(
      { schema, reference, candidate, seed, samples },
      { schema: 1, reference: net, candidate: fixture('right.onnx'), seed: 0, samples: 1 },
    );
    assert.match(String(runtime), /^onnxruntime-/);
    const layers = json['layers'] as Row[];
    assert.equal(layers.length, 5);
    for (const { isolated, accumulated, label, id } of layers) {
      assert.equal(label, 'ok', id);
      for (const part of [isolated, accumulated]) {
        assert.deepEqual(Object.keys(part ?? {}).toSorted(), figures, id);
      }
    }
    const [output] = json['outputs'] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(output ?? {}).toSorted(), [...figures, 'name'].toSorted());
  });

  it('keeps the isolated figures beside the error where an input does not fit, and exits with 1', async () => {
    const input = `x=${fixture('wrong_dtype.npy')}`;
    const { json, exitCode } = await runCliJson(['drift', net, '--input', input]);
    assert.equal(exitCode, 1);
    const message = 'The input x takes float32, but its file holds float64.';
    assert.deepEqual(json['error'], { code: 'INPUT_INVALID', message });
    assert.equal(
      (json['layers'] as Row[]).every(({ label }) => label === 'ok'),
      true,
    );
  });
});

describe('fusebn drift', () => {
  it('exits with 3 when a layer is below --fail-under, and only then', async () => {
    const spoiled = ['drift', net, fixture('wrong_eps.onnx'), '--policy', 'all'];
    assert.equal((await runCli([...spoiled, '--fail-under', '60'])).exitCode, 3);
    const right = ['drift', net, fixture('right.onnx'), '--policy', 'all'];
    assert.equal((await runCli([...right, '--fail-under', '60'])).exitCode, 0);
    // Identical has no figure that could be below any other.
    assert.equal((await runCli(['drift', net, net, '--fail-under', '1000'])).exitCode, 0);
  });

  it('says what is wrong with an input in one sentence on stderr and shows the rest on stdout', async () => {
    const input = `x=${fixture('wrong_shape.npy')}`;
    const { exitCode, stdout, stderr } = await runCli(['drift', net, '--input', input]);
    assert.equal(exitCode, 1);
    assert.equal(
      stderr.trim(),
      'fusebn: The input x has shape [batch, 3, 16, 16], but its file [1, 3, 8, 8].',
    );
    assert.match(stdout, /ok +\/stem\/stem\.0\/Conv +\d+\.\d dB +–/);
  });

  it('writes the layers as CSV and the promised ranges as JSON', async (test) => {
    const folder = temporaryFolder(test);
    const [csv, ranges] = [join(folder, 'layers.csv'), join(folder, 'ranges.json')];
    const flags = ['--csv', csv, '--ranges', ranges, '--isolated-only', '--policy', 'all'];
    const { exitCode } = await runCli(['drift', net, ...flags]);
    assert.equal(exitCode, 0);
    const [header = '', ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    assert.match(header, /^id,candidate,label,recipe,isolated_maxAbs,/);
    assert.equal(rows.length, 5);
    for (const row of rows) assert.equal(row.split(',').length, header.split(',').length);
    const promised = JSON.parse(readFileSync(ranges, 'utf8')) as Record<
      string,
      { activation: string; min: number; max: number; channelMax: number[] }
    >;
    assert.equal(Object.keys(promised).length, 5);
    const stem = promised['/stem/stem.0/Conv'];
    assert.deepEqual([stem?.activation, stem?.min, stem?.channelMax.length], ['relu', 0, 8]);
    assert.equal(stem?.max, Math.max(...(stem?.channelMax ?? [])));
  });

  it('says in one sentence that a table cannot be written, or an input is a folder', async (test) => {
    const folder = temporaryFolder(test);
    const lost = join(folder, 'missing', 'layers.csv');
    const said = async (...flags: readonly string[]): Promise<readonly [number | null, string]> => {
      const { exitCode, stderr } = await runCli(['drift', net, ...flags]);
      return [exitCode, stderr.trim()];
    };
    assert.deepEqual(await said('--csv', lost), [
      1,
      `fusebn: The folder of ${lost} does not exist.`,
    ]);
    assert.deepEqual(await said('--ranges', folder), [1, `fusebn: ${folder} is a folder.`]);
    assert.deepEqual(await said('--input', `x=${folder}`), [1, `fusebn: ${folder} is a folder.`]);
  });

  it('takes sizes of dynamic axes and several samples', async () => {
    const flags = ['--axis', 'batch=3', '--samples', '2', '--seed', '5'];
    const { json, exitCode } = await runCliJson(['drift', net, ...flags]);
    assert.deepEqual([exitCode, json['samples'], json['seed'], json['note']], [0, 2, 5, null]);
    const unknown = await runCli(['drift', net, '--axis', 'depth=3']);
    assert.equal(unknown.exitCode, 1);
    assert.match(unknown.stderr, /The network has no symbolic axis depth; it has batch\./);
  });

  it('says which weights are no numbers', async () => {
    const broken = await runCli(['drift', fixture('not_a_number.onnx')]);
    assert.match(
      broken.stdout,
      /bad +\/square\/.*in this convolution’s weight, before any folding: 1\./,
    );
    const fold = await runCli(['drift', net, fixture('right_but_for_nan.onnx')]);
    assert.match(fold.stdout, /bad +\/square\/.* not finite .*in the folded weight or bias: 1\./);
    assert.equal(fold.exitCode, 0);
  });

  it('says when the second file is another network, and when there is nothing to compare', async () => {
    const other = projectPath('test/fixtures/workbench/mixed.onnx');
    const strangers = await runCliJson(['drift', net, other]);
    assert.match(String(strangers.json['note']), /^None of the 5 layers was found in the second/);
    const nothing = await runCliJson(['drift', fixture('right.onnx'), net]);
    assert.match(String(nothing.json['note']), /^The first file has no BatchNorm that folds/);
    assert.deepEqual([strangers.exitCode, nothing.exitCode], [0, 0]);
  });

  it('refuses wrong usage with exit code 2', async () => {
    const wrong = [
      ['--input', 'x'],
      ['--samples', '0'],
      ['--samples', '1001'],
      ['--axis', 'batch=x'],
      ['--fail-under', 'y'],
    ];
    for (const flags of wrong) {
      assert.equal((await runCli(['drift', net, ...flags])).exitCode, 2, flags.join(' '));
    }
  });

  it('ends with 130 on SIGINT while the networks run, and leaves nothing behind', async (test) => {
    const folder = temporaryFolder(test);
    const model = join(folder, 'slow.onnx');
    makeSlowNetwork(model);
    const hasWorkFolder = () => readdirSync(folder).some((name) => name.startsWith('fusebn-'));
    const run = await runCli(['drift', model, '--json'], {
      env: { TMPDIR: folder },
      onStart: (kill) => {
        const watch = setInterval(() => {
          if (!existsSync(folder) || !hasWorkFolder()) return;
          clearInterval(watch);
          setTimeout(kill, 300, 'SIGINT');
        }, 5);
        test.after(() => {
          clearInterval(watch);
        });
      },
    });
    assert.equal(run.exitCode, 130, run.stdout + run.stderr);
    assert.equal(hasWorkFolder(), false);
  });
});

/** 30 convolutions of 64 channels on 224×224: some ten seconds for the runtime, and next to nothing for the rest. */
function makeSlowNetwork(path: string): void {
  const builder = new OnnxBuilder();
  let value = builder.convBatchNorm('input', [64, 3, 3, 3]);
  for (let layer = 0; layer < 30; layer++) value = builder.convBatchNorm(value, [64, 64, 3, 3]);
  builder.write(path, [1, 3, 224, 224], { name: value, shape: [1, 64, 224, 224] });
}
