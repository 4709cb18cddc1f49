// A customer orders, signs in, writes and is answered, on a real server, also by a shop that was away.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Backend } from 'parlor-client';
import { freePort, Parlor, serverKey } from '../../web/e2e/lib/parlor.mjs';
import { send } from '../../web/client/tests/lib/device.mjs';

const thanks = 'We have got your message, Robin, and will be with you soon.';

async function open(parlor) {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [fileURLToPath(new URL('serve.mjs', import.meta.url))], {
    env: {
      ...process.env, PARLOR_URL: parlor.base, PARLOR_SERVER_KEY: serverKey,
      ORDERS_LISTEN: listen, ORDERS_CURSOR: path.join(parlor.data, 'orders.cursor'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data'); // it listens
  return { child, url: `http://${listen}` };
}

async function close({ child }, signal) {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
  return child.exitCode;
}

const ask = (shop, call, body) => fetch(shop.url + call, { method: 'POST', body: JSON.stringify(body) });

// said is what was said in the room of the order, once there is so much of it.
async function said(backend, count) {
  const texts = [];
  for await (const page of backend.feed({ types: ['message.created'], signal: AbortSignal.timeout(30_000) })) {
    texts.push(...page.events.map((event) => event.data.message).filter(({ type }) => type === 1001).map(({ body }) => body));
    if (texts.length >= count) {
      return texts;
    }
  }
}

test('an order', { timeout: 120_000 }, async () => {
  const parlor = await Parlor.start();
  let shop;
  try {
    const backend = new Backend({ url: parlor.base, key: serverKey });
    shop = await open(parlor);
    const robin = { order: '1001', customer: 'cust-7', name: 'Robin' };
    await ask(shop, '/orders', robin);
    const { roomID } = await (await ask(shop, '/orders', robin)).json(); // the second changes nothing
    const ticket = async () => (await (await ask(shop, '/tickets', robin)).json()).ticket;
    const first = await ticket();
    const second = await ticket();

    await send(parlor.base, first, roomID, 'Where is it?');
    const sofar = ['Thank you for order 1001, Robin.', 'Where is it?', thanks];
    assert.deepEqual(await said(backend, 3), sofar);

    await ask(shop, '/orders', { ...robin, order: '1002' });
    await close(shop, 'SIGKILL');
    await backend.messages.sendCustom({ messageType: 1001, body: 'Anybody?', senderXCUserID: 'cust-7', xcRoomID: 'ORD-1002' });
    await backend.rooms.delete({ xcRoomID: 'ORD-1002' }); // before it is answered
    await send(parlor.base, second, roomID, 'Hello?');
    shop = await open(parlor);
    const later = ['Thank you for order 1002, Robin.', 'Anybody?', 'Hello?', thanks];
    assert.deepEqual(await said(backend, 7), [...sofar, ...later]);

    assert.equal((await ask(shop, '/orders', { order: '1' })).status, 400);
    assert.equal((await fetch(`${shop.url}/orders`, { method: 'POST', body: '{' })).status, 400);
    assert.equal((await ask(shop, '/elsewhere', {})).status, 404);
    assert.equal(await close(shop, 'SIGTERM'), 0);
  } finally {
    if (shop) {
      await close(shop, 'SIGKILL');
    }
    await parlor.stop();
  }
});
