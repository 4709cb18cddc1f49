// Exports of a real server: each event once, also after runs that broke off anywhere.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Backend } from 'parlor-client';
import { Parlor, serverKey } from '../../web/e2e/lib/parlor.mjs';
import { exportEvents } from './export.mjs';

let parlor;
let backend;
let folder;

before(async () => {
  parlor = await Parlor.start();
  backend = new Backend({ url: parlor.base, key: serverKey });
  folder = await mkdtemp(path.join(tmpdir(), 'parlor-export-'));
});
after(async () => {
  await parlor?.stop();
  await rm(folder, { recursive: true, force: true });
});

const user = (id) => backend.users.update({ xcUserID: id, fullName: id });

// exported are the users of all files' events.
async function exported() {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.join('').trimEnd().split('\n').map((line) => JSON.parse(line).data.user.xcUserID);
}

test('each run exports what is new', { timeout: 60_000 }, async () => {
  await user('u-1');
  await user('u-2');
  assert.equal(await exportEvents(backend, folder), 2);
  assert.equal(await exportEvents(backend, folder), 0);
  await user('u-3');
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('export.mjs', import.meta.url))], {
    env: { ...process.env, PARLOR_URL: parlor.base, PARLOR_SERVER_KEY: serverKey, EXPORT_FOLDER: folder },
  });
  assert.equal(stdout, `1 new events in ${folder}\n`);
  assert.deepEqual(await exported(), ['u-1', 'u-2', 'u-3']);
});

test('a run that broke off leaves nothing twice', { timeout: 60_000 }, async () => {
  await user('u-4');
  const [today] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort().reverse();
  await appendFile(path.join(folder, today), '{"id":"half of an ev'); // died while it wrote
  await appendFile(path.join(folder, '2020-01-01.jsonl'), 'and here at the first event of a day');
  assert.equal(await exportEvents(backend, folder), 1);
  assert.deepEqual(await exported(), ['u-1', 'u-2', 'u-3', 'u-4']);

  await rm(path.join(folder, '2020-01-01.jsonl')); // as one does with old files
  assert.equal(await exportEvents(backend, folder), 0);
});

test('pages are followed to the end', { timeout: 60_000 }, async () => {
  const all = [];
  for (let i = 5; i <= 12; i += 1) {
    await user(`u-${i}`);
    all.push(`u-${i}`);
  }
  const small = { events: { list: (params) => backend.events.list({ ...params, limit: 3 }) } };
  assert.equal(await exportEvents(small, folder), all.length);
  assert.deepEqual((await exported()).slice(4), all);
});
