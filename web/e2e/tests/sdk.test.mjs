// Every method of the web SDK, called once as an app would: what it asks the server for it gets,
// and tells the app. What is not served yet, and what the SDK itself does wrong, is in the table,
// test/conformance/web-sdk.json, as well.

import assert from 'node:assert/strict';
import { areas, methods as table } from '../lib/conformance.mjs';
import { appKey } from '../lib/parlor.mjs';
import { scenario } from '../lib/scenario.mjs';
import { Sdk, callback, callbacks, file, listener } from '../lib/sdk.mjs';

const pixel = file(
  'pixel.png',
  'image/png',
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
);
const note = file('note.txt', 'text/plain', btoa('a note'));

// methods is a scenario in which Ana's SDK, or that of others, is made to call each method of an
// area. sdk(device) calls on another device.
function methods(area, body) {
  scenario(`the SDK's methods: ${area}`, async (world) => {
    const { parlor, device } = world;
    const called = new Set();
    const [ana, bo] = [await parlor.user('Ana'), await parlor.user('Bo', { username: 'bosun' })];
    const group = await parlor.group('Methods', [ana, bo]);
    const a = await device(ana);
    const sdk = (on) => new Sdk(on, called);
    await body({ ...world, ana, bo, group, a, sdk, my: sdk(a) });
    const missing = areas
      .find((entry) => entry.area === area)
      .methods.filter(({ method }) => !called.has(method));
    assert.deepEqual(missing, [], 'methods that nobody has called');
  });
}

// answered runs something that makes a call without telling how it ended, and returns the answer.
async function answered(device, call, body) {
  const response = device.page.waitForResponse(
    (got) => got.request().method() === 'POST' && got.url().endsWith(`/v1/${call}`),
  );
  await body();
  const answer = await (await response).json();
  assert.equal(answer.status, 200, `${call}: ${JSON.stringify(answer)}`);
  return answer.data;
}

scenario('the table has every method of the SDK', async ({ page }) => {
  const a = await page('Ana');
  assert.deepEqual((await a.do('exported')).sort(), [...table.keys()].sort());
});

methods('Start, login and logout', async ({ parlor, page, ana, sdk }) => {
  const d = await page('Ana on another device');
  const my = sdk(d);
  await my.value('taptalk.init', appKey.id, appKey.secret, parlor.base);
  await answered(d, 'client/project_configs', () => my.start('taptalk.refreshProjectConfigs'));
  await d.until('the settings', () => window.host.configs());
  const { core } = await my.value('taptalk.getProjectConfigs');
  assert.match(core.chatMediaMaxFileSize, /^\d+$/);
  assert.match(await my.value('taptalk.getDeviceID'), /^[0-9a-f]{16}-\w{32}$/);
  const ended = await my.start(
    'taptalk.addTapListener',
    listener('onTapTalkRefreshTokenExpired'),
  );

  assert.equal(await my.value('taptalk.isAuthenticated'), false);
  assert.equal(await my.refused('taptalk.authenticateWithAuthTicket', 'made-up', false), '40103');
  await my.ask('taptalk.authenticateWithAuthTicket', await parlor.ticket(ana), true);
  assert.equal(await my.value('taptalk.isAuthenticated'), true);
  await my.ask('taptalk.testAccessToken');
  const socket = await my.start('taptalk.connect', listener('onSuccess', 'onClose', 'onError'));
  await my.heard(socket.number, 'connect', 'onSuccess');
  assert.equal(await my.value('taptalk.isConnected'), true);
  await my.ask('taptalk.refreshAccessToken', callback);
  await my.ask('taptalk.refreshActiveUser');
  const me = await my.value('taptalk.getTaptalkActiveUser');
  assert.equal(me.userID, ana.userID);
  assert.equal(await my.value('taptalk.isSavedMessageRoom', `${me.userID}-${me.userID}`), true);

  const key = '0123456789abcdef0123456789abcdef';
  const sealed = await my.value('taptalkHelper.helperEncryptKey', 'grüße', key);
  assert.notEqual(sealed, 'grüße');
  assert.equal(await my.value('taptalkHelper.helperDecryptKey', sealed, key), 'grüße');
  assert.equal(await my.value('taptalk.generateBodyAndData', sealed, key), 'grüße');
  assert.match(await my.value('taptalk.getRandomColor', 'Ana'), /^#?\w+$/);
  assert.deepEqual(await my.value('taptalkHelper.getUrlsFromString', 'see example.org now'), [
    'example.org',
  ]);
  const [ordered] = await my.ask(
    'taptalkHelper.orderArrayFromLargestToSmallest',
    [{ n: 1 }, { n: 3 }, { n: 2 }],
    'n',
    'desc',
    callback,
  );
  assert.deepEqual(ordered.map(({ n }) => n), [3, 2, 1]);
  assert.ok('_taptalkRooms' in (await my.value('taptalk.forTesting')));

  // What it makes of refusals: one is passed on, the other ends the login.
  const refusal = (status, code) => ({ status, error: { code, message: 'a refusal', field: '' } });
  const passed = await my.start('taptalk.checkErrorResponse', refusal(403, '40301'), callbacks);
  assert.deepEqual((await my.heard(passed.number, 'checkErrorResponse')).values, [
    '40301',
    'a refusal',
  ]);
  await my.start('taptalk.checkErrorResponse', refusal(401, '40103'), callbacks);
  await my.heard(ended.number, 'the listener', 'onTapTalkRefreshTokenExpired');

  await my.value('taptalk.disconnect');
  await my.heard(socket.number, 'connect', 'onClose');
  assert.equal(await my.value('taptalk.isConnected'), false);
  await answered(d, 'client/logout', () => my.ask('taptalk.logoutAndClearAllTapTalkData'));
  assert.equal(await my.value('taptalk.getTaptalkActiveUser'), null);
  await my.value('taptalk.clearTaptalkChatData');
  assert.equal(await my.value('taptalk.clearUserData'), 'Please re-login');
});

methods('The own profile', async ({ ana, my }) => {
  await my.ask('taptalk.updateBio', 'Of Ana');
  await my.ask('taptalk.uploadUserPhoto', pixel);
  const [list] = (await my.ask('taptalk.getListUserPhoto', ana.userID)) ?? [];
  assert.equal(list?.photos.length ?? 1, 1);
  const photo = list?.photos[0] ?? { id: 1, createdTime: 1 };
  await my.ask('taptalk.setMainUserPhoto', photo.id);
  await my.ask('taptalk.deleteUserPhoto', photo.id, photo.createdTime);
  const { userID, bio } = await my.value('taptalk.getTaptalkActiveUser');
  assert.equal(userID, ana.userID, 'the login is lost');
  assert.equal(bio ?? 'Of Ana', 'Of Ana');
});

methods('People', async ({ parlor, bo, group, a, my }) => {
  const people = (name) => `tapCoreContactManager.${name}`;
  const contacts = await my.start(
    people('addContactListener'),
    listener('onContactBlocked', 'onContactUnblocked'),
  );
  for (const [name, ...args] of [
    [people('getUserDataWithUserID'), bo.userID],
    [people('getUserDataWithXCUserID'), bo.xcUserID],
    [people('getUserByUsername'), 'bosun', true],
    ['tapCoreRoomListManager.getUserByIdFromApi', bo.userID],
    [people('addToTapTalkContactsWithUserID'), bo.userID],
  ]) {
    const [answer] = await my.ask(name, ...args);
    assert.equal(answer.user?.userID ?? answer.userID, bo.userID, name);
  }
  assert.equal(await my.refused(people('getUserDataWithUserID'), '999999'), '40401');
  await my.ask(people('addToTapTalkContactsWithPhoneNumber'), ['628120000001']);
  const [listed] = await my.ask(people('getAllUserContacts'));
  assert.deepEqual(listed.map(({ user }) => user.userID), [bo.userID]);
  const [found] = await my.ask(people('getFilterUserContacts'), 'BOSUN');
  assert.equal(found[0].user.userID, bo.userID);

  await parlor.say(bo, group, 'to be reported');
  const { messageID } = await a.untilText(group.roomID, 'to be reported');
  await my.ask(people('reportUser'), bo.userID, 'Spam', false, '');
  await my.ask(people('reportMessage'), messageID, group.roomID, 'Spam', false, '');

  await my.ask(people('blockUser'), bo.userID);
  const blocked = await my.heard(contacts.number, 'the listener', 'onContactBlocked');
  assert.equal(blocked.values[0].userID, bo.userID);
  const [users] = await my.ask(people('getBlockedUserList'));
  assert.deepEqual(users.map(({ userID }) => userID), [bo.userID]);
  const [ids] = await my.ask(people('getBlockedUserIDs'));
  assert.deepEqual(ids, [bo.userID]);
  await my.ask(people('unblockUser'), bo.userID);
  await my.heard(contacts.number, 'the listener', 'onContactUnblocked');
  await my.ask(people('removeFromTapTalkContacts'), bo.userID);
});

methods('The list of rooms', async ({ parlor, ana, bo, group, a, my }) => {
  const list = (name) => `tapCoreRoomListManager.${name}`;
  const { roomID } = group;
  const rooms = await my.start(list('addRoomListListener'), listener('onChatRoomDeleted'));
  await parlor.say(bo, group, 'first');
  await a.untilText(roomID, 'first');
  for (const name of ['getUpdatedRoomList', 'getRoomListAndRead']) {
    const [held] = await my.ask(list(name));
    assert.equal(held[roomID].lastMessage.body, 'first', name);
  }
  assert.equal(await my.value(list('getUnreadCountRoomList'), roomID), 2); // with its creation
  assert.ok((await my.value(list('updateUnreadBadgeCount'))) > 0);
  assert.match(await my.throws(list('getRoomListFromCache')), /TypeError/);

  // What came while it was away is called back with, and nothing is not.
  await a.do('disconnect');
  await a.until('the socket to be closed', () => !window.host.isConnected());
  await parlor.say(bo, group, 'second');
  const [updated] = await my.ask(list('getRoomNewAndUpdated'));
  assert.equal(updated[roomID].lastMessage.body, 'second');
  for (;;) {
    let number;
    const { messages } = await answered(a, 'chat/message/new_and_updated', async () => {
      ({ number } = await my.start(list('getRoomNewAndUpdated'), callbacks));
    });
    if (messages.length === 0) {
      await a.do('refreshMe');
      assert.deepEqual((await a.do('heard', number)).heard, []);
      break;
    }
  }
  await a.do('connect');

  // What it does to its own list.
  const { lastMessage } = await my.value(list('getRoomModelFromRoomList'), roomID);
  assert.equal(lastMessage.body, 'second');
  await my.value(list('setRoomListLastMessage'), lastMessage, null, true);
  await my.value(list('pushNewRoomToTaptalkRooms'), 'g998');
  const [empty] = await my.ask(list('getPersonalChatRoomById'), 'g998', callback);
  assert.deepEqual(empty, {});
  await my.value(list('removeChatRoomByRoomID'), 'g998');
  const gone = await my.ask(list('getPersonalChatRoomById'), 'g998', callback);
  assert.deepEqual(gone, [null, 'Room not found']);
  const model = (room, text) =>
    my.value('tapCoreMessageManager.constructTapTalkMessageModel', text, room, 1001, '');
  await my.value(list('updateRoomsNotExist'), await model({ ...group, roomID: 'g999' }, 'new'));
  await my.value(list('updateRoomsExist'), await model({ ...group, roomID: 'g999' }, 'newer'));
  const [made] = await my.ask(list('getPersonalChatRoomById'), 'g999', callback);
  assert.deepEqual(Object.values(made).map(({ body }) => body), ['new', 'newer']);
  assert.ok(roomID in (await my.value(list('reorderTapTalkRoomListUnpinned'))));

  const [user] = await my.ask('tapCoreContactManager.getUserDataWithUserID', bo.userID);
  const personal = await my.value(list('getPersonalChatRoomWithUser'), user.user);
  const pair = [ana.userID, bo.userID].map(Number).sort((x, y) => x - y);
  assert.equal(personal.roomID, pair.join('-'));
  const [byXCID] = await my.ask(list('getRoomByXcID'), 'ORD-Methods');
  assert.equal(byXCID.room.roomID, roomID);

  await my.ask(list('setMutedRooms'), [roomID], 0);
  assert.match(JSON.stringify(await my.ask(list('getMutedRooms'))), new RegExp(roomID));
  await my.ask(list('unsetMutedRooms'), [roomID]);
  assert.doesNotMatch(JSON.stringify(await my.ask(list('getMutedRooms'))), new RegExp(roomID));
  await my.ask(list('pinRoom'), [roomID]);
  assert.deepEqual(await my.ask(list('getPinnedRoomID')), [{ [roomID]: roomID }]);
  const [pinned] = await my.ask(list('unpinRoom'), [roomID]);
  assert.deepEqual(pinned, {});

  const chat = (name) => `tapCoreChatRoomManager.${name}`;
  const { unreadRoomIDs } = await answered(a, 'client/room/mark_as_unread', () =>
    my.ask(chat('markChatRoomAsUnread'), [roomID]),
  );
  assert.deepEqual(unreadRoomIDs, [roomID]);
  const [marked] = await my.ask(chat('getMarkedAsUnreadChatRoomList'));
  assert.deepEqual(marked.data.unreadRoomIDs, [roomID]);
  assert.deepEqual(await my.ask(chat('deleteAllChatRoomMessages'), [roomID]), [[roomID]]);
  await my.heard(rooms.number, 'the listener', 'onChatRoomDeleted');
});

methods('Rooms and their participants', async ({ parlor, device, ana, bo, group, sdk, my }) => {
  const chat = (name) => `tapCoreChatRoomManager.${name}`;
  const cy = await parlor.user('Cy');
  await parlor.say(bo, ana, 'hello'); // those who have talked are told of each other
  const status = await my.start(
    chat('addRoomStatusListener'),
    listener('onReceiveStartTyping', 'onReceiveStopTyping', 'onReceiveOnlineStatus'),
  );
  const theirs = sdk(await device(bo));
  await my.heard(status.number, 'the listener', 'onReceiveOnlineStatus');
  await theirs.value(chat('sendStartTypingEmit'), group.roomID);
  const typing = await my.heard(status.number, 'the listener', 'onReceiveStartTyping');
  assert.equal(typing.values[0], group.roomID);
  await theirs.value(chat('sendStopTypingEmit'), group.roomID);
  await my.heard(status.number, 'the listener', 'onReceiveStopTyping');

  const [{ user }] = await my.ask('tapCoreContactManager.getUserDataWithUserID', bo.userID);
  for (const made of [
    await my.value(chat('generateRoom'), user),
    await my.value(chat('createRoomWithOtherUser'), user),
    ...(await my.ask(chat('createRoomWithUserID'), bo.userID, callback)),
    ...(await my.ask(chat('createRoomWithXCUserID'), bo.xcUserID, callback)),
  ]) {
    assert.equal(made.success, true);
    assert.match(made.room.roomID, new RegExp(`^(\\d+-)?${bo.userID}(-\\d+)?$`));
  }

  const [room] = await my.ask(chat('createGroupChatRoom'), 'Made by Ana', [bo.userID]);
  const { roomID } = room;
  await my.ask(chat('createGroupChatRoomWithPicture'), 'With a picture', [bo.userID], pixel);
  await my.ask(chat('updateGroupPicture'), roomID, pixel);
  const members = async () => {
    const [{ participants, adminUserIDs }] = await my.ask(chat('getGroupChatRoom'), roomID);
    return { users: participants.map(({ userID }) => userID), admins: adminUserIDs };
  };
  await my.ask(chat('updateGroupChatRoomDetails'), roomID, 'Renamed');
  await my.ask(chat('addGroupChatMembers'), roomID, [cy.userID]);
  assert.ok((await members()).users.includes(cy.userID));
  await my.ask(chat('promoteGroupAdmins'), roomID, [cy.userID]);
  assert.ok((await members()).admins.includes(cy.userID));
  await my.ask(chat('demoteGroupAdmins'), roomID, [cy.userID]);
  assert.ok(!(await members()).admins.includes(cy.userID));
  await my.ask(chat('removeGroupChatMembers'), roomID, [cy.userID]);
  assert.ok(!(await members()).users.includes(cy.userID));
  const [common] = await my.ask(chat('fetchGroupInCommon'), bo.userID);
  assert.ok(common.some((entry) => entry.roomID === roomID && entry.name === 'Renamed'));
  assert.equal((await theirs.ask(chat('leaveGroupChatRoom'), roomID))[0], true);
  await my.ask(chat('deleteGroupChatRoom'), roomID);
  assert.equal(await my.refused(chat('getGroupChatRoom'), roomID), '40401');
});

methods('Sending and changing messages', async ({ device, bo, group, a, sdk, my }) => {
  const say = (name) => `tapCoreMessageManager.${name}`;
  const { roomID } = group;
  const b = await device(bo);
  const theirs = sdk(b);
  const messages = await theirs.start(
    'tapCoreChatRoomManager.addMessageListener',
    listener('onReceiveNewMessage', 'onReceiveUpdateMessage'),
  );
  // Each of these calls back with the message, and it arrives.
  const arrives = async (name, ...args) => {
    const [sent] = await my.ask(say(name), ...args);
    const got = await b.untilNew(`what ${name} has sent`, { localID: sent.localID });
    return { sent, got };
  };
  const { got: text } = await arrives('sendTextMessage', 'plain', group, callback);
  assert.equal(text.body, 'plain');
  await theirs.heard(messages.number, 'the listener', 'onReceiveNewMessage');
  const { got: link } = await arrives(
    'sendLinkMessage',
    'https://example.org',
    group,
    callback,
    ['https://example.org'],
    'Example',
  );
  assert.equal(link.data.title, 'Example');
  const { got: place } = await arrives('sendLocationMessage', 1.5, 2.5, 'A street', group, callback);
  assert.deepEqual(
    [place.data.latitude, place.data.longitude, place.data.address],
    [1.5, 2.5, 'A street'],
  );
  const custom = await my.value(say('constructTapTalkMessageModel'), 'own', group, 3001, { n: 1 });
  const { got: own } = await arrives('sendCustomMessage', custom, callback);
  assert.deepEqual([own.type, own.data], [3001, { n: 1 }]);
  const answer = await my.value(
    say('constructTapTalkMessageModelWithQuote'),
    'an answer',
    group,
    1001,
    '',
    text,
  );
  const { got: quoting } = await arrives('sendCustomMessage', answer, callback);
  assert.deepEqual(
    [quoting.quote.title, quoting.quote.content, quoting.replyTo.localID],
    ['Ana', 'plain', text.localID],
  );
  const product = await my.value(
    say('constructTapTalkProductModelWithProductID'),
    '1',
    'Tea',
    'IDR',
    '10',
  );
  assert.deepEqual([product.id, product.name, product.price], ['1', 'Tea', '10']);
  assert.match(
    await my.throws(say('sendProductMessageWithProductArray'), [product], group, callback),
    /TypeError/,
  );
  assert.match(await my.throws(say('constructMessageStatus'), true, false, false, false), /ReferenceError/);

  for (const [name, ...args] of [
    ['checkAndSendForwardedMessage', group, callback, text],
    ['sendForwardMessage', group, callback, text],
    ['sendForwardMessages', group, callback, [text]],
    ['sendForwardMessagesOnMultipleRooms', [{ room: group, messages: [text] }], callback],
  ]) {
    const { got } = await arrives(name, ...args);
    assert.deepEqual([got.body, got.forwardFrom.fullname], ['plain', 'Ana'], name);
  }

  // These only put a message into the SDK's own lists.
  for (const [name, ...args] of [
    ['sendTextMessageWithoutEmit', 'not sent', group, callback],
    ['sendLocationMessageWithoutEmit', 1, 2, 'not sent', group, callback],
  ]) {
    const [kept] = await my.ask(say(name), ...args);
    assert.ok(await a.do('find', roomID, kept.localID), name);
  }
  const draft = (room) => my.value(say('constructTapTalkMessageModel'), 'draft', room, 1001, '');
  const here = await draft(group);
  await my.value(say('pushNewMessageToRoomsAndChangeLastMessage'), here);
  assert.equal((await a.do('roomList')).find((r) => r.roomID === roomID).lastMessage.localID, here.localID);
  assert.match(await my.throws(say('pushToTapTalkEmitMessageQueue'), here), /ReferenceError/);
  const elsewhere = await draft({ ...group, roomID: 'g999' });
  await my.value(say('pushNewRoom'), elsewhere);
  assert.ok(await a.do('find', 'g999', elsewhere.localID));
  await my.value(say('pushNewRoomList'), elsewhere);
  const [changed] = await my.ask(
    'tapCoreChatRoomManager.changeMessageStatus',
    roomID,
    { ...here, isSending: false },
    callback,
  );
  assert.equal(changed[roomID].messages[here.localID].isSending, false);

  // Edited and deleted, as others see it.
  const { localID } = text;
  await my.ask(say('sendEmitWithEditedMessage'), await a.do('find', roomID, localID), 'edited', callback);
  await b.untilUpdate('the edited message', { localID, body: 'edited' });
  await theirs.heard(messages.number, 'the listener', 'onReceiveUpdateMessage');
  const again = { ...(await a.do('find', roomID, localID)), body: 'edited again' };
  await my.ask(say('sendEmitWithEditedMessageModel'), again, callback);
  await b.untilUpdate('the message edited again', { localID, body: 'edited again' });
  const { deletedMessageIDs } = await answered(a, 'chat/message/delete', () =>
    my.value(say('markMessageAsDeleted'), roomID, [text.messageID], true),
  );
  assert.deepEqual(deletedMessageIDs, [text.messageID]);
  await b.untilUpdate('the deleted message', { localID, isDeleted: true });
});

methods('Reading messages', async ({ parlor, device, bo, group, a, my }) => {
  const read = (name) => `tapCoreMessageManager.${name}`;
  const chat = (name) => `tapCoreChatRoomManager.${name}`;
  const { roomID } = group;
  const b = await device(bo);
  await parlor.say(bo, group, 'alpha');
  await parlor.say(bo, group, 'beta');
  await a.untilText(roomID, 'beta');
  const [older] = await my.ask(read('getOlderMessagesBeforeTimestamp'), roomID, 50);
  assert.ok(Object.values(older).length >= 3);
  const [newer] = await my.ask(read('getNewerMessagesAfterTimestamp'), roomID);
  const [alpha, beta] = ['alpha', 'beta'].map((body) =>
    Object.values(newer).find((message) => message.body === body),
  );
  assert.equal(await my.refused(read('getOlderMessagesBeforeTimestamp'), 'g999999', 5), '40401');

  await answered(a, 'chat/message/feedback/delivered', () =>
    my.value(read('markMessageAsDelivered'), [alpha.messageID]),
  );
  await answered(a, 'chat/message/feedback/read', () =>
    my.value(read('markMessageAsRead'), [alpha.messageID]),
  );
  await b.untilUpdate('alpha to be read', { localID: alpha.localID, isRead: true });
  await answered(a, 'chat/message/feedback/read', () =>
    my.value(read('markAllMessagesInRoomAsRead'), roomID),
  );
  await b.untilUpdate('beta to be read', { localID: beta.localID, isRead: true });
  assert.deepEqual(await my.ask(read('fetchTotalReadCount'), beta.messageID), [1]);
  assert.deepEqual(await my.ask(read('getTotalReadCount'), beta.messageID), [1]);
  const [info] = await my.ask(read('fetchMessageInfo'), beta.messageID);
  assert.equal(info.message.localID, beta.localID);
  assert.equal(info.readBy.length, 1);

  // What it holds of the room.
  const pairs = await my.value(read('messagesObjectToArray'), { x: 1, y: 2 });
  assert.deepEqual(pairs, [['x', 1], ['y', 2]]);
  assert.deepEqual(await my.value(read('recreateSortedMessagesObject'), pairs), { x: 1, y: 2 });
  await my.value(read('sortMessagesObject'), roomID);
  const held = await my.value(chat('getCurrentChatInRoom'), roomID);
  assert.deepEqual(
    Object.values(held).slice(0, 2).map(({ body }) => body),
    ['beta', 'alpha'],
  );
  assert.equal(await my.value(chat('getCurrentHasMoreChatInRoom'), roomID), false);
  assert.ok(roomID in (await my.value(chat('getAllRooms'))));
  assert.equal((await my.value(chat('findLatestShowMessage'), roomID)).body, 'beta');
  const [inRoom] = await my.ask(read('searchLocalRoomMessageWithKeyword'), 'alp', roomID);
  assert.deepEqual(inRoom.messages.map(({ body }) => body), ['alpha']);
  const [inAll] = await my.ask(read('searchLocalMessageWithKeyword'), 'alp');
  assert.deepEqual(inAll.messages.map(({ body }) => body), ['alpha']);
  const hidden = await my.value(read('hideMessageInRoom'), roomID, beta.localID);
  assert.equal(hidden.lastMessage.body, 'alpha');
  await my.value(chat('deleteMessageByRoomID'), roomID);
  assert.equal(await my.value(chat('getCurrentChatInRoom'), roomID), null);
});

methods('Stars, pins and what is shared', async ({ group, a, my }) => {
  const on = (name) => `tapCoreMessageManager.${name}`;
  const { roomID } = group;
  const [{ localID }] = await my.ask(
    on('sendLinkMessage'),
    'https://example.org',
    group,
    callback,
    ['https://example.org'],
  );
  const message = await a.untilText(roomID, 'https://example.org');
  const ids = [message.messageID];
  const one = { [message.messageID]: true };

  assert.deepEqual((await my.ask(on('starMessage'), roomID, ids))[0].starredMessageIDs, ids);
  assert.deepEqual((await my.ask(on('getStarredMessageIds'), roomID))[0].messages, one);
  const [starred] = await my.ask(on('fetchStarredMessages'), roomID);
  assert.equal(starred.messages[0].localID, localID);
  assert.deepEqual((await my.ask(on('unstarMessage'), roomID, ids))[0].unstarredMessageIDs, ids);

  assert.deepEqual((await my.ask(on('pinMessage'), roomID, [message]))[0].pinnedMessageIDs, ids);
  await a.untilNew('the pin', { action: 'message/pin' });
  assert.deepEqual((await my.ask(on('getPinnedMessageIds'), roomID))[0].messages, one);
  const place = 'getPinMessageIndexOnTaptalkPinnedMessageIDHashmap';
  assert.equal(await my.value(on(place), roomID, message.messageID), 0);
  const [pinned] = await my.ask(on('fetchPinnedMessages'), roomID);
  assert.equal(pinned.messages[0].localID, localID);
  const [unpinned] = await my.ask(on('unpinMessage'), roomID, ids, false);
  assert.deepEqual(unpinned.unpinnedMessageIDs, ids);
  await a.untilNew('the pin to be taken off', { action: 'message/unpin' });

  const [, , links] = await my.ask(on('fetchSharedContentMessages'), roomID, 0, 0, 'DESC');
  assert.equal(links[0].localID, localID);
  const [media] = await my.ask('tapCoreChatRoomManager.getRoomMedia', roomID, callbacks, 0);
  assert.equal(media.links[0].localID, localID);
});

methods('Files', async ({ device, bo, group, a, my }) => {
  const send = (name) => `tapCoreMessageManager.${name}`;
  const b = await device(bo);
  await a.until('the settings', () => window.host.configs());
  const clip = file('clip.webm', 'video/webm', await a.page.evaluate(record));
  const voice = file('voice.webm', 'audio/webm', btoa('not looked into'));

  const [upload] =
    (await my.ask(send('uploadChatFile'), { file: note, caption: '', room: group.roomID })) ?? [];
  // With a true behind the callbacks the message is sent once its file is there.
  for (const [name, emits, ...args] of [
    ['actionSendImageMessage', true, pixel, 'A pixel', group, callbacks, true, false, false, false],
    ['sendImageMessage', true, pixel, 'A pixel', group, callbacks],
    ['sendImageMessageWithoutEmit', false, pixel, '', group, callbacks],
    ['actionSendVideoMessage', true, clip, 'A clip', group, callbacks, true, false, false, false],
    ['sendVideoMessage', true, clip, '', group, callbacks],
    ['sendVideoMessageWithoutEmit', false, clip, '', group, callbacks],
    ['actionSendFileMessage', true, note, group, callbacks, true, false, false, false],
    ['sendFileMessage', true, note, group, callbacks],
    ['sendFileMessageWithoutEmit', false, note, group, callbacks],
    ['actionSendVoiceMessage', true, voice, 1000, group, callbacks, true, false, false],
    ['sendVoiceMessage', true, voice, 1000, group, callbacks],
    ['sendVoiceMessageWithoutEmit', false, voice, 1000, group, callbacks],
  ]) {
    const [sent] = (await my.ask(send(name), ...args)) ?? [];
    if (sent && emits) {
      const got = await b.untilNew(`what ${name} has sent`, { localID: sent.localID });
      assert.equal(got.data.fileID, sent.data.fileID, name);
    }
  }

  const fileID = upload?.fileID ?? 'none';
  const [down] =
    (await my.ask('tapCoreChatRoomManager.downloadMessageFile', { room: group, data: { fileID } })) ?? [];
  assert.equal(down?.base64 ?? note.base64, note.base64);
  await my.ask('tapCoreChatRoomManager.getFileFromDB', 'another', callback);
});

// record runs in the page and makes a short video, in base64.
async function record() {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm' });
  const data = new Promise((resolve) => {
    recorder.ondataavailable = (event) => resolve(event.data);
  });
  recorder.start();
  for (let frame = 0; frame < 10; frame += 1) {
    context.fillRect(9 * frame, 0, 9, 9);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  const bytes = new Uint8Array(await (await data).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

methods('Messages for later', async ({ group, my }) => {
  const later = (name) => `tapCoreMessageManager.${name}`;
  const { roomID } = group;
  const at = Date.now() + 3_600_000;
  const draft = (text, localID = null) =>
    my.value(later('constructTapTalkMessageModel'), text, group, 1001, '', localID);
  const create = async (text) => {
    const [made] = (await my.ask(later('createScheduledMessage'), await draft(text), at)) ?? [];
    return made?.createdItem.id ?? 1;
  };
  const id = await create('for later');
  const [items] = (await my.ask(later('fetchScheduledMessages'), roomID)) ?? [];
  assert.equal(items?.length ?? 1, 1);
  await my.ask(later('editScheduledMessageTime'), id, at + 60_000);
  const changed = await draft('changed', items?.[0].message.localID); // under which it is sealed
  await my.ask(later('editScheduledMessageContent'), id, changed);
  await my.ask(later('sendScheduledMessageNow'), [id], roomID);
  await my.ask(later('deleteScheduledMessage'), [id], roomID);
});
