// A real server for the tests of a file, and what talks to it.

import { after, before } from 'node:test';
import { Backend } from 'parlor-client';
import { Parlor, serverKey } from '../../../e2e/lib/parlor.mjs';
import { Faulty } from './faulty.mjs';

// server starts bin/parlor and a faulty proxy before the first test, and ends them behind the last. setUp does what
// a file needs besides.
export function server({ env = {}, setUp = () => {} } = {}) {
  const it = {
    // backend talks to the server, or to what lies before it.
    backend: (url = it.parlor.base, more = {}) => new Backend({ url, key: serverKey, ...more }),
  };
  before(async () => {
    it.parlor = await Parlor.start(env);
    it.faulty = await Faulty.open(it.parlor.base);
    it.direct = it.backend();
    await setUp();
  });
  after(async () => {
    await it.faulty?.close();
    await it.parlor?.stop();
  });
  return it;
}

// all are the entries of an async iterator.
export async function all(list) {
  const entries = [];
  for await (const entry of list) {
    entries.push(entry);
  }
  return entries;
}
