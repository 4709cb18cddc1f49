// The TypeScript client in a browser. What it does is tested in web/client; here it is that a browser has all it needs.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { serverKey } from '../lib/parlor.mjs';
import { scenario } from '../lib/scenario.mjs';

scenario('the TypeScript client runs in a browser', async ({ parlor, browser }) => {
  const context = await browser.newContext({ bypassCSP: true }); // the pages of the server allow no script of others
  try {
    const page = await context.newPage();
    await page.goto(`${parlor.base}/healthz`);
    await page.addScriptTag({ path: fileURLToPath(new URL('../dist/client.js', import.meta.url)) });
    const seen = await page.evaluate(async ([url, key]) => {
      const { Backend, ParlorError } = window.parlorClient;
      const backend = new Backend({ url, key });
      await backend.users.update({ xcUserID: 'robin', fullName: 'Robin Vale' });
      const refusal = await backend.rooms.get({ xcRoomID: 'none' }).catch((error) => error);
      for await (const { events } of backend.feed({ types: ['user.created'] })) {
        return { refused: refusal instanceof ParlorError && refusal.code, names: events.map((event) => event.data.user.fullname) };
      }
    }, [parlor.base, serverKey]);
    assert.deepEqual(seen, { refused: '40401', names: ['Robin Vale'] });

    const secret = Buffer.alloc(32, 7);
    const at = String(Math.floor(Date.now() / 1000));
    const body = '{"id":"evt_1","type":"user.created","timestamp":"","created":0,"data":{}}';
    const signature = createHmac('sha256', secret).update(`m1.${at}.${body}`).digest('base64');
    const verify = (text) => page.evaluate(async ([key, headers, content]) =>
      window.parlorClient.verifyWebhook(key, headers, content).then(([event]) => event.id, (error) => error.fault), [
      `whsec_${secret.toString('base64')}`,
      { 'webhook-id': 'm1', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` },
      text,
    ]);
    assert.equal(await verify(body), 'evt_1');
    assert.equal(await verify(`${body} `), 'signature');
  } finally {
    await context.close();
  }
});
