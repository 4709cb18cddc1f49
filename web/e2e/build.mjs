// Bundles the test page and the SDK into dist/, the way an app of yours would, and the
// example chat as its own build does. The SDK goes in as its makers published it: the
// build stops if a byte differs.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');

// The three files of @taptalk.io/web-sdk 1.39.0 that run. The lock file vouches
// for the package as it was fetched, these sums for what lies in node_modules.
const sdk = {
  'index.js': '8727d7b5fb0bccbef91adb113849455582a832c534c47f73baba87770af6c94d',
  'lib/crypto-js.js': '3ef7d6fda4004c50fe81f33d4b02d8a2f10045a521bdbd5837cc714c847205a8',
  'lib/md5.js': '82d7ac178d9b738616344e20bd5cfda133bba0a6ed057ea4bc4b3b4a6b3e1692',
};

const folder = path.dirname(createRequire(import.meta.url).resolve('@taptalk.io/web-sdk'));
for (const [file, want] of Object.entries(sdk)) {
  const got = createHash('sha256').update(await readFile(path.join(folder, file))).digest('hex');
  if (got !== want) {
    throw new Error(`${file} of the SDK is not the published one; run npm ci`);
  }
}

await mkdir(dist, { recursive: true });
await copyFile(path.join(here, 'page/index.html'), path.join(dist, 'index.html'));
await build({
  entryPoints: [path.join(here, 'page/host.js')],
  outfile: path.join(dist, 'host.js'),
  bundle: true,
  format: 'iife',
  logLevel: 'warning',
});

// The TypeScript client, as a page of somebody's would have it.
await build({
  entryPoints: [path.join(here, '../client/src/index.ts')],
  outfile: path.join(dist, 'client.js'),
  bundle: true,
  format: 'iife',
  globalName: 'parlorClient',
  logLevel: 'warning',
});

const chat = path.join(here, '../../examples/chat');
await build({
  entryPoints: ['app.js', 'sw.js', 'app.css', 'index.html'].map((file) => path.join(chat, 'src', file)),
  outdir: path.join(chat, 'dist'),
  bundle: true,
  loader: { '.html': 'copy' },
  nodePaths: [path.join(here, 'node_modules')], // the example's own may not be installed
  logLevel: 'warning',
});
