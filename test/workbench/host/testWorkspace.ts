import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '../../support/root';

/** A folder with the suite's models, which a test may write into. */
export interface TestWorkspace {
  readonly folder: string;
  dispose(): void;
}

export function testWorkspace(): TestWorkspace {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'fusebn-models-')));
  const folder = join(parent, 'models');
  cpSync(projectPath('test/fixtures/workbench'), folder, {
    recursive: true,
    filter: (source) => !source.endsWith('.py'),
  });
  // A trained network: its statistics have something to say.
  cpSync(projectPath('samples/scenenet.pth'), join(folder, 'trained.pth'));
  return {
    folder,
    dispose: () => {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
