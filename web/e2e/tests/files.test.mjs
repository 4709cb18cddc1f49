// What the SDK keeps of files in the browser. It adds a file under its id once and never replaces it, so an
// answer that it takes for a file would stand in its place for good.

import assert from 'node:assert/strict';
import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lib/scenario.mjs';
import { Sdk, file } from '../lib/sdk.mjs';

const note = file('note.txt', 'text/plain', btoa('a note'));

// kept runs in the page and reads what the SDK has in its database: the files by their ids.
function kept() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tapFiles', 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const store = opening.result.transaction('files').objectStore('files');
      const [keys, values] = [store.getAllKeys(), store.getAll()];
      values.transaction.oncomplete = () => {
        opening.result.close();
        resolve(Object.fromEntries(keys.result.map((key, i) => [key, values.result[i].file])));
      };
    };
  });
}

// contents are the paths of what the server keeps of files.
async function contents(parlor) {
  const list = await readdir(path.join(parlor.data, 'files'), { recursive: true, withFileTypes: true });
  return list
    .filter((entry) => entry.isFile() && entry.name !== 'parlor-files')
    .map((entry) => path.join(entry.parentPath, entry.name));
}

scenario('a refused download is not kept as the file', async ({ parlor, device }) => {
  const users = [await parlor.user('Ana'), await parlor.user('Bo'), await parlor.user('Eve')];
  const [ana, bo] = users;
  const group = await parlor.group('Files', [ana, bo]);
  const [a, b, e] = await Promise.all(users.map((user) => device(user)));
  const [anas, bos, eves] = [a, b, e].map((d) => new Sdk(d, new Set()));
  await a.until('the settings', () => window.host.configs());
  const upload = 'tapCoreMessageManager.uploadChatFile';
  const [{ fileID }] = await anas.ask(upload, { file: note, caption: '', room: group.roomID });
  const download = 'tapCoreChatRoomManager.downloadMessageFile';
  const message = { room: group, data: { fileID } };

  // No message names the file yet, so Bo may not have it; Eve is not in the room.
  for (const [d, sdk] of [[b, bos], [e, eves]]) {
    assert.equal(await sdk.refused(download, message), '40401');
    assert.deepEqual(await d.page.evaluate(kept), {});
  }

  // Once one does, Bo may, and what he has kept is the file. Eve still may not.
  await parlor.call('message/send/custom', {
    messageType: 3001, // types of the customer's own may name files, too
    body: 'a note',
    data: JSON.stringify({ fileID, fileName: 'note.txt', mediaType: 'text/plain', size: 6 }),
    senderXCUserID: ana.xcUserID,
    xcRoomID: group.xcRoomID,
  });
  await b.untilNew('the message with the file', { type: 3001 });
  assert.equal(await eves.refused(download, message), '40401');
  assert.deepEqual(await e.page.evaluate(kept), {});

  // While the store has lost its content, nobody gets it, and nobody keeps the news of that.
  const paths = await contents(parlor);
  assert.equal(paths.length, 1);
  await rename(paths[0], `${paths[0]}-away`);
  assert.equal(await bos.refused(download, message), '50301');
  assert.deepEqual(await b.page.evaluate(kept), {});
  await rename(`${paths[0]}-away`, paths[0]);

  const [got] = await bos.ask(download, message);
  assert.equal(got.base64, note.base64);
  assert.deepEqual(await b.page.evaluate(kept), { [fileID]: note.base64 });
});
