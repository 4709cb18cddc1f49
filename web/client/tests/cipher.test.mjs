// The cipher of texts: the vectors of the server, which are those of the SDKs, and what a real server answers.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { CipherError, open, seal } from 'parlor-client';
import { server } from './lib/server.mjs';

const it = server();
const vectors = async (name) => JSON.parse(
  await readFile(new URL(`../../../internal/powertalk/cipher/testdata/encryption_${name}.json`, import.meta.url), 'utf8'),
);

test('texts that SDKs have enciphered', async (t) => {
  const all = await vectors('vectors');
  assert.ok(all.length > 10);
  for (const { name, plaintext, localID, random, ciphertext } of all) {
    assert.equal(await open(ciphertext, localID), plaintext, name);
    t.mock.method(Math, 'random', () => (random - 0.5) / 9);
    assert.equal(await seal(plaintext, localID), ciphertext, name);
    t.mock.restoreAll();
    assert.equal(await open(await seal(plaintext, localID), localID), plaintext, name);
  }
});

test('texts that nobody has enciphered', async () => {
  for (const { name, ciphertext, localID } of await vectors('invalid')) {
    if (ciphertext === '') {
      assert.equal(await open('', localID), '', 'a message may lack a text');
    } else {
      await assert.rejects(open(ciphertext, localID), CipherError, name);
    }
  }
  await assert.rejects(open('2UKeB3vSZJ0xkpSXzBpoEUrA==', 'short'), CipherError);
  await assert.rejects(seal('hi', 'short'), CipherError);
});

test('the last message of a room', async () => {
  await it.direct.users.update({ xcUserID: 'robin', fullName: 'Robin Vale' });
  const { room } = await it.direct.rooms.createOrUpdate({
    xcRoomID: 'ORD-1', type: 2, name: 'Order 1', participantXCUserIDs: ['robin'],
  });
  await it.direct.messages.sendCustom({
    messageType: 2001, body: 'Grüße 🎈', data: '{"a":1}', senderXCUserID: 'robin', roomID: room.roomID,
  });
  const { rooms: [{ lastMessage }] } = await it.direct.rooms.getListByUser({ xcUserID: 'robin' });
  assert.equal(await open(lastMessage.body, lastMessage.localID), 'Grüße 🎈');
  assert.equal(await open(lastMessage.data, lastMessage.localID), '{"a":1}');
  assert.equal(await open(lastMessage.quote.content, lastMessage.localID), '');
});
