// All that this app does with the SDK. The SDK keeps rooms and messages; this file
// feeds it, keeps what it does not (presence, typing, the present state of a room), and
// calls `changed` whenever a screen may be out of date.

import {
  taptalk,
  tapCoreChatRoomManager as chats,
  tapCoreContactManager as people,
  tapCoreMessageManager as messages,
  tapCoreRoomListManager as lists,
} from '@taptalk.io/web-sdk';

const pageSize = 30;
const typingShownFor = 10_000;

let changed; // tells the screen
let backend = ''; // what to call the app's own backend
let self = null; // this user; the SDK deciphers its stored copy each time it is asked
let ready = false; // whether the list of rooms has been loaded
let openRoomID = ''; // the room on the screen
const connection = { up: false };
let attempts = 0; // to connect
const missed = new Set(); // rooms with messages that came before the list did
const latest = new Map(); // room id -> room, as the newest event showed it
const departed = new Set(); // rooms this user was taken out of
const typists = new Map(); // room id -> Map of user id -> { name, until }
const users = new Map(); // user id -> user, with isOnline and lastActivity
const members = new Map(); // room id -> users

// Turns one SDK call with callbacks into a promise.
function ask(call) {
  return new Promise((resolve, reject) => {
    call({
      onSuccess: (...results) => resolve(results[0]),
      onError: (code, message) => reject(new Error(message || code)),
    });
  });
}

// Who was taken out of a room, for one, is refused what he asks about it.
const report = (error) => console.warn(error.message);

export function begin(settings, onChange, onSignedOut) {
  changed = onChange;
  backend = settings.name;
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
    onReceiveScheduledMessage: () => {},
  });
  lists.addRoomListListener({ onChatRoomDeleted: () => changed() });
  people.addContactListener({ onContactBlocked: () => {}, onContactUnblocked: () => {} });
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
  await contacts();
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
}

// roomList is what the sidebar shows, newest first.
export function roomList() {
  const found = Object.keys(chats.getAllRooms()).map((roomID) => {
    const held = history(roomID);
    const last = held.at(-1);
    return last && { room: roomOf(roomID), last, unread: lists.getUnreadCountRoomList(roomID) };
  });
  return found.filter(Boolean).sort((a, b) => b.last.created - a.last.created);
}

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
  await ask((callback) => messages.getOlderMessagesBeforeTimestamp(roomID, pageSize, callback));
  changed();
  return true;
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
    .replace('{{sender}}', () => name(user.userID, user.xcUserID ? user.fullname : backend, 'You'))
    .replace('{{target}}', () => name(target.targetID, target.targetName, 'you'));
}
