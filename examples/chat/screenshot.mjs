// Takes docs/images/chat.png: users sign in at the running demo, and two of them talk.
// Start the demo first (scripts/demo); playwright-core comes from web/e2e.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '../../web/e2e/node_modules/playwright-core/index.mjs';

const url = process.env.DEMO_URL ?? 'http://127.0.0.1:8090/';
const target = process.argv[2] ?? fileURLToPath(new URL('../../docs/images/chat.png', import.meta.url));
const room = 'Order 1042: coffee machine';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});

// enter signs a sample user in and opens the room.
async function enter(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(url);
  await page.getByRole('button', { name }).click();
  await page.locator('#rooms').getByText(room).click();
  await page.getByRole('log').locator('.bubble').first().waitFor();
  return page;
}

const shown = (page, text) => page.getByRole('log').getByText(text, { exact: true }).last();

async function say(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByLabel('Send', { exact: true }).click();
}

// The other two only look on, so that what is said gets read by all.
const [ana, cy, bo] = await Promise.all(
  ['Buyer Ana', 'Courier Cy', 'Seller Bo', 'Support Dee'].map((name) => enter(name)),
);
const hover = (page, text) => shown(page, text).hover();

await say(cy, 'I am ten minutes early. Is that all right?');
await shown(ana, 'I am ten minutes early. Is that all right?').waitFor();
await hover(ana, 'I am ten minutes early. Is that all right?');
await ana.getByRole('log').getByLabel('Reply').last().click();
await say(ana, 'Even better. Second floor, on the left.');
await shown(cy, 'Even better. Second floor, on the left.').waitFor();
await ana.locator('.own').last().getByLabel('read').waitFor();
await bo.locator('#rooms').getByText('Deal 7').click();
await ana.getByRole('log').locator('.bubble').first().hover();
await ana.getByRole('log').getByLabel('Pin', { exact: true }).first().click();
await ana.locator('#pinned').waitFor();
await say(ana, 'Thank you!');
await shown(cy, 'Thank you!').waitFor();
await cy.getByLabel('Message', { exact: true }).pressSequentially('On my w');
await ana.locator('#room-info').getByText('typing').waitFor();
await ana.mouse.move(0, 0);
await mkdir(new URL('.', `file://${target}`), { recursive: true });
await ana.screenshot({ path: target });
await browser.close();
console.log(target);
