// Rooms: personal ones, the list, history, and what the customer's backend does.

import assert from 'node:assert/strict';
import { scenario } from '../lib/scenario.mjs';

scenario('a personal room comes with its first message', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  // The SDK makes up the room's id before the server knows of the room.
  const { success, room } = await a.do('roomWith', bo.xcUserID);
  assert.equal(success, true);
  assert.equal(room.roomID, [a.userID, b.userID].sort((x, y) => x - y).join('-'));
  await a.do('openRoom', room.roomID);
  const localID = await a.do('send', room, 'hi Bo');

  const got = await b.untilNew('the first message', { localID });
  assert.equal(got.room.roomID, room.roomID);
  assert.equal(got.room.type, 1);
  assert.equal(got.room.name, 'Ana', 'to Bo it is the room with Ana');
  assert.equal(got.recipientID, b.userID);
  const echo = await a.untilNew('the echo', { localID });
  assert.equal(echo.room.name, 'Bo', 'to Ana it is the room with Bo');

  await b.do('send', got.room, 'hi Ana');
  await a.untilText(room.roomID, 'hi Ana');
  for (const [d, other] of [[a, 'Bo'], [b, 'Ana']]) {
    await d.reopen();
    const [entry] = await d.do('roomList');
    assert.equal(entry.roomID, room.roomID);
    assert.equal(entry.room.name, other);
  }
});

scenario('the list of rooms, with what is unread', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const [first, second] = [
    await parlor.group('First', [ana, bo]),
    await parlor.group('Second', [ana, bo]),
  ];
  // Rooms made by the backend begin with a notice. That is read before it counts.
  const [a, b] = await Promise.all([device(ana), device(bo)]);
  for (const { roomID } of [first, second]) {
    await b.do('openRoom', roomID);
    await b.until('it to be read', (id) => window.host.unread(id) === 0, roomID);
  }
  await b.do('disconnect');

  for (const [room, text] of [[second, 'one'], [first, 'two'], [first, 'three']]) {
    await a.do('send', room, text);
    await a.untilText(room.roomID, text);
  }

  await b.reopen();
  const list = await b.do('roomList');
  assert.deepEqual(
    list.map(({ room, unread, lastMessage }) => [room.name, unread, lastMessage.body]),
    [
      ['First', 2, 'three'],
      ['Second', 1, 'one'],
    ],
    'newest first',
  );

  await b.do('openRoom', first.roomID);
  await b.until('it to be read', (id) => window.host.unread(id) === 0, first.roomID);
  await b.reopen();
  const unread = await b.do('roomList');
  assert.deepEqual(unread.map(({ room, unread: n }) => [room.name, n]), [
    ['First', 0],
    ['Second', 1],
  ]);

  // A new message moves its room up.
  await a.do('send', second, 'four');
  await b.untilText(second.roomID, 'four');
  await b.until(
    'the room to move up',
    () => window.host.roomList()[0].room.name === 'Second' && window.host.roomList()[0].unread === 2,
  );
});

scenario('history page by page', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('History', [ana, bo]);
  // The SDK pages back from the oldest message it holds, and the list gives it what is
  // unread: an unread notice at the very beginning would leave nothing to page.
  const a = await device(ana);
  await a.do('openRoom', room.roomID);
  await a.until('it to be read', (id) => window.host.unread(id) === 0, room.roomID);
  await a.do('disconnect');

  const texts = Array.from({ length: 45 }, (_, n) => `message ${n + 1}`);
  for (const text of texts) {
    await parlor.say(ana, room, text);
  }

  // Ana has none of it unread, so her list has the newest message only.
  await a.reopen();
  let pages = 0;
  for (;;) {
    await a.do('older', room.roomID, 20);
    pages += 1;
    const held = (await a.do('history', room.roomID)).filter((m) => m.type === 1001);
    const newest = texts.slice(-held.length);
    assert.deepEqual(held.map((m) => m.body), newest, `after page ${pages}`);
    if (held.length === texts.length) {
      break;
    }
    assert.ok(pages < 4, 'the pages do not come to an end');
  }
});

scenario('what the backend does shows up live', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  // Made.
  const room = await parlor.group('Order 1001', [ana]);
  const made = await a.untilNew('the room', { action: 'room/create' });
  assert.equal(made.room.roomID, room.roomID);
  assert.equal(made.room.xcRoomID, room.xcRoomID);
  assert.equal(made.room.name, 'Order 1001');
  const found = await a.do('roomByXCID', room.xcRoomID);
  assert.deepEqual(found.participants.map((p) => p.userID), [a.userID]);

  // Filled.
  await parlor.call('room/participants/add', {
    xcRoomID: room.xcRoomID,
    participantXCUserIDs: [bo.xcUserID],
  });
  const added = await b.untilNew('the room', { action: 'room/addParticipant' });
  assert.equal(added.room.name, 'Order 1001');
  assert.equal(added.target.targetID, b.userID);
  await a.untilNew('who came', { action: 'room/addParticipant' });

  // Spoken in.
  await parlor.say(bo, room, 'Your order has shipped');
  const said = await a.untilText(room.roomID, 'Your order has shipped');
  assert.equal(said.user.userID, b.userID);
  assert.equal((await b.untilText(room.roomID, 'Your order has shipped')).room.isLocked, false);

  // Locked: nobody gets a word in, and every client is told.
  await parlor.call('room/lock', { xcRoomID: room.xcRoomID, xcUserID: bo.xcUserID });
  await a.until('the lock', (id) => window.host.room(id).isLocked, room.roomID);
  const refused = await a.do('send', room, 'wait!');
  await parlor.say(bo, room, 'This order is closed');
  const last = await a.untilText(room.roomID, 'This order is closed');
  assert.equal(last.room.isLocked, true);
  assert.equal((await a.do('find', room.roomID, refused)).isSending, true);

  // Unlocked.
  await parlor.call('room/unlock', { xcRoomID: room.xcRoomID, xcUserID: bo.xcUserID });
  await a.until('the unlocking', (id) => !window.host.room(id).isLocked, room.roomID);
  await a.do('send', room, 'thanks');
  await b.untilText(room.roomID, 'thanks');

  // Renamed.
  await parlor.call('room/create_or_update', {
    xcRoomID: room.xcRoomID,
    type: 2,
    name: 'Order 1001, done',
  });
  const named = (id) => window.host.room(id).name === 'Order 1001, done';
  await a.until('the new name', named, room.roomID);
  await b.until('the new name', named, room.roomID);

  const later = await device(ana, 'Ana on a new device');
  await later.do('openRoom', room.roomID);
  const texts = (await later.do('history', room.roomID)).filter((m) => m.type === 1001);
  assert.deepEqual(
    texts.map((m) => m.body),
    ['Your order has shipped', 'This order is closed', 'thanks'],
    'what was refused is not stored',
  );

  // Taken out.
  await parlor.call('room/participants/remove', {
    xcRoomID: room.xcRoomID,
    participantXCUserIDs: [bo.xcUserID],
  });
  const removed = await b.untilNew('the farewell', { action: 'room/removeParticipant' });
  assert.equal(removed.target.targetID, b.userID);
});

scenario('a member leaves a group', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Leaving', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  await b.do('leaveGroup', room.roomID);
  const left = await a.untilNew('who left', { action: 'room/leave' });
  assert.equal(left.user.userID, b.userID);
  await b.until('the room to go', (id) => !window.host.room(id), room.roomID);
  await a.do('send', room, 'just us');
  await a.untilText(room.roomID, 'just us');
  await b.reopen();
  assert.deepEqual(await b.do('roomList'), []);
});
