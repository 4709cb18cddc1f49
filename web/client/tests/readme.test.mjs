// The examples of the README: they are compiled, and run against a real server, in their order.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { freePort, serverKey } from '../../e2e/lib/parlor.mjs';
import { compile } from './lib/compile.mjs';
import { server } from './lib/server.mjs';

let folder; // of the examples
let elsewhere; // where the examples run, and leave their files

const it = server({
  env: { PARLOR_WEBHOOK_PRIVATE_NETWORK: 'true' },
  async setUp() {
    elsewhere = await mkdtemp(path.join(tmpdir(), 'parlor-readme-'));
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const examples = [...readme.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1]);
    assert.equal(examples.length, 6);
    folder = await compile('readme', examples);
  },
});

after(() => rm(elsewhere, { recursive: true, force: true }));

function run(number, env = {}) {
  const child = spawn(process.execPath, [path.join(folder, `${number}.js`)], {
    cwd: elsewhere,
    env: { ...process.env, PARLOR_URL: it.parlor.base, PARLOR_SERVER_KEY: serverKey, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  return child;
}

// printed is what an example that ends by itself has printed.
async function printed(number) {
  const child = run(number);
  let text = '';
  child.stdout.on('data', (chunk) => { text += chunk; });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return text;
}

test('the examples do what the README says', { timeout: 60_000 }, async () => {
  assert.equal(await printed(0), '');
  const { participants } = await it.direct.rooms.get({ xcRoomID: 'ORD-1001' });
  assert.equal(participants.length, 2);
  assert.equal(await printed(1), 'Robin Vale is in Order 1001\nKim Aster is in Order 1001\n');
  assert.equal(await printed(2), 'there is no room ORD-9999\n');
  assert.match(await printed(3), /^Kim Aster: Your parcel is on its way$/m);
  assert.equal(await printed(5), 'Order 1001: Your parcel is on its way\n');
});

test('the README names all groups of calls', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const named = [...readme.matchAll(/^\| `(\w+)` \| (?:below|`\1\.)/gm)].map((match) => match[1]);
  assert.deepEqual(named.sort(), Object.keys(it.direct).sort());
  for (const [, group, method] of readme.matchAll(/`(\w+)\.(\w+)`/g)) {
    if (group !== 'options' && group !== 'parlor') {
      assert.equal(typeof it.direct[group]?.[method], 'function', `${group}.${method}`);
    }
  }
});

test('the receiver of webhooks takes what is signed, and nothing else', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { webhook } = await it.direct.webhooks.create({ url, types: ['user.created'] });
  const child = run(4, { PORT: String(port), WEBHOOK_SECRETS: webhook.secret });
  try {
    await it.direct.users.update({ xcUserID: 'new-1', fullName: 'New' });
    const [line] = await once(child.stdout, 'data'); // once it listens, the event is told again
    assert.match(line, /^evt_\S+ user\.created\n$/);
    const response = await fetch(url, { method: 'POST', body: '{"id":"evt_1","type":"user.created"}' });
    assert.equal(response.status, 401);
  } finally {
    child.kill();
    await once(child, 'close');
  }
});
