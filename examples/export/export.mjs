// Writes what has happened in an app since the last run into files, one event on each line: for a warehouse, an
// archive, a search. Run it every night. Each event is in the files once, also after a crash.

import { mkdir, open, readdir, readFile, rename, truncate } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Backend } from 'parlor-client';

// exportEvents writes all that is new into a folder, and returns how many events that was. Events go into the file of
// the day on which they happened. `state.json` says where the next run begins, and how long each file was by then:
// what a run that broke off has written behind that is cut off, and comes again.
export async function exportEvents(parlor, folder, filter = {}) {
  await mkdir(folder, { recursive: true });
  const state = await readState(folder);
  state.sizes = await cutOff(folder, state.sizes);
  let count = 0;
  for (let more = true; more; ) {
    const page = await parlor.events.list({ ...filter, limit: 500, cursor: state.cursor });
    for (const [day, lines] of byDay(page.events)) {
      state.sizes[day] = await append(path.join(folder, `${day}.jsonl`), lines);
    }
    state.cursor = page.cursor;
    await writeState(folder, state);
    count += page.events.length;
    more = page.hasMore;
  }
  return count;
}

function byDay(events) {
  const days = new Map();
  for (const event of events) {
    const day = event.timestamp.slice(0, 10);
    days.set(day, `${days.get(day) ?? ''}${JSON.stringify(event)}\n`);
  }
  return days;
}

// append returns how long the file is once all of it is on the disk.
async function append(file, text) {
  const handle = await open(file, 'a');
  try {
    await handle.appendFile(text);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

// cutOff leaves of each file what the last run had finished, and returns how long the files are.
async function cutOff(folder, sizes) {
  const left = {};
  for (const name of await readdir(folder)) {
    if (name.endsWith('.jsonl')) {
      const day = name.slice(0, -'.jsonl'.length);
      left[day] = sizes[day] ?? 0;
      await truncate(path.join(folder, name), left[day]);
    }
  }
  return left;
}

async function readState(folder) {
  try {
    return JSON.parse(await readFile(path.join(folder, 'state.json'), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
    return { cursor: '', sizes: {} };
  }
}

async function writeState(folder, state) {
  const file = path.join(folder, 'state.json');
  const handle = await open(`${file}.new`, 'w');
  try {
    await handle.writeFile(JSON.stringify(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { PARLOR_URL = 'http://127.0.0.1:8080', PARLOR_SERVER_KEY = '', EXPORT_FOLDER = 'events' } = process.env;
  const count = await exportEvents(new Backend({ url: PARLOR_URL, key: PARLOR_SERVER_KEY }), EXPORT_FOLDER);
  console.log(`${count} new events in ${EXPORT_FOLDER}`);
}
