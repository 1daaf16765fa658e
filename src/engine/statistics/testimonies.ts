import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Pairing } from '../../core/model/pair';
import type { Testimony } from '../../core/statistics/testify';
import type { PairingParams } from '../../protocol/engine';
import { contentKey } from '../files/contentKey';
import { FileSource } from '../files/fileSource';
import type { JobContext } from '../jobs/jobContext';
import type { ModelAndFiles } from '../modelCache';
import { TestimonyFolder } from './testimonyFolder';

/** As many models as the editor keeps structures of. */
const MAX_KEPT = 8;

/**
 * What the running statistics of files testify to. The full test reads every weight, so it runs once for a content of
 * a file and a way of pairing; its results are kept in memory, and on the disk where there is a folder for them.
 */
export class Testimonies {
  private readonly kept = new Map<string, Testimony>();
  private readonly folder: TestimonyFolder | null;
  private readonly build: string;

  /** `scripts` is the folder of the running code: what another build came to is not believed. */
  constructor(scripts: string, cacheFolder: string | null) {
    this.folder = cacheFolder === null ? null : new TestimonyFolder(cacheFolder);
    this.build = this.folder === null ? '' : buildOf(scripts);
  }

  /**
   * Tests the pairs of a model, or remembers what came of it. `screened` are its pairs before the test.
   * @throws CancellationError when the job is cancelled; then nothing is kept.
   */
  async of(
    { model, files }: ModelAndFiles,
    screened: Pairing,
    params: PairingParams,
    context: JobContext,
  ): Promise<Testimony> {
    const key = this.keyOf(contentKey(files.all), params);
    const known = this.kept.get(key) ?? this.folder?.read(key) ?? null;
    if (known !== null) {
      this.keep(key, known);
      return known;
    }
    const { testifying } = await import('../../core/statistics/testify');
    const work = testifying(model, screened, params.policy, () => context.isCancelled);
    let step = work.next();
    while (step.done !== true) {
      context.report({ stage: 'statistics', ...step.value });
      await context.checkpoint();
      step = work.next();
    }
    this.keep(key, step.value);
    this.folder?.write(key, step.value);
    return step.value;
  }

  private keep(key: string, testimony: Testimony): void {
    this.kept.delete(key);
    this.kept.set(key, testimony);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break;
      this.kept.delete(oldest);
    }
  }

  private keyOf(content: string, { policy, eps, layout, structure }: PairingParams): string {
    const listing = structure === null ? null : fileKey(structure);
    const asked = JSON.stringify([this.build, content, policy, eps, layout, listing]);
    return createHash('sha256').update(asked).digest('hex').slice(0, 40);
  }
}

function fileKey(path: string): string {
  const file = new FileSource(path);
  try {
    return contentKey([file]);
  } finally {
    file.close();
  }
}

/** Tells one build of the running code from another. */
function buildOf(scripts: string): string {
  const parts = readdirSync(scripts)
    .filter((name) => name.endsWith('.js'))
    .map((name) => {
      const stats = statSync(join(scripts, name), { throwIfNoEntry: false });
      return `${name} ${stats?.size ?? 0} ${stats?.mtimeMs ?? 0}`;
    });
  return parts.sort().join('\n');
}
