// The examples in TypeScript that a server shows on /docs: all of them compile.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './lib/compile.mjs';
import { server } from './lib/server.mjs';

const it = server();

const plain = (html) => html
  .replaceAll(/<[^>]*>/g, '')
  .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

test('the examples of /docs compile', { timeout: 60_000 }, async () => {
  const page = await (await fetch(`${it.parlor.base}/docs`)).text();
  const examples = [...page.matchAll(/data-language="TypeScript">[^]*?<code>([^]*?)<\/code>/g)].map((match) => plain(match[1]));
  const calls = new Set(page.match(/data-path="\/v1\/server\/[^"]*"/g));
  assert.equal(examples.length, calls.size);
  assert.ok(examples.length >= 43);
  await compile('docs', examples);
});
