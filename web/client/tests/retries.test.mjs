// What is repeated, how often and after how long, with faults of all kinds between client and server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Code, NoAnswerError, ParlorError } from 'parlor-client';
import { refusal } from './lib/faulty.mjs';
import { server } from './lib/server.mjs';

const it = server();

let rooms = 0;
const aRoom = () => {
  rooms += 1;
  return { xcRoomID: `R-${rooms}`, type: 2, name: `Room ${rooms}`, participantXCUserIDs: [] };
};
const keys = () => it.faulty.calls.map((call) => call.headers['idempotency-key']);
const gaps = () => it.faulty.calls.slice(1).map((call, i) => call.at - it.faulty.calls[i].at);
const through = (more) => it.backend(it.faulty.url, more);

for (const [name, fault] of Object.entries({
  'a lost connection': 'drop',
  'a lost answer': 'lose',
  'an answer that breaks off': 'cut',
  'a share that is used up': refusal(Code.TooMany),
  'a call that is under way': refusal(Code.UnderWay),
  'a failure of the server': refusal(Code.Internal),
  'a server that is busy': refusal(Code.Unavailable),
  "a proxy's 429": { status: 429 },
  "a proxy's 502": { status: 502, body: '<html>' },
  "a proxy's 503": { status: 503 },
  "a proxy's 504": { status: 504 },
})) {
  test(`${name} is overcome`, async () => {
    const params = aRoom();
    it.faulty.next(fault, fault);
    const { room } = await through().rooms.createOrUpdate(params);
    assert.equal(room.xcRoomID, params.xcRoomID);
    assert.equal(it.faulty.calls.length, 3);
    assert.equal(new Set(keys()).size, 1, 'all attempts have one key');
    assert.match(keys()[0], /^[0-9a-f]{32}$/);
    assert.equal(new Set(it.faulty.calls.map((call) => call.body)).size, 1);

    it.faulty.next(fault);
    assert.equal((await through().rooms.get({ xcRoomID: params.xcRoomID })).room.name, params.name);
    assert.deepEqual(keys(), [undefined, undefined], 'what only reads needs no key');
  });
}

test('a lost answer changes nothing twice', async () => {
  const params = aRoom();
  await it.direct.users.update({ xcUserID: 'robin', fullName: 'Robin Vale' });
  const { room } = await it.direct.rooms.createOrUpdate({ ...params, participantXCUserIDs: ['robin'] });
  it.faulty.next('lose', 'cut', 'lose');
  const sent = await through().messages.sendCustom({
    messageType: 1001, body: 'once', senderXCUserID: 'robin', roomID: room.roomID,
  });
  const page = await it.direct.events.list({ types: ['message.created'] });
  const told = page.events.filter((event) => event.data.message?.body === 'once');
  assert.deepEqual(told.map((event) => event.data.message.localID), [sent.localID]);
});

test('each call has a key of its own, or that of its caller', async () => {
  it.faulty.next();
  const parlor = through();
  const params = aRoom();
  await parlor.rooms.createOrUpdate(params);
  await parlor.rooms.createOrUpdate(params);
  assert.equal(new Set(keys()).size, 2);

  it.faulty.next();
  await parlor.rooms.createOrUpdate(params, { idempotencyKey: 'mine-1' });
  assert.deepEqual(keys(), ['mine-1']);
  await assert.rejects(parlor.rooms.createOrUpdate(aRoom(), { idempotencyKey: 'mine-1' }), { code: Code.KeyReused });
  assert.equal(it.faulty.calls.length, 2, 'which is not repeated');
  for (const wrong of ['line\nbreak', 'schlüssel', 'two words', 'x'.repeat(256), '']) {
    await assert.rejects(parlor.rooms.createOrUpdate(params, { idempotencyKey: wrong }), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^idempotencyKey /);
      return true;
    });
  }
});

for (const [name, fault, expected] of [
  ['a refusal', refusal(Code.NotFound), { code: Code.NotFound }],
  ['a wrong key', refusal(Code.BadKey), { code: Code.BadKey }],
  ["a proxy's 500", { status: 500 }, { code: '', status: 500 }],
  ["a proxy's 404", { status: 404, body: 'where?' }, { code: '', status: 404 }],
  ['a redirect', { status: 307, headers: { Location: '/elsewhere' } }, { code: '', status: 307 }],
  ['what is no JSON', { status: 200, body: '<html>' }, { name: 'NoAnswerError', unreadable: true }],
  ['what is no envelope', { status: 200, body: '{"ok":true}' }, { name: 'NoAnswerError', unreadable: true }],
  ['null', { status: 200, body: 'null' }, { name: 'NoAnswerError', unreadable: true }],
]) {
  test(`${name} is not repeated`, async () => {
    it.faulty.next(fault);
    await assert.rejects(through().rooms.createOrUpdate(aRoom()), expected);
    assert.equal(it.faulty.calls.length, 1);
  });
}

test('attempts are bounded, and the last failure is thrown', async () => {
  it.faulty.next('drop', 'drop', { status: 503 });
  await assert.rejects(through({ attempts: 3 }).webhooks.list(), (error) => error instanceof ParlorError && error.status === 503);
  assert.equal(it.faulty.calls.length, 3);

  it.faulty.next('drop');
  await assert.rejects(through({ attempts: 1 }).webhooks.list(), (error) => {
    assert.ok(error instanceof NoAnswerError);
    assert.match(error.message, /^webhook\/list: fetch failed/);
    assert.ok(error.cause);
    return true;
  });
  assert.equal(it.faulty.calls.length, 1);
});

test('pauses grow, by chance a little more or less', async () => {
  it.faulty.next('drop', 'drop', 'drop');
  await through().webhooks.list();
  const [first, second, third] = gaps();
  assert.ok(first >= 49, `${first}`);
  assert.ok(second >= 149, `${second}`);
  assert.ok(third >= 449, `${third}`);
});

test('Retry-After is honoured, in seconds and as a date', async () => {
  it.faulty.next(refusal(Code.TooMany, 'no', { 'Retry-After': '1' }));
  await through().webhooks.list();
  assert.ok(gaps()[0] >= 999, `${gaps()}`);

  const at = Math.ceil(Date.now() / 1000) * 1000 + 1000; // a date has whole seconds
  it.faulty.next({ status: 503, headers: { 'Retry-After': new Date(at).toUTCString() } });
  await through().webhooks.list();
  assert.ok(Date.now() >= at - 1);

  it.faulty.next({ status: 503, headers: { 'Retry-After': 'soon' } });
  await through().webhooks.list();
  assert.equal(it.faulty.calls.length, 2);
});

test('a call whose share is used up is not lost for want of attempts', async () => {
  const busy = refusal(Code.TooMany);
  it.faulty.next(busy, busy, busy, busy);
  await through({ attempts: 2 }).webhooks.list();
  assert.equal(it.faulty.calls.length, 5);

  it.faulty.next(busy, 'drop', busy, { status: 503 });
  await assert.rejects(through({ attempts: 2 }).webhooks.list(), { status: 503 }, 'other failures count');
  it.faulty.next(busy);
  await assert.rejects(through({ attempts: 1 }).webhooks.list(), { code: Code.TooMany });
  it.faulty.next(busy, busy, busy, busy, busy, busy);
  await assert.rejects(through().webhooks.list({ deadline: 500 }), { code: Code.TooMany });
  assert.ok(it.faulty.calls.length < 6, 'the deadline ends the call');
});

test('callers that were refused together come back apart', async (t) => {
  const waits = [];
  const later = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (work, ms) => {
    if (!(ms >= 5000 && ms <= 10_000)) { // how long an attempt may take, and others
      return later(work, ms);
    }
    waits.push(ms);
    return later(work, 0);
  });
  const { headers, body } = refusal(Code.TooMany, 'no', { 'Retry-After': '5' });
  await Promise.all(Array.from({ length: 20 }, async () => {
    const answers = [new Response(body, { headers }), new Response('{"status":200,"error":{},"data":{}}')];
    await through({ fetch: async () => answers.shift() }).webhooks.list();
  }));
  assert.equal(waits.length, 20);
  assert.ok(Math.max(...waits) - Math.min(...waits) > 1000, `${waits}`);
});

test('what would come behind the deadline is not waited for', async () => {
  it.faulty.next(refusal(Code.Unavailable, 'no', { 'Retry-After': '3600' }));
  const began = performance.now();
  await assert.rejects(through().webhooks.list(), { code: Code.Unavailable, retryAfter: 3_600_000 });
  assert.ok(performance.now() - began < 60_000);
  assert.equal(it.faulty.calls.length, 1);
});

test('an attempt that takes too long is given up, and made again', async () => {
  it.faulty.next('hang');
  await through({ timeout: 1000 }).webhooks.list();
  assert.equal(it.faulty.calls.length, 2);

  it.faulty.next('hang', 'hang');
  await assert.rejects(through().webhooks.list({ deadline: 1000 }), (error) => {
    assert.ok(error instanceof NoAnswerError);
    assert.equal(error.cause.name, 'TimeoutError');
    return true;
  });
  assert.equal(it.faulty.calls.length, 1, 'the deadline ends the call');
});

test('there may be no end to how long a call takes', async () => {
  it.faulty.next();
  await through({ timeout: Infinity, deadline: Infinity, attempts: 1 }).webhooks.list();
  assert.equal(it.faulty.calls.length, 1);
});

test('a signal ends a call, whatever it waits for', async () => {
  const reason = new Error('enough');
  await assert.rejects(through().webhooks.list({ signal: AbortSignal.abort(reason) }), reason);

  it.faulty.next('hang');
  const asked = new AbortController();
  const waiting = through().webhooks.list({ signal: asked.signal });
  await it.faulty.came(1);
  asked.abort(reason);
  await assert.rejects(waiting, reason);

  it.faulty.next({ status: 503, headers: { 'Retry-After': '60' } });
  const paused = new AbortController();
  const pausing = through().webhooks.list({ signal: paused.signal });
  await it.faulty.came(1);
  setTimeout(() => paused.abort(reason), 20); // it may still be reading the answer, or wait already
  await assert.rejects(pausing, reason);
  assert.equal(it.faulty.calls.length, 1);
});

test('the key goes nowhere but to the server', async () => {
  let asked;
  const fetch = (url, init) => {
    asked = { url, init };
    return globalThis.fetch(url, init);
  };
  await it.backend(it.parlor.base, { fetch }).webhooks.list();
  assert.equal(asked.url, `${it.parlor.base}/v1/server/webhook/list`);
  assert.equal(asked.init.redirect, 'manual');
});
