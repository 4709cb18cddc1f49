// What customers write, as the feed of events tells of it.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { Code, ParlorError } from 'parlor-client';
import { localID, say, staff } from './shop.mjs';

const systemMessage = 9001;

// answerMessages says to customers that what they write has come, until the signal. How far it is stands in a file,
// so that after a restart it goes on where it was; the first time it begins with what happens from now on.
export async function answerMessages(parlor, cursorFile, signal) {
  const store = fileStore(cursorFile);
  for await (const page of parlor.feed({ store, cursor: 'now', types: ['message.created'], signal })) {
    for (const event of page.events) {
      await answer(parlor, event);
    }
  }
}

// answer may be called twice for an event, after a crash: the answer's localID comes from the event, so it is stored
// once.
async function answer(parlor, { id, data: { room, by, message } }) {
  if (!room?.xcRoomID || !by || !message || by.xcUserID === staff || message.type === systemMessage) {
    return; // the shop's own, or gone by now
  }
  console.log(`${room.xcRoomID}, ${by.fullname}: ${message.body}`);
  try {
    await say(parlor, room.xcRoomID, localID('answer', id), `We have got your message, ${by.fullname}, and will be with you soon.`);
  } catch (error) {
    if (!(error instanceof ParlorError) || error.code !== Code.NotFound) {
      throw error;
    }
    console.log(`${room.xcRoomID} is deleted by now`); // what cannot be answered must not hold up what follows
  }
}

// fileStore keeps a cursor in a file, as a whole: a shop has a row of its database for it.
function fileStore(file) {
  return {
    load: () => readFile(file, 'utf8').catch(() => ''),
    async save(cursor) {
      await writeFile(`${file}.new`, cursor);
      await rename(`${file}.new`, file);
    },
  };
}
