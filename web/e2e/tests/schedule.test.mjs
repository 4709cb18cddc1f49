// Messages that are written now and sent later.

import assert from 'node:assert/strict';
import { scenario } from '../lib/scenario.mjs';

const hour = 3_600_000;

scenario('a message is sent when it is due', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const group = await parlor.group('Group', [ana, bo]);
  const [a, second, b] = await Promise.all([device(ana), device(ana, 'Ana again'), device(bo)]);
  const changes = (n) =>
    second.until(
      `${n} changes of what is scheduled`,
      ([roomID, count]) =>
        window.host.log.filter((e) => e.event === 'scheduled' && e.room.roomID === roomID).length >=
        count,
      [group.roomID, n],
    );
  const texts = async (d) =>
    (await d.do('scheduled', group.roomID)).map(({ message }) => message.body);

  const { createdItem: later } = await a.do('schedule', group, 'later', Date.now() + hour);
  await changes(1);
  const { createdItem: dropped } = await a.do('schedule', group, 'never', Date.now() + 2 * hour);
  await changes(2);
  assert.deepEqual(await texts(second), ['later', 'never']);
  assert.deepEqual(await texts(b), [], 'it is nobody else\'s');

  const { localID } = later.message;
  await a.do('editScheduled', later.id, group, 'in other words', localID);
  await a.do('reschedule', later.id, Date.now() + 1000);
  await changes(4);
  await b.untilNew('the message', { localID, body: 'in other words' });
  for (const d of [a, second]) {
    await d.until(
      'the message, as one that was scheduled',
      (id) =>
        window.host.log.find(
          (e) => e.event === 'new' && e.message.localID === id && e.isScheduled === true,
        ),
      localID,
    );
  }
  await changes(5);

  const { createdItem: now } = await a.do('schedule', group, 'now', Date.now() + hour);
  assert.deepEqual((await a.do('sendScheduled', [now.id], group.roomID)).ids, [now.id]);
  await b.untilNew('what was not waited for', { localID: now.message.localID });
  assert.deepEqual((await a.do('dropScheduled', [dropped.id], group.roomID)).ids, [dropped.id]);
  assert.deepEqual(await texts(a), []);
});
