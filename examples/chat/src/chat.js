// All that this app does with the SDK. The SDK keeps rooms and messages; this file
// feeds it, keeps what it does not (presence, typing, the present state of a room), and
// calls `changed` whenever a screen may be out of date.

import {
  taptalk,
  tapCoreChatRoomManager as chats,
  tapCoreContactManager as people,
  tapCoreMessageManager as messages,
  tapCoreRoomListManager as lists,
  taptalkHelper as helper,
} from '@taptalk.io/web-sdk';

const pageSize = 50;
const answerWithin = 20_000; // ms; the SDK does not call back when the server cannot be reached
const typingShownFor = 10_000;

let changed; // tells the screen
let settings; // what the app's own backend gave to the page, its name among it
let self = null; // this user; the SDK deciphers its stored copy each time it is asked
let ready = false; // whether the list of rooms has been loaded
let tellLoaded;
export const loaded = new Promise((resolve) => (tellLoaded = resolve)); // when it has
let openRoomID = ''; // the room on the screen
const connection = { up: false };
let attempts = 0; // to connect
const missed = new Set(); // rooms with messages that came before the list did
const latest = new Map(); // room id -> room, as the newest event showed it
const departed = new Set(); // rooms this user was taken out of
const typists = new Map(); // room id -> Map of user id -> { name, until }
const users = new Map(); // user id -> user, with isOnline and lastActivity
const members = new Map(); // room id -> users
const starred = new Map(); // room id -> Set of message ids
const pinned = new Map(); // room id -> Set of message ids
const blocked = new Map(); // user id -> user
const files = new Map(); // file id, or localID while it is sent -> { state, percent, url, trouble }
let onScheduled = () => {}; // what to do when something scheduled was sent or changed

// Turns one SDK call with callbacks into a promise.
function ask(call) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the server did not answer')), answerWithin);
    call({
      onSuccess: (...results) => resolve(results[0]),
      onError: (code, message) => reject(new Error(message || code)),
    });
  });
}

// Who was taken out of a room, for one, is refused what he asks about it.
const report = (error) => console.warn(error.message);

export function begin(given, onChange, onSignedOut) {
  changed = onChange;
  settings = given;
  taptalk.addTapListener({
    onTapTalkRefreshTokenExpired: () => {
      taptalk.clearTaptalkChatData();
      onSignedOut();
    },
  });
  chats.addMessageListener({
    onReceiveNewMessage: (message) => receive(message, true),
    onReceiveUpdateMessage: (message) => receive(message, false),
  });
  chats.addRoomStatusListener({
    onReceiveStartTyping: (roomID, user) => setTyping(roomID, user, true),
    onReceiveStopTyping: (roomID, user) => setTyping(roomID, user, false),
    onReceiveOnlineStatus: (user, isOnline, lastActivity) => {
      users.set(user.userID, { ...user, isOnline, lastActivity });
      changed();
    },
    onReceiveScheduledMessage: () => onScheduled(),
  });
  lists.addRoomListListener({ onChatRoomDeleted: () => changed() });
  people.addContactListener({
    onContactBlocked: (user) => setBlocked(user, true),
    onContactUnblocked: (user) => setBlocked(user, false),
  });
  taptalk.init(settings.appKeyID, settings.appKeySecret, settings.base);
}

export const isSignedIn = () => taptalk.isAuthenticated();
export const me = () => (self ??= taptalk.getTaptalkActiveUser());
export const isConnected = () => connection.up;

export const signIn = (ticket) =>
  ask((callback) => taptalk.authenticateWithAuthTicket(ticket, false, callback));

export const signOut = () => ask((callback) => taptalk.logoutAndClearAllTapTalkData(callback));

// connect opens the socket, and opens it again whenever it closes: the SDK leaves that
// to the app. Before each attempt the SDK checks its access token by itself, and waits
// a second after each check that does not reach the server.
export function connect() {
  attempts += 1;
  const mine = attempts;
  const again = () => {
    // After a logout there is nothing to connect with.
    if (mine === attempts && isSignedIn()) {
      connect();
    }
  };
  taptalk.connect({
    onSuccess: () => {
      connection.up = true;
      (ready ? catchUp() : load()).catch(report).finally(changed);
      changed();
    },
    onClose: () => {
      connection.up = false;
      typists.clear();
      changed();
      again();
    },
    // A check that the server refused ends here. A broken socket closes as well.
    onError: () => setTimeout(again, 2000),
  });
}

async function load() {
  await ask((callback) => lists.getPinnedRoomID(callback));
  await ask((callback) => chats.getMarkedAsUnreadChatRoomList(callback));
  await ask((callback) => lists.getUpdatedRoomList(callback));
  ready = true;
  for (const roomID of missed) {
    await newer(roomID);
  }
  const others = await ask((callback) => people.getBlockedUserList(callback));
  others.forEach((user) => blocked.set(user.userID, user));
  await contacts();
  tellLoaded();
}

// catchUp asks for what happened while the socket was closed: nothing is replayed. The
// SDK does not call back when nothing did, so nobody waits for the first call.
async function catchUp() {
  lists.getRoomNewAndUpdated({ onSuccess: changed, onError: () => {} });
  if (openRoomID) {
    await newer(openRoomID);
    markRead();
  }
}

function receive(message, isNew) {
  const { roomID } = message.room;
  if (!ready) {
    missed.add(roomID); // the SDK has not merged it yet
    return;
  }
  latest.set(roomID, message.room);
  if (isNew) {
    setTyping(roomID, message.user, false);
    if (message.type === 9001) {
      followSystem(message);
    }
    if (roomID === openRoomID) {
      markRead();
    }
  }
  changed();
}

// System messages tell who is in a room.
function followSystem({ action, room, target, user }) {
  const gone = action === 'room/removeParticipant' ? target.targetID : action === 'room/leave' && user.userID;
  if (gone === me().userID) {
    departed.add(room.roomID);
  } else if (action === 'room/addParticipant' && target.targetID === me().userID) {
    departed.delete(room.roomID);
  }
  if (room.roomID === openRoomID && /Participant|leave/.test(action)) {
    loadMembers(room).catch(report);
  }
  if (room.roomID === openRoomID && /pin$/.test(action)) {
    loadMarks(room.roomID).catch(report);
  }
}

// roomList is what the sidebar shows, newest first.
export function roomList() {
  const found = Object.keys(chats.getAllRooms()).map((roomID) => {
    let last;
    let unread = 0;
    for (const message of Object.values(chats.getCurrentChatInRoom(roomID) ?? {})) {
      if (!message.isHidden && !(last?.created >= message.created)) {
        last = message;
      }
      unread += isUnread(message);
    }
    return last && { room: latest.get(roomID) ?? last.room, last, unread };
  });
  return found.filter(Boolean).sort((a, b) => b.last.created - a.last.created);
}

// As the SDK counts, but it deciphers the stored login for each message that it looks at.
const isUnread = (m) => !m.isRead && !m.isDeleted && !m.isHidden && m.user.userID !== me().userID;

// history is what the SDK holds of a room, oldest first. Hidden messages are for
// programs, or were deleted for this user alone.
export function history(roomID) {
  const held = Object.values(chats.getCurrentChatInRoom(roomID) ?? {});
  return held.filter((m) => !m.isHidden).sort((a, b) => a.created - b.created);
}

// roomOf is a room as the newest thing heard of it says, its lock above all.
function roomOf(roomID) {
  return latest.get(roomID) ?? history(roomID).at(-1)?.room;
}

export function openRoom() {
  return openRoomID && (roomOf(openRoomID) ?? null);
}

// open puts a room on the screen, and a personal room without a message, too.
export async function open(room) {
  openRoomID = room.roomID;
  if (!latest.has(openRoomID)) {
    latest.set(openRoomID, room);
  }
  changed();
  loadMembers(room).catch(report);
  loadMarks(room.roomID).catch(report);
  await newer(room.roomID);
  if (history(room.roomID).length < pageSize) {
    await older(room.roomID);
  }
  markRead();
  changed();
}

export function close() {
  openRoomID = '';
  changed();
}

const newer = (roomID) =>
  ask((callback) => messages.getNewerMessagesAfterTimestamp(roomID, callback));

// older loads the page before what is held, and tells whether there was one.
export async function older(roomID) {
  if (chats.getCurrentHasMoreChatInRoom(roomID) === false) {
    return false;
  }
  const before = history(roomID).length;
  await ask((callback) => messages.getOlderMessagesBeforeTimestamp(roomID, pageSize, callback));
  changed();
  return history(roomID).length > before;
}

// markRead marks the open room as read, if somebody is looking.
export function markRead() {
  if (openRoomID && document.visibilityState === 'visible' && lists.getUnreadCountRoomList(openRoomID) > 0) {
    messages.markAllMessagesInRoomAsRead(openRoomID);
  }
}

async function loadMembers(room) {
  if (room.type === 1) {
    const { user } = await ask((callback) => people.getUserDataWithUserID(partner(room), callback));
    users.set(user.userID, user);
  } else {
    const { participants } = await ask((callback) => chats.getGroupChatRoom(room.roomID, callback));
    members.set(room.roomID, participants);
  }
  changed();
}

const partner = (room) => room.roomID.split('-').find((id) => id !== me().userID) ?? me().userID;

// about tells who a room is with: the other user, or all members.
export function about(room) {
  return room.type === 1 ? { user: users.get(partner(room)) } : { members: members.get(room.roomID) ?? [] };
}

// loadMarks asks which messages of a room have this user's star, and which are pinned.
async function loadMarks(roomID) {
  for (const [kept, call] of [[starred, messages.getStarredMessageIds], [pinned, messages.getPinnedMessageIds]]) {
    const answer = await ask((callback) => call(roomID, callback));
    kept.set(roomID, new Set(Object.keys(answer.messages)));
  }
  changed();
}

const marked = (kept) => (message) => Boolean(kept.get(message.room.roomID)?.has(message.messageID));
export const isStarred = marked(starred);
export const isPinned = marked(pinned);

// The SDK does not tell this device what it did itself, nor does it call back when refused.
function mark(kept, message, isOn, call) {
  return ask(call)
    .then(() => {
      const ids = kept.get(message.room.roomID) ?? new Set();
      kept.set(message.room.roomID, ids);
      isOn ? ids.add(message.messageID) : ids.delete(message.messageID);
      changed();
    })
    .catch(report);
}

export const star = (message, isOn) =>
  mark(starred, message, isOn, (callback) =>
    (isOn ? messages.starMessage : messages.unstarMessage)(message.room.roomID, [message.messageID], callback));

export const pin = (message, isOn) =>
  mark(pinned, message, isOn, (callback) =>
    isOn
      ? messages.pinMessage(message.room.roomID, [message], callback)
      : messages.unpinMessage(message.room.roomID, [message.messageID], false, callback));

function setBlocked(user, isOn) {
  isOn ? blocked.set(user.userID, user) : blocked.delete(user.userID);
  changed();
}

// block stops a user from writing to this one, or lets him again.
export async function block(userID, isOn) {
  await ask((callback) => (isOn ? people.blockUser : people.unblockUser)(userID, callback));
  setBlocked(users.get(userID) ?? { userID, fullname: userID }, isOn);
}

// blockedIn is who was blocked by this user in a room of two.
export const blockedIn = (room) => (room.type === 1 ? blocked.get(partner(room)) : undefined);

export const isClosed = (room) => room.isLocked || room.isDeleted || departed.has(room.roomID);

export async function contacts() {
  const found = await ask((callback) => people.getAllUserContacts(callback));
  found.forEach(({ user }) => users.set(user.userID, user));
  return found.map(({ user }) => user);
}

export async function personalRoom(userID) {
  const answer = await new Promise((resolve) => {
    chats.createRoomWithUserID(userID, resolve);
  });
  if (!answer.success) {
    throw new Error(answer.error.message);
  }
  return answer.room;
}

export const createGroup = (name, userIDs) =>
  ask((callback) => chats.createGroupChatRoom(name, userIDs, callback));

export function send(room, text, quoted) {
  messages.sendTextMessage(text, room, changed, quoted ?? false);
}

// sendFile sends a picture, a video or any other file.
export function sendFile(room, file) {
  const kind = file.type.split('/')[0];
  if (kind === 'image' && file.type !== 'image/svg+xml') {
    messages.sendImageMessage(file, '', room, sending());
  } else if (kind === 'video') {
    messages.sendVideoMessage(file, '', room, sending());
  } else {
    messages.sendFileMessage(file, room, sending());
  }
}

// sendVoice sends a recording of so many ms.
export const sendVoice = (room, file, duration) => messages.sendVoiceMessage(file, duration, room, sending());

// The SDK shows a message at once, and sends it when its file is stored.
function sending() {
  let localID;
  const set = (state) => {
    files.set(localID, state);
    changed();
  };
  return {
    onStart: (message) => {
      localID = message.localID;
      set({ state: 'loading', percent: 0 });
    },
    onProgress: (id, percent) => set({ state: 'loading', percent }),
    onSuccess: () => {
      files.delete(localID);
      changed();
    },
    onError: (code, text) => (localID ? set({ state: 'failed', trouble: text || code }) : report(new Error(text || code))),
  };
}

// file is what this page has of a message's file.
export function file(message) {
  return files.get(message.localID) ?? files.get(message.data.fileID) ?? { state: message.data.fileID ? 'absent' : 'failed', trouble: 'not sent' };
}

// fetchFile gets a message's file, from the browser's own store where it is there already.
export function fetchFile(message) {
  const { fileID } = message.data;
  const set = (state) => {
    files.set(fileID, state);
    changed();
  };
  const show = (base64, type) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    set({ state: 'ready', url: URL.createObjectURL(new Blob([bytes], { type })) });
  };
  files.set(fileID, { state: 'loading', percent: 0 });
  chats.getFileFromDB(fileID, (kept) => {
    if (kept) {
      show(kept.file, kept.type);
      return;
    }
    chats.downloadMessageFile(message, {
      onProgress: (of, percent) => set({ state: 'loading', percent }),
      onSuccess: ({ base64, contentType }) => show(base64, contentType),
      onError: (code, text) => set({ state: 'failed', trouble: text || code }),
    });
  });
}

// webPushKey is what the browser subscribes to push notifications with, "" where the server
// sends none.
export const webPushKey = () => taptalk.getProjectConfigs()?.project.webPushPublicKey ?? '';

// registerPush tells the server where this browser takes push notifications, or with {} that
// it takes no more. The SDK has no call for it and does not tell its access token, which it
// keeps under the key that is the same for all its users.
export async function registerPush(subscription) {
  const sealed = localStorage.getItem('TapTalk.UserData');
  const { accessToken } = JSON.parse(helper.helperDecryptKey(sealed, 'kHT0sVGIKKpnlJE5BNkINYtuf19u6+Kk811iMuWQ5tM'));
  const { appKeyID, appKeySecret, base } = settings;
  const response = await fetch(`${base}/v1/client/push_notification/update_web`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'App-Key': btoa(`${appKeyID}:${appKeySecret}`),
      Authorization: `Bearer ${accessToken}`,
      'Device-Identifier': taptalk.getDeviceID(),
      'Device-Model': 'browser',
      'Device-Platform': 'web',
    },
    body: JSON.stringify(subscription),
  });
  const { error } = await response.json();
  if (error.code) {
    throw new Error(error.message);
  }
}

// followScheduled has f called when something that was scheduled has been sent or changed.
export const followScheduled = (f) => {
  onScheduled = f;
};

// scheduled lists what is to be sent in a room, the next first: { id, scheduledTime, message }.
export async function scheduled(room) {
  const list = await ask((callback) => messages.fetchScheduledMessages(room.roomID, callback));
  return [...list].sort((a, b) => a.scheduledTime - b.scheduledTime);
}

export const schedule = (room, text, time) =>
  ask((callback) =>
    messages.createScheduledMessage(messages.constructTapTalkMessageModel(text, room, 1001, ''), time, callback));

export const sendNow = (room, id) => ask((callback) => messages.sendScheduledMessageNow([id], room.roomID, callback));

export const unschedule = (room, id) => ask((callback) => messages.deleteScheduledMessage([id], room.roomID, callback));

export const forward = (message, room) => messages.sendForwardMessage(room, changed, structuredClone(message));

// The SDK writes into the message it is given to edit, so it gets a copy.
export function edit(message, text) {
  messages.sendEmitWithEditedMessage(structuredClone(message), text, changed);
}

export function remove(message, forEveryone) {
  messages.markMessageAsDeleted(message.room.roomID, [message.messageID], forEveryone);
}

export function tellTyping(roomID, isTyping) {
  if (taptalk.isConnected()) {
    (isTyping ? chats.sendStartTypingEmit : chats.sendStopTypingEmit)(roomID);
  }
}

function setTyping(roomID, user, isTyping) {
  const inRoom = typists.get(roomID) ?? new Map();
  typists.set(roomID, inRoom);
  if (isTyping) {
    inRoom.set(user.userID, { name: user.fullname, until: Date.now() + typingShownFor });
    setTimeout(changed, typingShownFor + 50); // who went away in mid-sentence sends no stop
  } else {
    inRoom.delete(user.userID);
  }
  changed();
}

export function typing(roomID) {
  const now = Date.now();
  return [...(typists.get(roomID)?.values() ?? [])].filter((t) => t.until > now).map((t) => t.name);
}

// textOf is a message as one line of text. The texts of system messages have places
// for names, which each client fills in as its user should read them.
export function textOf(message) {
  if (message.isDeleted) {
    return 'This message was deleted';
  }
  const text = message.body ?? '';
  if (message.type !== 9001) {
    return text;
  }
  const { user, target } = message;
  const name = (id, full, self) => (id === me().userID ? self : full);
  // What the backend itself does has a sender without an id of the backend's.
  return text
    .replace('{{sender}}', () => name(user.userID, user.xcUserID ? user.fullname : settings.name, 'You'))
    .replace('{{target}}', () => name(target.targetID, target.targetName, 'you'));
}
