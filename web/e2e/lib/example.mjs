// The backend of the example chat, run as its reader would, and its page in a browser.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { Faults } from './faults.mjs';
import { appKey, freePort, serverKey } from './parlor.mjs';
import { scenario } from './scenario.mjs';

const serve = fileURLToPath(new URL('../../../examples/chat/serve.mjs', import.meta.url));

// start runs the example's backend, and returns its address and how to stop it.
async function start(parlor) {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [serve], {
    env: {
      ...process.env,
      PARLOR_URL: parlor.base,
      PARLOR_SERVER_KEY: serverKey,
      PARLOR_APP_KEY: `${appKey.id}:${appKey.secret}`,
      DEMO_LISTEN: listen,
    },
  });
  let said = '';
  const listening = new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`the example's backend ended: ${said}`)));
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.stdout.on('data', resolve);
  });
  listening.catch(() => {}); // it ends sometime, and then nobody waits any more
  await listening;
  return {
    url: `http://${listen}/`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }
    },
  };
}

// visit opens the page and signs a sample user in.
async function visit(browser, url, name, viewport = { width: 1280, height: 800 }) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = new Faults(page);
  await page.goto(url);
  await page.getByRole('button', { name }).click();
  const room = (title) => page.getByRole('navigation').getByRole('button', { name: title });
  const bubble = (text) => page.getByRole('article').filter({ hasText: text });
  const write = async (text) => {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
  };
  // act presses a button that shows while the pointer is on a message.
  const act = async (text, label) => {
    await bubble(text).hover();
    await bubble(text).getByLabel(label, { exact: true }).click();
  };
  return { page, context, faults, room, bubble, write, act };
}

// example is a test of the page. Its body gets the server, and `visit`, which signs a
// sample user in on a page of his own; env adds settings to the server.
export function example(name, body, env) {
  scenario(name, async ({ parlor, browser }) => {
    const backend = await start(parlor);
    const visitors = [];
    try {
      await body({
        parlor,
        visit: async (user, viewport) => {
          const visitor = await visit(browser, backend.url, user, viewport);
          visitors.push(visitor);
          return visitor;
        },
      });
      assert.deepEqual(visitors.flatMap(({ faults }) => faults.list()), []);
    } finally {
      await Promise.all(visitors.map(({ context }) => context.close()));
      await backend.stop();
    }
  }, env);
}
