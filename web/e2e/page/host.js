// A host app in small: it uses the SDK as its makers' guide and example do, notes
// down whatever the SDK reports, and offers the result to the tests as `host`.

import * as sdk from '@taptalk.io/web-sdk';
import {
  taptalk,
  tapCoreChatRoomManager as chat,
  tapCoreContactManager as contacts,
  tapCoreMessageManager as messages,
  tapCoreRoomListManager as rooms,
} from '@taptalk.io/web-sdk';

// All that the SDK reported, oldest first.
const log = [];

// The SDK goes on changing the objects it hands out, so a copy is kept.
function note(event, detail = {}) {
  log.push({ event, ...structuredClone(detail) });
}

// Turns one call with callbacks into a promise.
function ask(call) {
  return new Promise((resolve, reject) => {
    call({
      onSuccess: (...results) => resolve(results[0]),
      onError: (code, message) => reject(new Error(`${code} ${message ?? ''}`.trim())),
    });
  });
}

let online = false; // whether this app wants to be connected
let opened = 0; // how often the socket was opened
let asking = true; // whether it asks for what it missed when the socket is opened again
let openRoomID = ''; // the room on the screen

function listen() {
  taptalk.addTapListener({
    onTapTalkRefreshTokenExpired: () => note('logged out'),
  });
  chat.addMessageListener({
    onReceiveNewMessage: (message, isScheduled) => note('new', { message, isScheduled }),
    onReceiveUpdateMessage: (message) => note('update', { message }),
  });
  chat.addRoomStatusListener({
    onReceiveStartTyping: (roomID, user) => note('typing', { roomID, user }),
    onReceiveStopTyping: (roomID, user) => note('stopped typing', { roomID, user }),
    onReceiveOnlineStatus: (user, isOnline, lastActive) =>
      note('status', { user, isOnline, lastActive }),
    onReceiveScheduledMessage: (room) => note('scheduled', { room }),
  });
  rooms.addRoomListListener({
    onChatRoomDeleted: (roomID) => note('room cleared', { roomID }),
  });
  contacts.addContactListener({
    onContactBlocked: (user) => note('blocked', { user }),
    onContactUnblocked: (user) => note('unblocked', { user }),
  });
}

// Opens the socket, and opens it again whenever it closes: the SDK leaves that to
// the app, and checks the access token by itself before each attempt.
function connect() {
  online = true;
  taptalk.connect({
    onSuccess: () => {
      opened += 1;
      note('open');
      if (opened > 1 && asking) {
        catchUp();
      }
    },
    onClose: () => {
      note('close');
      if (online) {
        connect();
      }
    },
    onError: (reason) => note('socket error', { reason: String(reason) }),
  });
}

// As an app that does not ask for what it missed.
function connectOnly() {
  asking = false;
  connect();
}

function disconnect() {
  online = false;
  taptalk.disconnect();
}

// Nothing is replayed on a new socket; what was missed is asked for.
function catchUp() {
  rooms.getRoomNewAndUpdated({
    onSuccess: () => note('rooms updated'),
    onError: (code) => note('error', { code }),
  });
  if (openRoomID) {
    newer(openRoomID);
  }
}

async function signIn(ticket) {
  await ask((callback) => taptalk.authenticateWithAuthTicket(ticket, false, callback));
  return taptalk.getTaptalkActiveUser();
}

// A client's start: connect, then load what the list of rooms needs.
async function start() {
  await new Promise((resolve) => {
    const before = opened;
    connect();
    const timer = setInterval(() => {
      if (opened > before) {
        clearInterval(timer);
        resolve();
      }
    }, 20);
  });
  await ask((callback) => rooms.getPinnedRoomID(callback));
  await ask((callback) => chat.getMarkedAsUnreadChatRoomList(callback));
  await ask((callback) => rooms.getUpdatedRoomList(callback));
}

// The list of rooms as the SDK has it, in its order.
function roomList() {
  return Object.keys(chat.getAllRooms()).map((roomID) => {
    const entry = rooms.getRoomModelFromRoomList(roomID);
    return {
      roomID,
      room: entry?.lastMessage.room,
      lastMessage: entry?.lastMessage,
      unread: entry?.unreadCount ?? 0,
    };
  });
}

// The room as a screen would show it.
function room(roomID) {
  return rooms.getRoomModelFromRoomList(roomID)?.lastMessage.room;
}

// The messages of a room that the SDK holds, oldest first.
function history(roomID) {
  const held = Object.values(chat.getCurrentChatInRoom(roomID) ?? {});
  return held.sort((a, b) => a.created - b.created);
}

function older(roomID, limit) {
  return ask((callback) => messages.getOlderMessagesBeforeTimestamp(roomID, limit, callback));
}

function newer(roomID) {
  return ask((callback) => messages.getNewerMessagesAfterTimestamp(roomID, callback));
}

// Puts a room on the screen: its newest page, and all of it read.
async function openRoom(roomID) {
  openRoomID = roomID;
  await newer(roomID);
  // For a room without messages the SDK's own code throws.
  if (history(roomID).length > 0) {
    messages.markAllMessagesInRoomAsRead(roomID);
  }
}

// Sends a text, as an answer to `quoted` if given; returns its localID.
function send(target, text, quoted = false) {
  let localID;
  messages.sendTextMessage(text, target, (message) => {
    localID = message.localID;
  }, quoted);
  return localID;
}

// A text as the SDK would send it, for the calls that take one.
function model(target, text, localID = null) {
  return messages.constructTapTalkMessageModel(text, target, 1001, '', localID);
}

function find(roomID, localID) {
  return chat.getCurrentChatInRoom(roomID)?.[localID];
}

// The SDK writes into the object it is given to edit, so it gets a copy.
function edit(roomID, localID, text) {
  messages.sendEmitWithEditedMessage(structuredClone(find(roomID, localID)), text, () => {});
}

function remove(roomID, localID, forEveryone) {
  messages.markMessageAsDeleted(roomID, [find(roomID, localID).messageID], forEveryone);
}

// The names of all that the SDK exports, such as 'taptalk.init'.
function exported() {
  return Object.keys(sdk)
    .filter((manager) => manager !== 'default')
    .flatMap((manager) => Object.keys(sdk[manager]).map((method) => `${manager}.${method}`));
}

// What was called by name, with what the SDK answered so far.
const invoked = [];

// The SDK's answers refer to what it goes on changing, and hold files: copies, as far as there are.
function copied(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

// Calls a method by its name. An argument { $: 'callbacks' } stands for an object of callbacks,
// { $: 'callback' } for one function, { $: 'file' } for a file. Returns a number for `heard`.
async function invoke(name, args) {
  const call = { heard: [] };
  const hear = (callback) => (...values) => call.heard.push({ callback, values: copied(values) });
  const real = (arg) => {
    switch (arg?.$) {
      case 'callbacks':
        return Object.fromEntries(arg.names.map((callback) => [callback, hear(callback)]));
      case 'callback':
        return hear('callback');
      case 'file':
        return new File([Uint8Array.from(atob(arg.base64), (c) => c.charCodeAt(0))], arg.name, {
          type: arg.type,
        });
      default:
        return arg?.file ? { ...arg, file: real(arg.file) } : arg;
    }
  };
  const [manager, method] = name.split('.');
  try {
    call.returned = copied(await sdk[manager][method](...args.map(real)));
  } catch (error) {
    call.threw = String(error);
  }
  return invoked.push(call) - 1;
}

window.host = {
  log,
  exported,
  invoke,
  heard: (number) => invoked[number],
  init(appKeyID, appKeySecret, base) {
    listen();
    taptalk.init(appKeyID, appKeySecret, base);
  },
  signIn,
  start,
  connect,
  connectOnly,
  disconnect,
  isConnected: () => taptalk.isConnected(),
  me: () => taptalk.getTaptalkActiveUser(),
  refreshMe: () => ask((callback) => taptalk.refreshActiveUser(callback)),
  configs: () => taptalk.getProjectConfigs(),
  roomList,
  room,
  openRoom,
  history,
  older,
  newer,
  find,
  send,
  edit,
  remove,
  schedule: (target, text, time) =>
    ask((callback) => messages.createScheduledMessage(model(target, text), time, callback)),
  scheduled: (roomID) => ask((callback) => messages.fetchScheduledMessages(roomID, callback)),
  reschedule: (id, time) =>
    ask((callback) => messages.editScheduledMessageTime(id, time, callback)),
  editScheduled: (id, target, text, localID) =>
    ask((callback) =>
      messages.editScheduledMessageContent(id, model(target, text, localID), callback)),
  sendScheduled: (ids, roomID) =>
    ask((callback) => messages.sendScheduledMessageNow(ids, roomID, callback)),
  dropScheduled: (ids, roomID) =>
    ask((callback) => messages.deleteScheduledMessage(ids, roomID, callback)),
  markRead: (ids) => messages.markMessageAsRead(ids),
  unread: (roomID) => rooms.getUnreadCountRoomList(roomID),
  startTyping: (roomID) => chat.sendStartTypingEmit(roomID),
  stopTyping: (roomID) => chat.sendStopTypingEmit(roomID),
  createGroup: (name, userIDs) =>
    ask((callback) => chat.createGroupChatRoom(name, userIDs, callback)),
  leaveGroup: (roomID) => ask((callback) => chat.leaveGroupChatRoom(roomID, callback)),
  block: (userID) => ask((callback) => contacts.blockUser(userID, callback)),
  unblock: (userID) => ask((callback) => contacts.unblockUser(userID, callback)),
  blockedUsers: () => ask((callback) => contacts.getBlockedUserList(callback)),
  blockedUserIDs: () => ask((callback) => contacts.getBlockedUserIDs(callback)),
  reportUser: (...what) => ask((callback) => contacts.reportUser(...what, callback)),
  reportMessage: (...what) => ask((callback) => contacts.reportMessage(...what, callback)),
  addByPhones: (phones) =>
    ask((callback) => contacts.addToTapTalkContactsWithPhoneNumber(phones, callback)),
  updateBio: (bio) => ask((callback) => taptalk.updateBio(bio, callback)),
  roomByXCID: (xcRoomID) => ask((callback) => rooms.getRoomByXcID(xcRoomID, callback)),
  roomWith: (xcUserID) =>
    new Promise((resolve) => {
      chat.createRoomWithXCUserID(xcUserID, resolve);
    }),
};
