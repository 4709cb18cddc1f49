// Frames of several events: the SDK must take each of them, in their order.

import assert from 'node:assert/strict';
import { scenario } from '../lib/scenario.mjs';

scenario('what was missed comes in frames of several events', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Together', [ana, bo]);
  const b = await device(bo);
  await b.do('openRoom', room.roomID);

  const sizes = []; // of the frames that come, in events
  b.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      sizes.push(payload.toString().split('\n').length);
    });
  });
  await b.do('disconnect');
  const texts = [];
  for (let i = 0; i < 100; i += 1) {
    texts.push(`message ${i}`);
    await parlor.say(ana, room, texts[i]);
  }
  // Apps do not ask after every loss of a connection: the server sends what they lack.
  await b.do('connectOnly');
  await b.until(
    'the last message to come in live',
    (body) => window.host.log.some((e) => e.event === 'new' && e.message.body === body),
    texts[99],
    45_000,
  );
  const got = await b.page.evaluate(() =>
    window.host.log.filter((e) => e.event === 'new').map((e) => e.message.body),
  );
  assert.deepEqual(got.filter((body) => body.startsWith('message ')), texts);
  assert.ok(Math.max(...sizes) > 10, `frames of ${sizes} events`);

  // The receive queue goes on.
  await parlor.say(ana, room, 'after');
  await b.untilText(room.roomID, 'after');
  await b.do('send', room, 'answer');
  await b.untilText(room.roomID, 'answer');
});
