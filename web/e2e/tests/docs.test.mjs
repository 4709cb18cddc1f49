// The documentation that a server shows, in a browser: searching it, its examples, and calls from the page.

import assert from 'node:assert/strict';
import { appKey, serverKey } from '../lib/parlor.mjs';
import { scenario } from '../lib/scenario.mjs';

// docs is a test of the page. Its body gets it, open; nothing on it may fail or be forbidden by its policy, and it may ask nobody
// but its own server.
function docs(name, body) {
  scenario(name, async ({ parlor, browser }) => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const faults = [];
    const asked = [];
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000); // it is a large page
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') {
          faults.push(message.text());
        }
      });
      page.on('request', (request) => asked.push(request));
      await page.goto(`${parlor.base}/docs`);
      await body({ parlor, page, asked });
      assert.deepEqual(faults, []);
      for (const request of asked) {
        assert.equal(new URL(request.url()).origin, parlor.base);
      }
    } finally {
      await context.close();
    }
  });
}

const call = (page, id) => page.locator(`#${id}`);
const send = async (box) => {
  await box.getByText('Try it on this server').click();
  await box.getByRole('button', { name: 'Send' }).click();
};

docs('calls and events are found', async ({ page }) => {
  const entries = page.locator('#menu li:visible a');
  const all = await entries.count();
  await page.keyboard.press('/');
  await page.keyboard.type('room freeze');
  assert.deepEqual(await entries.allTextContents(), ['Freeze a room', 'Unfreeze a room']);
  assert.equal(await page.locator('#found').textContent(), '2 found');
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).hash, '#freezeRoom');

  for (const [words, first] of [
    ['photoFullsizeURL color', 'Create or update a room'], // by parameters
    ['beforeHook.delete', 'Remove the before-hook'], // by the name in TypeScript
    ['/v1/server/room/admins', 'Set the admins of a room'],
    ['message.created', 'message.created'],
    ['idempotency', 'Repeating a call'],
    ['limit rate', 'Rates'],
    ['signature', 'Verifying calls'],
    ['42901', '42901: '],
    ['unread count', 'Get what a user has not read'],
  ]) {
    await page.getByLabel('Search calls and events').fill(words);
    assert.ok((await entries.allTextContents()).some((text) => text.includes(first)), `${words}: ${await entries.allTextContents()}`);
  }
  await page.getByLabel('Search calls and events').fill('no such thing');
  assert.equal(await entries.count(), 0);
  await page.keyboard.press('Escape');
  assert.equal(await entries.count(), all);
});

docs('examples have the address, the key and the language of their reader', async ({ parlor, page }) => {
  const code = call(page, 'getRoom').locator('figure[data-language]:visible code');
  assert.equal(await code.count(), 1);
  assert.match(await code.textContent(), new RegExp(`^curl ${parlor.base}/v1/server/room/get `));
  assert.match(await code.textContent(), /printf %s 'ID:SECRET'/);

  await page.getByLabel('Server key').fill(`shop:it's "secret"`);
  assert.ok((await code.textContent()).includes(`printf %s 'shop:it'\\''s "secret"'`));
  await call(page, 'getRoom').getByRole('button', { name: 'TypeScript' }).click();
  assert.ok((await code.textContent()).includes(`url: "${parlor.base}", key: "shop:it's \\"secret\\""`));
  assert.ok((await code.textContent()).includes('await parlor.rooms.get({'));
  await call(page, 'deleteUser').getByRole('button', { name: 'Go', exact: true }).click();
  assert.ok((await code.textContent()).includes('err = backend.Call(ctx, "room/get", map[string]any{'), 'the language is that of all examples');
  await page.getByLabel('Token of a user').fill('abc');
  assert.ok((await call(page, 'getRoomOfUser').locator('figure.code code').allTextContents()).some((text) => text.includes("'Authorization: Bearer abc'")));

  await page.getByLabel('Server key').fill('');
  assert.match(await code.textContent(), /Key: "ID:SECRET"/);
});

docs('calls are made from the page', async ({ parlor, page, asked }) => {
  const box = call(page, 'updateUser').locator('.try');
  const answer = box.locator('figure code');
  await send(box);
  await answer.getByText('Server key').waitFor();
  assert.match(await answer.textContent(), /^Server key is missing/);
  await answer.getByRole('link').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'key-server');
  assert.equal(asked.filter((request) => request.method() === 'POST').length, 0);

  await page.getByLabel('Server key').fill(serverKey);
  await box.getByLabel('Parameters').fill('{"xcUserID":"from-docs","fullName":"<b>Robin</b> ✓"}');
  await box.getByRole('button', { name: 'Send' }).click();
  await answer.getByText('"userID"').waitFor();
  assert.match(await box.locator('.how').textContent(), /^HTTP 200, \d+ ms$/);
  const { users } = { users: (await parlor.call('events/list', { types: ['user.created'] })).events };
  assert.deepEqual(users.map((event) => event.data.user.fullname), ['<b>Robin</b> ✓']);

  const list = call(page, 'listEvents').locator('.try');
  await list.getByText('Try it on this server').click();
  await list.getByLabel('Parameters').fill('{"types":["user.created"]}');
  await list.getByRole('button', { name: 'Send' }).click();
  await list.getByText('<b>Robin</b>').waitFor(); // as text

  await box.getByLabel('Parameters').fill('{"xcUserID":');
  await box.getByRole('button', { name: 'Send' }).click();
  await answer.getByText('40002').waitFor();

  const webhooks = call(page, 'listWebhooks').locator('.try'); // which takes no parameters
  await send(webhooks);
  await webhooks.getByText('"webhooks": []').waitFor();

  const robin = await parlor.user('Robin Vale');
  const ticket = await parlor.ticket(robin);
  await page.getByLabel('App key').fill(`${appKey.id}:${appKey.secret}`);
  await page.getByLabel('Token of a user').fill(ticket);
  const signIn = call(page, 'requestAccessToken').locator('.try');
  await send(signIn);
  await signIn.getByText('"accessToken"').waitFor();

  for (const request of asked.filter((one) => one.method() === 'POST')) {
    const { cookie, origin } = await request.allHeaders();
    assert.equal(cookie, undefined);
    assert.equal(origin, parlor.base);
  }
});

docs('keys are kept nowhere', async ({ parlor, page }) => {
  await page.getByLabel('Server key').fill(serverKey);
  assert.ok(!(await page.content()).includes('value="test-server'));
  const kept = () => page.evaluate(async () => ({
    local: localStorage.length, session: sessionStorage.length, cookie: document.cookie,
    databases: (await indexedDB.databases()).length, state: history.state, url: location.href,
  }));
  assert.deepEqual(await kept(), { local: 0, session: 0, cookie: '', databases: 0, state: null, url: `${parlor.base}/docs` });
  await page.reload();
  assert.equal(await page.getByLabel('Server key').inputValue(), '');
  assert.equal(await page.getByText(serverKey).count(), 0);
});

docs('the catalogue has a sample of each event', async ({ page }) => {
  const events = page.locator('#event-catalogue article');
  const types = await page.locator('#event-catalogue h3').allTextContents();
  assert.ok(types.length >= 29);
  for (const [i, type] of types.entries()) {
    const sample = JSON.parse(await events.nth(i).locator('figure code').textContent());
    assert.equal(sample.type, type.trim());
  }
});

docs('the policy forbids other servers and other scripts', async ({ page }) => {
  // The browser says so on the console, which is no fault here.
  page.removeAllListeners('console');
  const forbidden = await page.evaluate(async () => {
    const element = document.createElement('script');
    element.textContent = 'window.ran = true';
    document.body.append(element);
    const other = new URL(location.href);
    other.port = '1';
    return { ran: window.ran, fetched: await fetch(other).then(() => true, () => false) };
  });
  assert.deepEqual(forbidden, { ran: undefined, fetched: false });
  const policy = (await page.request.get(page.url())).headers()['content-security-policy'];
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'; base-uri 'none'/);
});
