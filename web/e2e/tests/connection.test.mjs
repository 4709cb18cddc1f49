// Signing in, being seen, and what happens when tokens or servers come to an end.

import assert from 'node:assert/strict';
import { Faults } from '../lib/faults.mjs';
import { scenario } from '../lib/scenario.mjs';

scenario('a ticket signs in, and a made-up one does not', async ({ parlor, device, page }) => {
  const ana = await parlor.user('Ana');
  const a = await device(ana);
  const me = await a.do('me');
  assert.equal(me.xcUserID, ana.xcUserID);
  assert.equal(me.fullname, 'Ana');
  assert.equal(me.userID, ana.userID);
  assert.ok(!('deleted' in me), 'the mere key marks a deleted account');
  assert.equal(await a.do('isConnected'), true);
  const { core } = await a.until('the settings', () => window.host.configs());
  assert.match(core.chatMediaMaxFileSize, /^\d+$/);
  assert.deepEqual(await a.do('roomList'), []);

  const stranger = await page('A stranger');
  await assert.rejects(stranger.do('signIn', 'made-up'), /40103/);
  assert.equal(await stranger.do('me'), null);
});

scenario('who is online', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  await parlor.say(bo, ana, 'hello'); // they know each other
  const a = await device(ana);

  const told = (isOnline) => [
    `Bo to be ${isOnline ? 'online' : 'offline'}`,
    ([xcUserID, want]) =>
      window.host.log.find(
        (e) => e.event === 'status' && e.user.xcUserID === xcUserID && e.isOnline === want,
      ),
    [bo.xcUserID, isOnline],
    20_000,
  ];
  const b = await device(bo);
  await a.until(...told(true));
  const now = Date.now();
  await b.do('disconnect');
  const { lastActive } = await a.until(...told(false));
  assert.ok(Math.abs(lastActive - now) < 30_000, `last active at ${lastActive}, now is ${now}`);
});

scenario('the server is killed and comes back', async ({ parlor, device }) => {
  const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
  const room = await parlor.group('Survivors', [ana, bo]);
  const [a, b] = await Promise.all([device(ana), device(bo)]);
  await b.do('openRoom', room.roomID);
  const localID = await a.do('send', room, 'before');
  await b.untilText(room.roomID, 'before');

  const [markA, markB] = [await a.mark(), await b.mark()];
  const { messageID } = await b.do('find', room.roomID, localID);
  await Faults.withoutServer([a.faults, b.faults], async () => {
    await parlor.kill();
    for (const d of [a, b]) {
      await d.until('the connection to be lost', () => !window.host.isConnected());
    }
    const lost = b.page.waitForEvent('pageerror');
    await b.do('markRead', [messageID]); // which the SDK tries once
    await lost;
    await a.do('send', room, 'meanwhile'); // waits in the SDK's queue
    await parlor.up();
    await a.untilReopened(markA);
    await b.untilReopened(markB);
  });

  await b.untilText(room.roomID, 'meanwhile');
  await a.untilText(room.roomID, 'meanwhile');
  await b.do('send', room, 'after');
  await a.untilText(room.roomID, 'after');

  const later = await device(bo, 'Bo on a new device');
  await later.do('openRoom', room.roomID);
  const texts = (await later.do('history', room.roomID)).filter((m) => m.type === 1001);
  assert.deepEqual(texts.map((m) => m.body), ['before', 'meanwhile', 'after']);
});

scenario(
  'an access token ends, and the SDK gets itself a new one',
  async ({ parlor, device }) => {
    const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo')];
    const room = await parlor.group('Tokens', [ana, bo]);
    const [a, b] = await Promise.all([device(ana), device(bo)]);
    await b.do('openRoom', room.roomID);

    // Both go on using the app until their SDKs have refreshed. Every call succeeds.
    const refreshed = new Set();
    for (const d of [a, b]) {
      d.page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/access_token/refresh')) {
          refreshed.add(d.name);
        }
      });
    }
    const deadline = Date.now() + 20_000;
    while (refreshed.size < 2) {
      assert.ok(Date.now() < deadline, `only refreshed: ${[...refreshed]}`);
      for (const d of [a, b]) {
        await d.do('refreshMe');
      }
    }

    // With fresh tokens the socket is there, still or again.
    for (const d of [a, b]) {
      await d.until('the socket to be open', () => window.host.isConnected());
    }
    await a.do('send', room, 'still here');
    await b.untilText(room.roomID, 'still here');
    await a.untilText(room.roomID, 'still here');
    for (const d of [a, b]) {
      const out = await d.page.evaluate(() => window.host.log.find((e) => e.event === 'logged out'));
      assert.equal(out, undefined, `${d.name} was logged out`);
      assert.equal((await d.do('me')).fullname, d.name);
    }
  },
  { PARLOR_ACCESS_TOKEN_LIFETIME: '4s' },
);
