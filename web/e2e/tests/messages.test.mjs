// What happens to messages: sent, answered, changed, taken back, delivered and read.

import assert from 'node:assert/strict';
import { scenario } from '../lib/scenario.mjs';

scenario('a group made with the SDK, and messages both ways', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  const room = await a.do('createGroup', 'Weekend plans', [b.userID]);
  assert.equal(room.name, 'Weekend plans');
  assert.doesNotMatch(room.roomID, /-/, 'a dash marks personal rooms');
  const made = await b.untilNew('news of the group', { action: 'room/create' });
  assert.equal(made.room.roomID, room.roomID);
  assert.equal(made.room.name, 'Weekend plans');
  assert.equal(made.type, 9001);

  // Texts that show whether the cipher, the frames and the browser agree.
  const texts = [
    'hello',
    'one block exactly',
    'two\nlines and a "quote" and a \\',
    '🖼 åß日本語 עברית',
    '{"eventName":"x"}',
    'long '.repeat(700),
  ];
  for (const text of texts) {
    const localID = await a.do('send', room, text);
    const got = await b.untilNew(`a message of ${text.length} characters`, { localID });
    assert.equal(got.body, text);
    assert.equal(got.user.userID, a.userID);
    assert.equal(got.user.fullname, 'Ana');
    assert.ok(!('deleted' in got.user), 'the mere key marks a deleted account');
    const echo = await a.untilNew('the echo of it', { localID });
    assert.equal(echo.isSending, false);
    assert.match(echo.messageID, /^[1-9]\d*$/);
    assert.equal(echo.messageID, got.messageID);
  }
  await b.do('send', made.room, 'and back');
  await a.untilText(room.roomID, 'and back');

  const bodies = (messages) => messages.filter((m) => m.type === 1001).map((m) => m.body);
  assert.deepEqual(bodies(await b.do('history', room.roomID)), [...texts, 'and back']);
  assert.deepEqual(bodies(await a.do('history', room.roomID)), [...texts, 'and back']);
});

scenario('a reply quotes, and an edit leaves the quote alone', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Replies', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  const question = await a.do('send', room, 'Tea or coffee?');
  const quoted = await b.untilNew('the question', { localID: question });
  const answer = await b.do('send', quoted.room, 'Tea', quoted);
  const check = (message, body) => {
    assert.equal(message.body, body);
    assert.equal(message.quote.title, 'Ana');
    assert.equal(message.quote.content, 'Tea or coffee?');
    assert.equal(message.replyTo.localID, question);
    assert.equal(message.replyTo.messageID, quoted.messageID);
    assert.equal(message.replyTo.userID, a.userID);
  };
  check(await a.untilNew('the answer', { localID: answer }), 'Tea');

  await b.untilNew('the echo of the answer', { localID: answer });
  await b.do('edit', room.roomID, answer, 'Tea, please');
  const edited = await a.untilUpdate('the edit', { localID: answer, isMessageEdited: true });
  check(edited, 'Tea, please');
  check(await b.untilUpdate('the edit', { localID: answer, isMessageEdited: true }), 'Tea, please');

  // As loaded, not as pushed.
  await b.reopen();
  await b.do('openRoom', room.roomID);
  check(await b.untilText(room.roomID, 'Tea, please'), 'Tea, please');
});

scenario('an edit and its limits', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Edits', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  const localID = await a.do('send', room, 'helo');
  const before = await b.untilNew('the message', { localID });
  await a.untilNew('the echo', { localID });
  await a.do('edit', room.roomID, localID, 'hello');
  const after = await b.untilUpdate('the edit', { localID, isMessageEdited: true });
  assert.equal(after.body, 'hello');
  assert.equal(after.messageID, before.messageID);
  assert.equal(after.created, before.created, 'an edited message keeps its place');
  assert.ok(after.updated > before.updated);

  // Nobody edits what another wrote. Bo's attempt comes before his next message, so
  // once that one is here, the attempt has been dealt with.
  await b.do('edit', room.roomID, localID, 'goodbye');
  const next = await b.do('send', room, 'next');
  await a.untilNew('the next message', { localID: next });
  assert.equal((await a.do('find', room.roomID, localID)).body, 'hello');
  await b.reopen();
  await b.do('openRoom', room.roomID);
  await b.untilText(room.roomID, 'hello');
});

scenario('a message is deleted for everyone, another for oneself', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Deletions', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);

  const slip = await a.do('send', room, 'wrong room, sorry');
  await a.untilNew('the echo', { localID: slip });
  await b.untilNew('the message', { localID: slip });
  await a.do('remove', room.roomID, slip, true);
  for (const d of [a, b]) {
    const gone = await d.untilUpdate('the deletion', { localID: slip, isDeleted: true });
    assert.doesNotMatch(gone.body ?? '', /wrong/, 'the text must not travel any more');
    assert.equal(gone.data, '');
  }

  const clutter = await b.do('send', room, 'only I shall forget this');
  await b.untilNew('the echo', { localID: clutter });
  await a.untilNew('the message', { localID: clutter });
  await b.do('remove', room.roomID, clutter, false);
  await b.untilUpdate('the deletion', { localID: clutter, isDeleted: true, isHidden: true });
  assert.equal((await a.do('find', room.roomID, clutter)).isDeleted, false);

  // As loaded: the first is a stub for Ana and Bo, the second is there for Ana only.
  await a.reopen();
  await a.do('openRoom', room.roomID);
  await a.do('older', room.roomID, 20);
  await a.untilText(room.roomID, 'only I shall forget this');
  const stub = await a.do('find', room.roomID, slip);
  assert.equal(stub.isDeleted, true);
  assert.doesNotMatch(stub.body ?? '', /wrong/);
});

scenario('typing is told to the others', async ({ parlor, device }) => {
  const users = [await parlor.user('Ana'), await parlor.user('Bo'), await parlor.user('Cy')];
  const room = await parlor.group('Typing', users);
  const [a, b, c] = await Promise.all(users.map((user) => device(user)));

  const told = (event) => [
    `${event} from Ana`,
    ([name, roomID]) => window.host.log.find((e) => e.event === name && e.roomID === roomID),
    [event, room.roomID],
  ];
  await a.do('startTyping', room.roomID);
  for (const d of [b, c]) {
    const { user } = await d.until(...told('typing'));
    assert.equal(user.userID, a.userID);
    assert.equal(user.fullname, 'Ana');
  }
  await a.do('stopTyping', room.roomID);
  await b.until(...told('stopped typing'));

  // Events keep their order, so Ana would know by now if she were told of herself.
  await b.do('send', room, 'done?');
  await a.untilText(room.roomID, 'done?');
  const own = await a.page.evaluate(() => window.host.log.filter((e) => e.event === 'typing'));
  assert.deepEqual(own, []);
});

scenario('ticks in a personal room: delivered, then read', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const a = await device(ana);
  const { room } = await a.do('roomWith', bo.xcUserID);

  // Bo is not there: one tick only.
  const localID = await a.do('send', room, 'are you there?');
  const sent = await a.untilNew('the echo', { localID });
  assert.equal(sent.isDelivered, false);
  assert.equal(sent.isRead, false);

  const b = await device(bo);
  const live = await a.do('send', room, 'hello?');
  await b.untilNew('the second message', { localID: live });
  await a.untilUpdate('delivered', { localID: live, isDelivered: true });
  assert.equal((await a.do('find', room.roomID, live)).isRead, false);

  await b.do('openRoom', room.roomID);
  for (const id of [localID, live]) {
    const read = await a.untilUpdate('read', { localID: id, isRead: true });
    assert.equal(read.isDelivered, true, 'who read it has it');
  }
});

scenario('ticks in a group: read is for the sender and the reader', async ({ parlor, device }) => {
  const users = [await parlor.user('Ana'), await parlor.user('Bo'), await parlor.user('Cy')];
  const room = await parlor.group('Ticks', users);
  const [a, b, c] = await Promise.all(users.map((user) => device(user)));

  const localID = await a.do('send', room, 'all read?');
  const { messageID } = await b.untilNew('the message', { localID });
  await c.untilNew('the message', { localID });
  await b.do('markRead', [messageID]);
  await b.untilUpdate('what I read', { localID, isRead: true });

  // For Cy it stays unread until Cy reads it.
  const probe = await a.do('send', room, 'later');
  await c.untilNew('a later message', { localID: probe });
  assert.equal((await c.do('find', room.roomID, localID)).isRead, false);

  await c.do('markRead', [messageID]);
  await c.untilUpdate('what I read', { localID, isRead: true });
  await a.untilUpdate('read by all', { localID, isRead: true });
});

scenario('one user with two devices', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Devices', [ana, bo]);
  const [phone, desk, b] = await Promise.all([
    device(ana, 'Ana on her phone'),
    device(ana, 'Ana at her desk'),
    device(bo),
  ]);

  const before = await phone.do('unread', room.roomID);
  const text = await b.do('send', room, 'to all your screens');
  await phone.untilNew('the message', { localID: text });
  await desk.untilNew('the message', { localID: text });
  for (const d of [phone, desk]) {
    assert.equal(await d.do('unread', room.roomID), before + 1);
  }

  // What one device sends is on the other, as one's own.
  const own = await desk.do('send', room, 'from my desk');
  const seen = await phone.untilNew('what the other device sent', { localID: own });
  assert.equal(seen.user.userID, phone.userID);

  await phone.do('openRoom', room.roomID);
  await desk.untilUpdate('what was read on the phone', { localID: text, isRead: true });
  await desk.until(
    'nothing to be unread',
    (id) => window.host.unread(id) === 0 && window.host.roomList()[0].unread === 0,
    room.roomID,
  );
});
