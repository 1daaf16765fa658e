import { resolve } from 'node:path';
import { projectPath } from '../support/root';
import { startWorkbench } from './host/startWorkbench';

const DEFAULT_PORT = 3150;

/** Opens a folder in a browser workbench with the extension, and keeps it until Ctrl-C. */
export async function openWorkbench(vsix: string, folder: string | undefined): Promise<void> {
  const port = Number(process.env['PORT'] ?? DEFAULT_PORT);
  const settings = { 'workbench.colorTheme': 'Default Dark Modern' };
  const workbench = await startWorkbench({ vsix, settings, port });
  const path = folder === undefined ? projectPath('samples') : resolve(folder);
  console.log(`\nVS Code with FuseBN is open at\n\n  ${workbench.folderUrl(path)}\n`);
  console.log(
    'Right-click a model in the Explorer and choose “Fuse Conv + BatchNorm…”. Ctrl-C ends it.',
  );
  await new Promise((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await workbench.stop();
}
