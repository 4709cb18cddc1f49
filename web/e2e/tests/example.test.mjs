// The example chat, used by hand as it were: what a newcomer sees first has to work.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Faults } from '../lib/faults.mjs';
import { appKey, freePort, serverKey } from '../lib/parlor.mjs';
import { scenario } from '../lib/scenario.mjs';

const serve = fileURLToPath(new URL('../../../examples/chat/serve.mjs', import.meta.url));

// start runs the example's backend, and returns its address and how to stop it.
async function start(parlor) {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [serve], {
    env: {
      ...process.env,
      PARLOR_URL: parlor.base,
      PARLOR_SERVER_KEY: serverKey,
      PARLOR_APP_KEY: `${appKey.id}:${appKey.secret}`,
      DEMO_LISTEN: listen,
    },
  });
  let said = '';
  const listening = new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`the example's backend ended: ${said}`)));
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.stdout.on('data', resolve);
  });
  listening.catch(() => {}); // it ends sometime, and then nobody waits any more
  await listening;
  return {
    url: `http://${listen}/`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }
    },
  };
}

scenario('the example chat', async ({ parlor, browser }) => {
  const example = await start(parlor);
  const contexts = [];
  const faults = [];

  // visit signs a sample user in.
  const visit = async (name, viewport) => {
    const context = await browser.newContext({ viewport });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    faults.push(new Faults(page));
    await page.goto(example.url);
    await page.getByRole('button', { name }).click();
    const room = (title) => page.getByRole('navigation').getByRole('button', { name: title });
    const bubble = (text) => page.getByRole('article').filter({ hasText: text });
    const write = async (text) => {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.keyboard.press('Enter');
    };
    return { page, room, bubble, write };
  };

  try {
    const ana = await visit('Buyer Ana', { width: 1280, height: 800 });
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
    await ana.bubble('Hello <b>Ana</b>').hover();
    await ana.bubble('Hello <b>Ana</b>').getByLabel('Reply').click();
    await ana.write('Hello to you');
    await dee.bubble('Hello to you').getByText('Hello <b>Ana</b>').waitFor();
    await ana.bubble('Hello to you').getByLabel('read', { exact: true }).waitFor();
    await ana.bubble('Hello to you').hover();
    await ana.bubble('Hello to you').getByLabel('Edit').click();
    await ana.write('Hello to you, too');
    await dee.bubble('Hello to you, too').getByText('edited').waitFor();
    await ana.bubble('Hello to you, too').hover();
    await ana.bubble('Hello to you, too').getByLabel('Delete').click();
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
    await Faults.withoutServer(faults, async () => {
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
    assert.deepEqual(faults.flatMap((page) => page.list()), []);
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
    await example.stop();
  }
});
