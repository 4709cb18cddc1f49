// Calls of a real server: what they answer, what is refused, and lists in pages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backend, Code, NoAnswerError, ParlorError } from 'parlor-client';
import { all, server } from './lib/server.mjs';

const it = server({
  async setUp() {
    for (let i = 1; i <= 5; i += 1) {
      await it.direct.users.update({ xcUserID: `cust-${i}`, fullName: `Customer ${i}` });
      await it.direct.rooms.createOrUpdate({
        xcRoomID: `ORD-${i}`, type: 2, name: `Order ${i}`, tags: ['paged'], participantXCUserIDs: ['cust-1', `cust-${i}`],
      });
    }
  },
});

test('calls answer their data', async () => {
  const { room, participants } = await it.direct.rooms.get({ xcRoomID: 'ORD-2' });
  assert.equal(room.name, 'Order 2');
  assert.deepEqual(participants.map((p) => p.xcUserID), ['cust-1', 'cust-2']);
  const sent = await it.direct.messages.sendCustom({
    messageType: 1001, body: 'On its way', senderXCUserID: 'cust-1', roomID: room.roomID,
  });
  assert.match(sent.localID, /^[\w-]{24,64}$/);
  const { ticket } = await it.direct.tickets.request({ xcUserID: 'cust-1', fullName: 'Customer 1' });
  assert.ok(ticket);
  assert.deepEqual(await it.direct.beforeHook.get(), { isSet: false });
});

test('the URL may end in a slash or in /api', async () => {
  for (const end of ['/', '/api', '/api/']) {
    const { room } = await it.backend(it.parlor.base + end).rooms.get({ xcRoomID: 'ORD-2' });
    assert.equal(room.xcRoomID, 'ORD-2');
  }
});

test('a call by its path', async () => {
  const { room } = await it.direct.call('room/get', { xcRoomID: 'ORD-2' });
  assert.equal(room.name, 'Order 2');
  const { webhooks } = await it.direct.call('webhook/list');
  assert.deepEqual(webhooks, []);
});

test('lists are walked through, page by page', async () => {
  await it.faulty.next();
  const parlor = it.backend(it.faulty.url);
  const rooms = await all(parlor.rooms.listAll({ tag: 'paged', limit: 2 }));
  assert.deepEqual(rooms.map((room) => room.xcRoomID).sort(), ['ORD-1', 'ORD-2', 'ORD-3', 'ORD-4', 'ORD-5']);
  assert.equal(it.faulty.calls.length, 3);

  it.faulty.next();
  for await (const room of parlor.rooms.listAll({ tag: 'paged', limit: 2 })) {
    assert.ok(room.xcRoomID);
    break;
  }
  assert.equal(it.faulty.calls.length, 1, 'pages are asked for when they are needed');
});

test('lists by offset, and behind the last entry', async () => {
  const mine = await all(it.direct.rooms.getListByUserAll({ xcUserID: 'cust-1', limit: 2 }));
  assert.equal(new Set(mine.map((entry) => entry.lastMessage.room.xcRoomID)).size, 5);
  const later = await all(it.direct.rooms.getListByUserAll({ xcUserID: 'cust-1', limit: 2, offset: 4 }));
  assert.equal(later.length, 1);

  for (const code of ['a', 'b', 'c', 'd', 'e']) {
    await it.direct.roles.createOrUpdate({ code, name: code });
  }
  const roles = await all(it.direct.roles.listAll({ limit: 2 }));
  assert.deepEqual(roles.map((role) => role.code), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(await all(it.direct.roles.listAll()), roles);
  assert.deepEqual((await all(it.direct.roles.listAll({ limit: 2, afterCode: 'c' }))).map((role) => role.code), ['d', 'e']);

  const entries = await all(it.direct.audit.listAll({ limit: 3 }));
  const once = await it.direct.audit.list({ limit: 100 });
  assert.ok(entries.length > 6);
  assert.deepEqual(entries, once.entries);
  assert.deepEqual(await all(it.direct.reports.listAll()), []);
});

test('refusals say what is wrong', async () => {
  await assert.rejects(it.direct.rooms.get({ xcRoomID: 'ORD-none' }), (error) => {
    assert.ok(error instanceof ParlorError && error instanceof Error);
    assert.deepEqual(
      [error.status, error.code, error.reason, error.notFound, error.param, error.path, error.retryAfter],
      [404, Code.NotFound, 'Room is not found', 'ORD-none', '', 'room/get', 0],
    );
    assert.ok(error.requestID);
    assert.equal(error.message, `room/get: 40401 Room is not found: "ORD-none" (request ${error.requestID})`);
    return true;
  });
  await assert.rejects(it.direct.rooms.list({ limit: 1000 }), { code: Code.Invalid, status: 400, param: 'limit' });
  await assert.rejects(it.direct.call('room/none'), { code: Code.NoSuchCall, status: 404 });
});

test('a strict client is told of parameters that the call does not have', async () => {
  const params = { xcRoomID: 'ORD-2', xcRomID: 'ORD-3' };
  assert.equal((await it.direct.rooms.get(params)).room.xcRoomID, 'ORD-2');
  const strict = it.backend(it.parlor.base, { strict: true });
  await assert.rejects(strict.rooms.get(params), { code: Code.Invalid, param: 'xcRomID' });
});

test('wrong keys and configurations', async () => {
  const url = it.parlor.base;
  await assert.rejects(new Backend({ url, key: 'nobody:secret' }).webhooks.list(), { code: Code.UnknownKey });
  await assert.rejects(new Backend({ url, key: 'test-server:wrong' }).webhooks.list(), { code: Code.BadKey });
  await assert.rejects(new Backend({ url, key: 'naïve:schlüssel' }).webhooks.list(), { code: Code.UnknownKey });
  for (const wrong of ['ftp://host', 'http://host/?a=b', 'http://host/#a', 'http://me:you@host', 'host', 'host:8080', '', undefined]) {
    const expected = new TypeError(`url is ${JSON.stringify(wrong)}, and not that of a server: want http(s)://HOST`);
    assert.throws(() => new Backend({ url: wrong, key: 'a:b' }), expected);
  }
  for (const key of ['', 'id', ':secret', 'id:', undefined]) {
    assert.throws(() => new Backend({ url, key }), (error) => error instanceof TypeError && !error.message.includes('secret:'));
  }
  for (const name of ['attempts', 'timeout', 'deadline', 'maxAnswer']) {
    assert.throws(() => new Backend({ url, key: 'a:b', [name]: 0 }), new TypeError(`${name} must be above 0`));
  }
});

test('an answer that is too large is not read to its end', async () => {
  it.faulty.next();
  const small = it.backend(it.faulty.url, { maxAnswer: 200 });
  await assert.rejects(small.rooms.list(), (error) => error instanceof NoAnswerError && error.unreadable);
  assert.equal(it.faulty.calls.length, 1, 'and not asked for again');
});
