// A test with a server of its own and as many devices as it asks for. The browser and
// the file server of the test page are shared by the tests of a file.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, test } from 'node:test';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Device } from './device.mjs';
import { Parlor } from './parlor.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types = { '/index.html': 'text/html; charset=utf-8', '/host.js': 'text/javascript' };

let shared; // made by the first test of the file

async function setUp() {
  const files = createServer((request, response) => {
    const name = request.url === '/' ? '/index.html' : request.url;
    if (!types[name]) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': types[name] });
    createReadStream(path.join(dist, name)).pipe(response);
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A microphone with a sound of the browser's own, and nobody to ask for it.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
  // Another port than the server's is another origin, so CORS counts.
  return { files, browser, pageURL: `http://127.0.0.1:${files.address().port}/` };
}

after(async () => {
  if (shared) {
    const { files, browser } = await shared;
    await browser.close();
    files.closeAllConnections();
    files.close();
  }
});

// scenario is a test. Its body gets the server and `device`, which signs a user in on
// a new device (`page` only opens one). When it fails, the error says what devices and server went through.
export function scenario(name, body, env = {}) {
  test(name, { timeout: 180_000 }, async () => {
    shared ??= setUp();
    const { browser, pageURL } = await shared;
    const parlor = await Parlor.start(env);
    const devices = [];

    const page = async (label) => {
      const device = await Device.open(browser, pageURL, parlor.base, label);
      devices.push(device);
      return device;
    };
    const device = async (user, label = user.fullName) => {
      const opened = await page(label);
      const me = await opened.do('signIn', await parlor.ticket(user));
      opened.userID = me.userID;
      await opened.do('start');
      return opened;
    };

    try {
      await body({ parlor, device, page, browser });
      const faults = devices.flatMap((d) => d.faults.list().map((fault) => `${d.name}: ${fault}`));
      if (faults.length > 0) {
        throw new Error(`the page threw:\n${faults.join('\n')}`);
      }
    } catch (error) {
      const reports = await Promise.all(devices.map((d) => d.report()));
      error.message += `\n\n${reports.join('\n')}\n\nthe server said:\n${parlor.log()}`;
      throw error;
    } finally {
      await Promise.all(devices.map((d) => d.close()));
      await parlor.stop();
    }
  });
}
