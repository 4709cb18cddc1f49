// The example chat, used by hand as it were: what a newcomer sees first has to work.

import assert from 'node:assert/strict';
import { example } from '../lib/example.mjs';
import { Faults } from '../lib/faults.mjs';
import { vapidKey } from '../lib/parlor.mjs';
import { png } from '../lib/picture.mjs';

example('the example chat', async ({ parlor, visit }) => {
  const ana = await visit('Buyer Ana');
  const dee = await visit('Support Dee', { width: 390, height: 780 });

  // The sample rooms, unread. In a phone's width there is the list or a room.
  await ana.room('Ticket 318').getByLabel('unread').waitFor();
  await ana.room('Ticket 318').click();
  await ana.bubble('corrected one').waitFor();
  await ana.room('Ticket 318').getByLabel('unread').waitFor({ state: 'detached' });
  await dee.room('Ticket 318').click();
  await dee.page.getByText('Buyer Ana, You').waitFor();
  assert.equal(await dee.page.getByRole('navigation').isVisible(), false);

  // Typing, sending, ticks. Both are in the room, so it is read at once.
  await dee.page.getByLabel('Message', { exact: true }).pressSequentially('He');
  await ana.page.locator('#room-info').getByText('Support Dee is typing').waitFor();
  await dee.write('Hello <b>Ana</b>');
  await ana.bubble('Hello <b>Ana</b>').waitFor();
  await dee.bubble('Hello <b>Ana</b>').getByLabel('read', { exact: true }).waitFor();

  // Reply, edit, delete.
  await ana.act('Hello <b>Ana</b>', 'Reply');
  await ana.write('Hello to you');
  await dee.bubble('Hello to you').getByText('Hello <b>Ana</b>').waitFor();
  await ana.bubble('Hello to you').getByLabel('read', { exact: true }).waitFor();
  await ana.act('Hello to you', 'Edit');
  await ana.write('Hello to you, too');
  await dee.bubble('Hello to you, too').getByText('edited').waitFor();
  await ana.act('Hello to you, too', 'Delete');
  await ana.page.getByRole('button', { name: 'For everyone' }).click();
  await dee.bubble('This message was deleted').waitFor();

  // A locked room has no composer, and one that is locked loses it.
  await ana.room('Order 988').click();
  await ana.page.getByText('This room is locked').waitFor();
  assert.equal(await ana.page.getByLabel('Message', { exact: true }).isVisible(), false);
  await parlor.call('room/lock', { xcRoomID: 'demo-ticket-318', xcUserID: 'demo-dee' });
  await dee.page.getByText('This room is locked').waitFor();

  // A personal chat, and who is online.
  await ana.page.getByLabel('New chat').first().click();
  await ana.page.getByLabel('Support Dee').click();
  await ana.page.getByRole('button', { name: 'Create' }).click();
  await ana.page.locator('#room-info').getByText('online').waitFor();
  await ana.write('Are you there?');
  await dee.page.getByLabel('Back to the rooms').click();
  await dee.room('Buyer Ana').getByLabel('1 unread').waitFor();

  // The server goes and comes back.
  await Faults.withoutServer([ana.faults, dee.faults], async () => {
    await parlor.kill();
    await ana.page.getByText('Connecting…').waitFor();
    await ana.write('Sent without a server');
    await parlor.up();
    await dee.room('Sent without a server').waitFor();
    await ana.page.getByText('Connecting…').waitFor({ state: 'hidden' });
  });

  // Signing out leads back to the choice of users, for good.
  await ana.page.getByLabel('Sign out').click();
  await ana.page.getByRole('button', { name: 'Seller Bo' }).waitFor();
  await ana.page.reload();
  await ana.page.getByRole('button', { name: 'Seller Bo' }).waitFor();
});

example('marks, forwarding and block in the example chat', async ({ visit }) => {
  const ana = await visit('Buyer Ana');
  const bo = await visit('Seller Bo');
  for (const one of [ana, bo]) {
    await one.room('Deal 7').click();
    await one.bubble('12 % less').waitFor();
  }

  // A star is the user's own, a pin everybody's.
  await ana.act('12 % less', 'Star');
  await ana.bubble('12 % less').getByLabel('starred').waitFor();
  await ana.act('12 % less', 'Pin');
  await bo.bubble('12 % less').getByLabel('pinned').waitFor();
  await bo.page.getByRole('button', { name: 'Pinned: Seller Bo: From thirty' }).waitFor();
  assert.equal(await bo.bubble('12 % less').getByLabel('starred').count(), 0);
  await ana.act('12 % less', 'Remove the star');
  await ana.bubble('12 % less').getByLabel('starred').waitFor({ state: 'detached' });
  await bo.act('12 % less', 'Unpin');
  await ana.bubble('12 % less').getByLabel('pinned').waitFor({ state: 'detached' });
  await ana.page.locator('#pinned').waitFor({ state: 'hidden' });

  // Forwarded, with the name of who said it first.
  await ana.act('12 % less', 'Forward');
  await ana.page.getByLabel('Find a room to forward to').fill('1042');
  await ana.page.getByLabel('Order 1042').check();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Forward', exact: true }).click();
  await ana.bubble('12 % less').getByText('Forwarded from Seller Bo').waitFor();
  await bo.room('Order 1042').click();
  await bo.bubble('12 % less').getByText('Forwarded from Seller Bo').waitFor();

  // Who is blocked writes in vain, and one cannot write to him.
  await ana.page.getByLabel('New chat').first().click();
  await ana.page.getByLabel('Seller Bo').click();
  await ana.page.getByRole('button', { name: 'Create' }).click();
  await ana.write('Hello Bo');
  await bo.room('Hello Bo').click();
  await bo.bubble('Hello Bo').waitFor();
  await ana.page.getByLabel('Block', { exact: true }).click();
  await ana.page.getByText('You have blocked Seller Bo.').waitFor();
  await bo.write('Can you read this?');
  await ana.page.getByLabel('Unblock', { exact: true }).click();
  await ana.page.getByLabel('Message', { exact: true }).waitFor();
  await bo.write('And this?');
  await ana.bubble('And this?').waitFor();
  assert.equal(await ana.bubble('Can you read this?').count(), 0);
});

example('texts from right to left in the example chat', async ({ parlor, visit }) => {
  await parlor.call('message/send/custom', {
    messageType: 1001, body: 'שלום, ההזמנה מוכנה', senderXCUserID: 'demo-bo', xcRoomID: 'demo-deal-7',
  });
  const ana = await visit('Buyer Ana');
  await ana.room('Deal 7').click();
  const written = (text, direction) =>
    ana.page.waitForFunction(
      ([part, wanted]) =>
        [...document.querySelectorAll('article p')].some(
          (p) => p.textContent.includes(part) && getComputedStyle(p).direction === wanted,
        ),
      [text, direction],
    );
  await written('שלום', 'rtl');
  await written('12 % less', 'ltr');
});

example('files and recordings in the example chat', async ({ visit }) => {
  const ana = await visit('Buyer Ana');
  const bo = await visit('Seller Bo');
  for (const one of [ana, bo]) {
    await one.room('Deal 7').click();
    await one.bubble('12 % less').waitFor();
  }

  // A picture shows by itself, in its own size; a file when it is asked for.
  await ana.page.locator('#file').setInputFiles([
    { name: 'chairs.png', mimeType: 'image/png', buffer: png(640, 480) },
    { name: 'offer.txt', mimeType: 'text/plain', buffer: Buffer.from('forty chairs') },
  ]);
  const picture = bo.page.locator('#messages img.picture:not(.blurred)');
  await picture.waitFor();
  await bo.page.waitForFunction((img) => img.naturalWidth === 640, await picture.elementHandle());
  await bo.bubble('offer.txt').getByLabel('Load the file').click();
  const download = bo.page.waitForEvent('download');
  await bo.bubble('offer.txt').getByRole('link', { name: 'offer.txt' }).click();
  const chunks = [];
  for await (const part of await (await download).createReadStream()) {
    chunks.push(part);
  }
  assert.equal(Buffer.concat(chunks).toString(), 'forty chairs');

  // A recording, of the browser's own test sound.
  await bo.page.getByLabel('Record', { exact: true }).click();
  await bo.page.getByLabel('Send the recording').click();
  await ana.page.getByLabel('Load the recording').click();
  await ana.page.locator('#messages audio').waitFor();

  // A forwarded picture is there for those of the other room.
  const cy = await visit('Courier Cy');
  await cy.room('Order 1042').click();
  await ana.page.locator('#messages article:has(img)').hover();
  await ana.page.locator('#messages article:has(img)').getByLabel('Forward').click();
  await ana.page.getByLabel('Order 1042').check();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Forward', exact: true }).click();
  await cy.page.locator('#messages img.picture:not(.blurred)').waitFor();
});

example('messages to be sent later in the example chat', async ({ visit }) => {
  const ana = await visit('Buyer Ana');
  const bo = await visit('Seller Bo');
  for (const one of [ana, bo]) {
    await one.room('Deal 7').click();
    await one.bubble('12 % less').waitFor();
  }
  const dialog = ana.page.getByRole('dialog');
  const list = dialog.getByRole('listitem');
  const later = async (text) => {
    await dialog.getByLabel('Message to send later').fill(text);
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await list.filter({ hasText: text }).waitFor();
  };
  await ana.page.getByRole('button', { name: 'Send later' }).click();
  await later('In an hour');
  await later('Now after all');
  await later('Never');
  await list.filter({ hasText: 'Never' }).getByLabel('Delete').click();
  await list.filter({ hasText: 'Never' }).waitFor({ state: 'detached' });
  await list.filter({ hasText: 'Now after all' }).getByLabel('Send now').click();
  await bo.bubble('Now after all').waitFor();
  await list.filter({ hasText: 'Now after all' }).waitFor({ state: 'detached' });
  assert.equal(await list.count(), 1);

  // In its time, while the dialog shows it.
  await dialog.getByLabel('When').fill(
    await ana.page.evaluate(() => {
      const soon = Date.now() + 3000;
      return new Date(soon - new Date(soon).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    }),
  );
  await later('In a moment');
  await bo.bubble('In a moment').waitFor();
  await list.filter({ hasText: 'In a moment' }).waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Close' }).click();
  await ana.bubble('In a moment').waitFor();
});

// The browser's own push service cannot be reached here, so its subscription is made up. The
// server takes it, and the service worker is given what the server would push.
const pushKeys = { PARLOR_VAPID_KEY: vapidKey(), PARLOR_VAPID_CONTACT: 'mailto:ops@example.com' };

example('push notifications in the example chat', async ({ parlor, visit }) => {
  const ana = await visit('Buyer Ana', { width: 390, height: 780 });
  const { origin } = new URL(ana.page.url());
  await ana.context.grantPermissions(['notifications'], { origin });
  await ana.page.evaluate(() => {
    let held = null;
    PushManager.prototype.getSubscription = async () => held;
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      const keys = { p256dh: applicationServerKey, auth: 'tBHItJI5svbpez7KI4CCXg' };
      held = { toJSON: () => ({ endpoint: 'https://push.example.net/1', keys }), unsubscribe: async () => (held = null) };
      return held;
    };
  });
  await ana.page.getByLabel('Notifications are off').click();
  await ana.page.getByLabel('Notifications are on').waitFor();

  const devtools = await ana.context.newCDPSession(ana.page);
  const registered = new Promise((resolve) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) =>
      registrations.length > 0 && resolve(registrations[0].registrationId));
  });
  await devtools.send('ServiceWorker.enable');
  const { room } = await parlor.call('room/get', { xcRoomID: 'demo-deal-7' });
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin,
    registrationId: await registered,
    data: JSON.stringify({ title: 'Deal 7', body: 'Bo: forty chairs', roomID: room.roomID }),
  });
  const shown = await ana.page.waitForFunction(async () => {
    const list = await (await navigator.serviceWorker.ready).getNotifications();
    return list.length > 0 && list.map(({ title, body, tag, silent }) => ({ title, body, tag, silent }));
  });
  assert.deepEqual(await shown.jsonValue(), [
    { title: 'Deal 7', body: 'Bo: forty chairs', tag: room.roomID, silent: true }, // the page is in sight
  ]);

  // Pressing it leads to its room.
  await ana.page.evaluate((roomID) => {
    navigator.serviceWorker.onmessage({ data: { roomID } });
  }, room.roomID);
  await ana.bubble('12 % less').waitFor();
  await ana.page.getByLabel('Back to the rooms').click();
  await ana.page.getByLabel('Notifications are on').click();
  await ana.page.getByLabel('Notifications are off').waitFor();
}, pushKeys);

const crowd = { rooms: 1000, messages: 2500 };

example('a thousand rooms and a long history in the example chat', async ({ parlor, visit }) => {
  const inTurns = async (count, act) => {
    let next = 0;
    const turn = async () => {
      while (next < count) {
        next += 1;
        await act(next);
      }
    };
    await Promise.all(Array.from({ length: 16 }, turn));
  };
  await inTurns(crowd.rooms, (n) =>
    parlor.call('room/create_or_update', {
      xcRoomID: `many-${n}`, type: 2, name: `Parcel ${n}`, participantXCUserIDs: ['demo-ana', 'demo-bo'],
    }));
  const { room } = await parlor.call('room/create_or_update', {
    xcRoomID: 'long', type: 2, name: 'Long talk', participantXCUserIDs: ['demo-ana', 'demo-bo'],
  });
  await inTurns(crowd.messages, (n) =>
    parlor.call('message/send/custom', {
      messageType: 1001, body: `Line ${n}. ${'More words. '.repeat(n % 30)}`,
      senderXCUserID: n % 3 > 0 ? 'demo-bo' : 'demo-ana', roomID: room.roomID,
    }));

  const ana = await visit('Buyer Ana');
  await ana.room('Long talk').waitFor();
  const elements = () => ana.page.evaluate(() => document.querySelectorAll('*').length);
  assert.ok((await elements()) < 2000, `${await elements()} elements for the list of rooms`);

  // Every room is found, by the wheel and by name.
  const seen = await ana.page.evaluate(async () => {
    const list = document.getElementById('rooms');
    const names = new Set();
    for (let top = -1; top !== list.scrollTop;) {
      top = list.scrollTop;
      list.querySelectorAll('.name').forEach((name) => names.add(name.textContent));
      list.scrollTop += list.clientHeight;
      await new Promise(requestAnimationFrame);
    }
    return [...names].filter((name) => name.startsWith('Parcel')).length;
  });
  assert.equal(seen, crowd.rooms);
  await ana.page.getByLabel('Find a room', { exact: true }).fill('Long talk');
  await ana.room('Long talk').click();
  await ana.page.locator('#messages article').last().waitFor();

  // All the way up, and every message in its place.
  await ana.page.waitForFunction(
    (wanted) => {
      const list = document.getElementById('messages');
      list.scrollTop = 0;
      return Number(list.querySelector('li')?.ariaSetSize) === wanted;
    },
    crowd.messages + 1, // the first tells that the room was made
    { polling: 50, timeout: 60_000 },
  );
  const lines = await ana.page.evaluate(async () => {
    const list = document.getElementById('messages');
    const found = new Map();
    for (let top = -1; top !== list.scrollTop;) {
      top = list.scrollTop;
      list.querySelectorAll('li').forEach((li) => found.set(Number(li.ariaPosInSet), li.querySelector('p')?.textContent ?? ''));
      list.scrollTop += list.clientHeight;
      await new Promise(requestAnimationFrame);
    }
    return [...found].sort(([a], [b]) => a - b).map(([, text]) => Number(text.match(/^Line (\d+)/)?.[1] ?? 0));
  });
  assert.equal(lines.length, crowd.messages + 1, 'as many places as messages');
  assert.equal(new Set(lines).size, lines.length, 'each message once');
  assert.ok((await elements()) < 3000, `${await elements()} elements for a long history`);

  // Who reads earlier messages stays where he is when one comes, and who is at the end sees it.
  const inSight = () =>
    ana.page.evaluate(() => {
      const list = document.getElementById('messages');
      const { top } = list.getBoundingClientRect();
      const first = [...list.querySelectorAll('li')].find((li) => li.getBoundingClientRect().bottom > top);
      return [first.textContent, Math.round(first.getBoundingClientRect().top - top)];
    });
  await ana.page.evaluate(() => {
    document.getElementById('messages').scrollTop -= 3000;
  });
  const before = await inSight();
  await parlor.say({ xcUserID: 'demo-bo' }, room, 'One more line');
  await ana.room('One more line').waitFor();
  assert.deepEqual(await inSight(), before);
  await ana.page.evaluate(() => {
    const list = document.getElementById('messages');
    list.scrollTop = list.scrollHeight;
  });
  await ana.bubble('One more line').waitFor();
  await parlor.say({ xcUserID: 'demo-bo' }, room, 'The last line');
  await ana.bubble('The last line').waitFor();
});
