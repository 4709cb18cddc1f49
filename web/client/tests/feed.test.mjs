// The feed of events: waiting, cursors that are stored, and a server that goes away.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Code } from 'parlor-client';
import { refusal } from './lib/faulty.mjs';
import { server } from './lib/server.mjs';

const it = server();

const user = (n) => it.direct.users.update({ xcUserID: `u-${n}`, fullName: `User ${n}` });
const names = (page) => page.events.map((event) => event.data.user.xcUserID);

// kept is a store in memory that says what was stored.
function kept(cursor) {
  const store = { saved: [], load: () => cursor, save: (next) => { store.saved.push(next); cursor = next; } };
  return store;
}

test('the feed tells what is there, and waits for what is to come', { timeout: 60_000 }, async () => {
  await user(1);
  const seen = [];
  for await (const page of it.direct.feed({ types: ['user.created'], limit: 1 })) {
    seen.push(...names(page));
    if (seen.length === 3) {
      break;
    }
    setTimeout(() => user(seen.length + 1), 100); // by then it waits
  }
  assert.deepEqual(seen, ['u-1', 'u-2', 'u-3']);
});

test('a cursor is stored once its page was dealt with', { timeout: 60_000 }, async () => {
  const store = kept();
  for await (const page of it.direct.feed({ store, types: ['user.created'], limit: 1 })) {
    if (names(page)[0] === 'u-2') {
      break; // before it is dealt with, as in a crash
    }
  }
  assert.equal(store.saved.length, 1);
  for await (const page of it.direct.feed({ store, types: ['user.created'], limit: 1 })) {
    assert.deepEqual(names(page), ['u-2'], 'it comes again');
    break;
  }
});

test('the first run begins where it says, and what is stored goes before', { timeout: 60_000 }, async () => {
  const store = kept();
  const next = it.direct.feed({ store, cursor: 'now', types: ['user.created'] }).next();
  while (store.saved.length === 0) { // the cursor of now is kept at once
    await new Promise(setImmediate);
  }
  await user(4);
  assert.deepEqual(names((await next).value), ['u-4']);

  const again = it.direct.feed({ store, cursor: 'no cursor at all', types: ['user.created'] });
  assert.deepEqual(names((await again.next()).value), ['u-4']);
});

test('the feed goes on when the server was away', { timeout: 60_000 }, async () => {
  it.faulty.next('drop', 'cut', { status: 502 }, refusal(Code.Unavailable), 'lose', 'drop');
  const pages = it.backend(it.faulty.url, { attempts: 2 }).feed({ types: ['user.created'] });
  const { value } = await pages.next();
  assert.deepEqual(names(value), ['u-1', 'u-2', 'u-3', 'u-4']);
  assert.equal(it.faulty.calls.length, 7);

  await it.parlor.kill();
  it.faulty.next();
  const later = pages.next();
  await it.faulty.came(3); // in vain
  await it.parlor.up();
  await user(5);
  assert.deepEqual(names((await later).value), ['u-5']);
});

test('the wait ends before the patience does', { timeout: 60_000 }, async () => {
  it.faulty.next();
  const pages = it.backend(it.faulty.url, { timeout: 3000 }).feed({ cursor: 'now', types: ['user.created'] });
  const next = pages.next();
  await it.faulty.came(3); // the first asks for now, the second waits in vain
  assert.ok(it.faulty.calls.every((call) => JSON.parse(call.body).wait === 1));
  assert.ok(it.faulty.calls[2].at - it.faulty.calls[1].at >= 900);
  await user(6);
  assert.deepEqual(names((await next).value), ['u-6']);
});

test('a refusal and a signal end the feed', { timeout: 60_000 }, async () => {
  await assert.rejects(it.direct.feed({ cursor: 'no cursor' }).next(), { code: Code.Invalid, param: 'cursor' });
  const control = new AbortController();
  const reason = new Error('enough');
  it.faulty.next();
  const next = it.backend(it.faulty.url).feed({ cursor: 'now', signal: control.signal }).next();
  await it.faulty.came(2);
  control.abort(reason);
  await assert.rejects(next, reason);

  it.faulty.next('drop', 'drop', 'drop', 'drop');
  const away = new AbortController();
  const waiting = it.backend(it.faulty.url, { attempts: 1 }).feed({ signal: away.signal }).next();
  await it.faulty.came(2);
  away.abort(reason);
  await assert.rejects(waiting, reason);
});
