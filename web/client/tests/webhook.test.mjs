// Calls that a real server makes to a webhook and to a before-hook, verified.

import assert from 'node:assert/strict';
import crypto, { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { verifyBeforeHook, verifyWebhook, WebhookError } from 'parlor-client';
import { send } from './lib/device.mjs';
import { server } from './lib/server.mjs';

// receiver keeps the calls that come in at each path, and hands each to whoever waits for it.
const received = new Map();
const arrived = new EventEmitter();
let ask = () => {};
const receiver = createServer(async (request, response) => {
  const call = { headers: request.headers, body: await buffer(request) };
  const answer = request.url === '/ask' ? await ask(call) : undefined;
  response.writeHead(200).end(answer);
  received.set(request.url, [...(received.get(request.url) ?? []), call]);
  arrived.emit('call');
});
const url = (path) => `http://127.0.0.1:${receiver.address().port}${path}`;

async function call(path) {
  while (!received.get(path)?.length) {
    await once(arrived, 'call');
  }
  return received.get(path).shift();
}

const it = server({
  env: { PARLOR_WEBHOOK_PRIVATE_NETWORK: 'true' },
  async setUp() {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
  },
});

after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const fault = (name) => (error) => error instanceof WebhookError && error.fault === name;

test('calls of a webhook', { timeout: 60_000 }, async (t) => {
  const made = await it.direct.webhooks.create({ url: url('/one'), types: ['user.created'] });
  const { secret, webhookID } = made.webhook;
  await it.direct.users.update({ xcUserID: 'robin', fullName: 'Robin Vale ✓' });
  const { headers, body } = await call('/one');

  await t.test('the event is handed out', async () => {
    const events = await verifyWebhook(secret, headers, body);
    assert.equal(events.length, 1);
    assert.equal(events[0].type, 'user.created');
    assert.equal(events[0].data.user.fullname, 'Robin Vale ✓');
    assert.deepEqual(await verifyWebhook(secret, headers, body.toString()), events);
    assert.deepEqual(await verifyWebhook(secret, new Headers(headers), new Uint8Array(body)), events);
    const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    assert.deepEqual(await verifyWebhook(secret, single, body), events);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    assert.deepEqual(await verifyWebhook(secret, upper, body), events);
    const foreign = { get: (name) => headers[name] ?? null }; // of a framework, or another realm
    assert.deepEqual(await verifyWebhook(secret, foreign, body), events);
  });

  await t.test('what was decoded is no body', async () => {
    for (const wrong of [JSON.parse(body), undefined, null]) {
      await assert.rejects(verifyWebhook(secret, headers, wrong), /^TypeError: body must be the request's, as it came/);
    }
  });

  await t.test('what was changed is refused', async () => {
    const other = Buffer.from(body);
    other[other.length - 3] ^= 1;
    await assert.rejects(verifyWebhook(secret, headers, other), fault('signature'));
    for (const change of [
      { 'webhook-id': `${headers['webhook-id']}0` },
      { 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) },
      { 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') },
      { 'webhook-signature': headers['webhook-signature'].slice(0, -8) },
      { 'webhook-signature': `v1,${'A'.repeat(43)}=` },
      { 'webhook-signature': 'v1,%%%' },
      { 'webhook-signature': '' },
      { 'webhook-signature': undefined },
    ]) {
      await assert.rejects(verifyWebhook(secret, { ...headers, ...change }, body), fault('signature'), JSON.stringify(change));
    }
    await assert.rejects(verifyWebhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`, headers, body), fault('signature'));
  });

  await t.test('one signature of several is enough', async () => {
    const several = { ...headers, 'webhook-signature': `v1,AAAA v1a,BBBB ${headers['webhook-signature']}` };
    assert.equal((await verifyWebhook(secret, several, body)).length, 1);
  });

  await t.test('old calls are refused', async () => {
    const at = Number(headers['webhook-timestamp']) * 1000;
    assert.equal((await verifyWebhook(secret, headers, body, { now: at + 299_000 })).length, 1);
    assert.equal((await verifyWebhook(secret, headers, body, { now: at + 301_000, tolerance: 302 })).length, 1);
    for (const now of [at + 301_000, at - 301_000, NaN]) {
      await assert.rejects(verifyWebhook(secret, headers, body, { now }), fault('time'), `${now}`);
    }
    for (const time of ['', 'now', undefined, '1e9', '-1', `${headers['webhook-timestamp']}.0`]) {
      await assert.rejects(verifyWebhook(secret, { ...headers, 'webhook-timestamp': time }, body), fault('time'));
    }
  });

  await t.test('what is no secret', async () => {
    for (const wrong of ['', 'whsec_', 'whsec_%', secret.slice(6), [], ['whsec_']]) {
      await assert.rejects(verifyWebhook(wrong, headers, body), fault('secret'), `${wrong}`);
    }
  });

  await t.test('two secrets, while receivers change over', async () => {
    const { secret: next } = (await it.direct.webhooks.rotateSecret({ webhookID })).webhook;
    await it.direct.users.update({ xcUserID: 'kim', fullName: 'Kim Aster' });
    let both = await call('/one');
    while (both.headers['webhook-signature'].split(' ').length < 2) { // told before the node knew
      await it.direct.users.update({ xcUserID: `more-${both.headers['webhook-id']}`, fullName: 'More' });
      both = await call('/one');
    }
    for (const secrets of [secret, next, [secret, next], [next, secret]]) {
      assert.equal((await verifyWebhook(secrets, both.headers, both.body)).length, 1);
    }
    assert.equal((await verifyWebhook([next, secret], headers, body)).length, 1);
    await assert.rejects(verifyWebhook(next, headers, body), fault('signature'));
  });

  await t.test('the recipe of the protocol for Node', async () => {
    const page = await readFile(new URL('../../../docs/protocol/webhooks.md', import.meta.url), 'utf8');
    const recipe = page.match(/In Node, without a library[^]*?```js\n([^]*?)```/)[1];
    const [first, ...rest] = recipe.split('\n');
    assert.equal(first, 'import crypto from "node:crypto";');
    const valid = new Function('crypto', 'secret', 'req', 'body', `${rest.join('\n')}; return valid;`);
    assert.equal(valid(crypto, secret, { headers }, body), true);
    assert.equal(valid(crypto, secret, { headers }, Buffer.concat([body, Buffer.from(' ')])), false);
    assert.equal(valid(crypto, secret, { headers: {} }, body), false);
    const old = { ...headers, 'webhook-timestamp': '1767229200' };
    assert.equal(valid(crypto, secret, { headers: old }, body), false);
    for (const signature of ['v1,é', 'é'.repeat(47), `v1,${'é'.repeat(44)}`]) {
      assert.equal(valid(crypto, secret, { headers: { ...headers, 'webhook-signature': signature } }, body), false);
    }
  });

  await it.direct.webhooks.delete({ webhookID });
});

test('calls with batches', { timeout: 60_000 }, async () => {
  const { webhook } = await it.direct.webhooks.create({ url: url('/batch'), types: ['user.created'], batch: 10 });
  for (let i = 0; i < 4; i += 1) {
    await it.direct.users.update({ xcUserID: `batch-${i}`, fullName: `Batch ${i}` });
  }
  const seen = [];
  while (seen.length < 4) {
    const { headers, body } = await call('/batch');
    seen.push(...(await verifyWebhook(webhook.secret, headers, body)).map((event) => event.data.user.xcUserID));
  }
  assert.deepEqual(seen, ['batch-0', 'batch-1', 'batch-2', 'batch-3']);
  await it.direct.webhooks.delete({ webhookID: webhook.webhookID });
});

test('what is signed and no event', async () => {
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString('base64')}`;
  const at = String(Math.floor(Date.now() / 1000));
  for (const body of ['', 'x', 'null', '[]', '"text"', '{}', '{"id":"a"}', '{"events":{}}', '{"events":[1]}', '{"events":[null]}']) {
    const signature = createHmac('sha256', key).update(`m1.${at}.${body}`).digest('base64');
    const headers = { 'webhook-id': 'm1', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
    await assert.rejects(verifyWebhook(secret, headers, body), fault('body'), body);
    await assert.rejects(verifyBeforeHook(secret, headers, body), fault('body'), body);
  }
});

test('questions to a before-hook', { timeout: 60_000 }, async () => {
  const { beforeHook } = await it.direct.beforeHook.set({ url: url('/ask'), timeout: 5000, onFailure: 'refuse' });
  const questions = [];
  ask = async ({ headers, body }) => {
    questions.push(await verifyBeforeHook(beforeHook.secret, headers, body));
    return JSON.stringify({ action: 'change', body: 'Buy my ****' });
  };
  const robin = await it.parlor.user('Robin Vale');
  const { room } = await it.direct.rooms.createOrUpdate({
    xcRoomID: 'ASK-1', type: 2, name: 'Asked', participantXCUserIDs: [robin.xcUserID],
  });
  await send(it.parlor.base, await it.parlor.ticket(robin), room.roomID, 'Buy my boat');
  assert.equal(questions.length, 1);
  assert.equal(questions[0].type, 'message.creating');
  assert.equal(questions[0].data.message.body, 'Buy my boat');
  assert.equal(questions[0].data.by.xcUserID, robin.xcUserID);
  const { events } = await it.direct.events.list({ types: ['message.created'] });
  assert.equal(events.at(-1).data.message.body, 'Buy my ****');
  await it.direct.beforeHook.delete();
});
