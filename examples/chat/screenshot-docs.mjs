// Takes docs/images/docs.png: the page /docs of a running Parlor, at the call that makes a
// room. Start the demo first (scripts/demo); playwright-core comes from web/e2e.

import { fileURLToPath } from 'node:url';
import { chromium } from '../../web/e2e/node_modules/playwright-core/index.mjs';

const url = process.env.PARLOR_URL ?? 'http://127.0.0.1:8080';
const target = process.argv[2] ?? fileURLToPath(new URL('../../docs/images/docs.png', import.meta.url));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', locale: 'en-GB' });
await page.goto(`${url}/docs#createOrUpdateRoom`);
await page.locator('#createOrUpdateRoom').waitFor();
await page.screenshot({ path: target });
await browser.close();
console.log(target);
