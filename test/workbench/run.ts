import { projectPath } from '../support/root';
import { packageExtension } from './host/packageExtension';
import { hasWorkbench } from './host/installWorkbench';
import { openWorkbench } from './openWorkbench';
import { takePictures } from './pictures';
import { runSuiteOnDesktop } from './runSuiteOnDesktop';
import { runSuite } from './runSuite';
import { runWalk } from './walk/runWalk';

const usage = `usage: node test/runWorkbench.mjs [COMMAND]
  test            suite in the extension host, then the walk on the screen (default)
  suite           the suite alone
  walk [STORY]    the walk alone, or one story of it by its title
  desktop         the suite in a desktop VS Code; falls back to the browser workbench
  pictures [DIR]  pictures of every surface in three themes, in out/pictures by default
  open [FOLDER]   opens a folder (samples/ by default) in a browser workbench until Ctrl-C`;

const [command = 'test', ...rest] = process.argv.slice(2);
const vsix = packageExtension();

switch (command) {
  case 'test':
    if (hasWorkbench()) {
      await runSuite(vsix);
      await runWalk(vsix);
    } else {
      console.log('The browser workbench runs on Linux x64 only: the walk is left out here.');
      await runSuiteOnDesktop(vsix);
    }
    break;
  case 'suite':
    await runSuite(vsix);
    break;
  case 'walk':
    await runWalk(vsix, rest[0]);
    break;
  case 'desktop':
    await runSuiteOnDesktop(vsix);
    break;
  case 'pictures':
    await takePictures(vsix, rest[0] ?? projectPath('out/pictures'));
    break;
  case 'open':
    await openWorkbench(vsix, rest[0]);
    break;
  default:
    console.error(usage);
    process.exitCode = 2;
}
