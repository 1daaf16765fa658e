import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** Entry that VS Code calls inside its extension host. Rejects when a test fails. */
export function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'base' });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(join(__dirname, name));
  }
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      if (failures === 0) resolve();
      else reject(new Error(`${failures} tests failed`));
    });
    report(runner);
  });
}

/** One marked line a result, so that it can be told from whatever else the extension host logs. */
function report(runner: Mocha.Runner): void {
  const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_RUN_END } = Mocha.Runner.constants;
  runner.on(EVENT_TEST_PASS, (test) => {
    console.log(`[suite]   ✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
  });
  runner.on(EVENT_TEST_FAIL, (test, error: Error) => {
    console.log(`[suite]   ✖ ${test.fullTitle()}\n${error.stack ?? error.message}`);
  });
  runner.on(EVENT_RUN_END, () => {
    const { passes, failures } = runner.stats ?? { passes: 0, failures: 0 };
    console.log(`[suite]   ${passes} passed, ${failures} failed`);
  });
}
