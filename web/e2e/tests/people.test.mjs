// What people do to each other besides talking: block, report, find by phone.

import assert from 'node:assert/strict';
import { scenario } from '../lib/scenario.mjs';

const untilContact = (device, event, userID) =>
  device.until(
    `${event} ${userID}`,
    ([name, id]) =>
      window.host.log.find((e) => e.event === name && e.user.userID === id && e.user.fullname),
    [event, userID],
  );

scenario('who is blocked writes in vain', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const [a, second, b] = await Promise.all([device(ana), device(ana, 'Ana again'), device(bo)]);
  const { room } = await a.do('roomWith', bo.xcUserID);
  await a.do('send', room, 'hi Bo');
  await b.untilText(room.roomID, 'hi Bo');
  const toAna = await b.do('room', room.roomID);

  await a.do('block', b.userID);
  for (const d of [a, second]) {
    await untilContact(d, 'blocked', b.userID); // a whole user, on each device
  }
  assert.deepEqual(await a.do('blockedUserIDs'), [b.userID]);
  assert.deepEqual((await a.do('blockedUsers')).map((user) => user.fullname), ['Bo']);
  assert.deepEqual(await b.do('blockedUserIDs'), [], 'Bo has blocked nobody');

  const withheld = await b.do('send', toAna, 'can you read this?');
  await b.untilNew('the echo, as if nothing were', { localID: withheld });

  await a.do('unblock', b.userID);
  for (const d of [a, second]) {
    await untilContact(d, 'unblocked', b.userID);
  }
  assert.deepEqual(await a.do('blockedUserIDs'), []);
  const localID = await b.do('send', toAna, 'and this?');
  for (const d of [a, second]) {
    await d.untilNew('a message after the block', { localID });
    await d.reopen();
    await d.do('openRoom', room.roomID);
    await d.do('older', room.roomID, 50);
    assert.deepEqual(
      (await d.do('history', room.roomID)).map(({ body }) => body),
      ['hi Bo', 'and this?'],
      'what was withheld stays so',
    );
  }
});

scenario('people and messages are reported', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const group = await parlor.group('Group', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);
  await b.do('send', group, 'buy my boats');
  const bad = await a.untilText(group.roomID, 'buy my boats');

  await a.do('reportUser', b.userID, 'Spam', false, 'sells boats');
  await a.do('reportMessage', bad.messageID, group.roomID, 'Something else', true, '');
  const { reports } = await parlor.call('report/list', {});
  assert.deepEqual(
    reports.map(({ category, isOtherCategory, reason, reporter, user, message }) => [
      category, isOtherCategory, reason, reporter.fullname, user.fullname, message?.messageID,
    ]),
    [
      ['Spam', false, 'sells boats', 'Ana', 'Bo', undefined],
      ['Something else', true, '', 'Ana', 'Bo', bad.messageID],
    ],
  );
});

scenario('people are found by their phones, and say something of themselves', async ({ parlor, device }) => {
  const ana = await parlor.user('Ana');
  const bo = await parlor.user('Bo', { phone: '6281200000001' });
  const [a, b] = await Promise.all([device(ana), device(bo)]);
  assert.equal(await b.do('updateBio', 'Likes boats'), 'Successfully update bio');

  const found = await a.do('addByPhones', ['+62 812-0000-0001', '6281200000002']);
  assert.deepEqual(found.map(({ userID, fullname, bio }) => [userID, fullname, bio]), [
    [b.userID, 'Bo', 'Likes boats'],
  ]);
});
