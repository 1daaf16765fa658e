import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const installedBrowsers = [
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
];

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** As it was before the package below changes it for itself. */
const inherited = { ...process.env };

/** Launches `$CHROME`, else an installed Chrome or Chromium, else the one that npm brings (Linux x64). */
export async function launchBrowser(): Promise<Browser> {
  const installed = [process.env['CHROME'] ?? '', ...installedBrowsers].find((path) =>
    existsSync(path),
  );
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args: flags });
  // Makes the package unpack the shared libraries it needs beside the browser.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x';
  const { default: bundled } = await import('@sparticuz/chromium');
  const executablePath = await bundled.executablePath();
  const folder = dirname(executablePath);
  const hasFonts = existsSync('/etc/fonts/fonts.conf');
  return chromium.launch({
    executablePath,
    args: flags,
    env: {
      ...inherited,
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      ...(hasFonts ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  });
}
