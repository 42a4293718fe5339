import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const found = existsSync(CHROMIUM);

/** `describe` where there is a browser; elsewhere it skips and says so, and in CI it is a fault. */
export function describeWithBrowser(name: string, suite: () => void): void {
  if (!found && process.env['CI'] === 'true')
    throw new Error(`no browser at ${CHROMIUM}: in CI the pages are looked at`);
  if (!found) process.stderr.write(`${name}: skipped, no browser at ${CHROMIUM} (set CHROMIUM_PATH)\n`);
  (found ? describe : describe.skip)(name, suite);
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
