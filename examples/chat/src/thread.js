// The open room: its head, what is pinned in it, and its messages.

import * as chat from './chat.js';
import * as media from './media.js';
import { $, avatar, button, clock, day, h, icon, paintAvatar, sameDay, when } from './dom.js';
import { VirtualList } from './virtual.js';

let list;
let actions; // reply, edit, forward and remove, each with a message
let shownRoomID = '';

export function start(given) {
  actions = given;
  list = new VirtualList($('messages'), 60, 'end');
  $('messages').addEventListener('scroll', loadOlder, { passive: true });
  $('pinned').onclick = () => list.goTo($('pinned').dataset.localID);
}

export const toEnd = () => list.goHome();

export function draw(room) {
  drawHead(room);
  drawPinned(room);
  const history = chat.history(room.roomID);
  list.show(history.map((message) => item(message, history, room)), shownRoomID !== room.roomID);
  shownRoomID = room.roomID;
}

export function leave() {
  shownRoomID = '';
}

// loadOlder fetches earlier messages before the reader has come to the first one held.
let loading = false;
async function loadOlder() {
  const room = chat.openRoom();
  const { scrollTop, clientHeight } = $('messages');
  if (!room || loading || scrollTop > 2 * clientHeight) {
    return;
  }
  loading = true;
  try {
    if (await chat.older(room.roomID)) {
      // Once they are drawn: who holds the scroll bar at the top makes no event.
      requestAnimationFrame(() => setTimeout(loadOlder));
    }
  } catch (error) {
    console.warn(error.message);
  } finally {
    loading = false;
  }
}

function drawHead(room) {
  $('room-name').textContent = room.name;
  paintAvatar($('room-avatar'), room.name);
  const typing = chat.typing(room.roomID);
  const { user, members } = chat.about(room);
  let info = '';
  if (typing.length > 0) {
    info = `${typing.join(', ')} ${typing.length > 1 ? 'are' : 'is'} typing…`;
  } else if (members) {
    info = members.map((m) => (m.userID === chat.me().userID ? 'You' : m.fullname)).join(', ');
  } else if (user) {
    const seen = user.lastActivity > 0 ? `last seen ${when(user.lastActivity)}` : 'offline';
    info = user.isOnline ? 'online' : seen;
  }
  $('room-info').textContent = info;
  $('room-info').classList.toggle('active', typing.length > 0 || Boolean(user?.isOnline));
}

// The newest pinned message that is held leads to its place.
function drawPinned(room) {
  const pinned = chat.history(room.roomID).findLast((m) => chat.isPinned(m) && !m.isDeleted);
  $('pinned').hidden = !pinned;
  if (pinned) {
    $('pinned').dataset.localID = pinned.localID;
    $('pinned-text').textContent = `${pinned.user.fullname}: ${chat.textOf(pinned)}`;
  }
}

function item(message, history, room) {
  const about = (n) => {
    const previous = history[n - 1];
    const newDay = !previous || !sameDay(previous.created, message.created);
    const sameAuthor = previous?.type !== 9001 && previous?.user.userID === message.user.userID;
    return {
      newDay,
      follows: !newDay && sameAuthor && message.created - previous.created < 300_000,
      isClosed: Boolean(chat.isClosed(room)),
      isStarred: chat.isStarred(message),
      isPinned: chat.isPinned(message),
      file: message.data && chat.file(message),
    };
  };
  return {
    key: message.localID,
    signature: (n) => JSON.stringify([message, about(n)]),
    draw: (n) => bubble(message, room, about(n)),
  };
}

function bubble(message, room, { newDay, follows, isClosed, isStarred, isPinned }) {
  const own = message.user.userID === chat.me().userID;
  const date = newDay && h('span', { className: 'day' }, day.format(message.created));
  if (message.type === 9001) {
    return h('li', { className: 'system' }, date, h('span', { dir: 'auto' }, chat.textOf(message)));
  }
  const { quote, forwardFrom } = message;
  const text = message.isDeleted ? chat.textOf(message) : media.caption(message);
  const stored = !message.isSending && !message.isDeleted;
  return h('li', { className: `${own ? 'own' : 'other'}${follows ? ' follows' : ''}` },
    date,
    !own && !follows && avatar(message.user.fullname),
    h('article', { className: message.isDeleted ? 'bubble deleted' : 'bubble' },
      !own && !follows && room.type !== 1 && h('strong', { className: 'author', dir: 'auto' }, message.user.fullname),
      !message.isDeleted && forwardFrom.fullname && h('small', {}, icon('forward'), `Forwarded from ${forwardFrom.fullname}`),
      !message.isDeleted && quote.title &&
        h('blockquote', { dir: 'auto' }, h('strong', {}, quote.title), h('span', {}, quote.content)),
      media.view(message),
      text && h('p', { dir: 'auto' }, text),
      h('footer', {},
        isPinned && h('span', { role: 'img', ariaLabel: 'pinned' }, icon('pin')),
        isStarred && h('span', { className: 'starred', role: 'img', ariaLabel: 'starred' }, icon('star')),
        message.isMessageEdited && !message.isDeleted && 'edited ',
        h('time', { dateTime: new Date(message.created).toISOString() }, clock.format(message.created)),
        own && !message.isDeleted && ticks(message)),
      stored && toolbar(message, { own, isClosed, isStarred, isPinned })));
}

function toolbar(message, { own, isClosed, isStarred, isPinned }) {
  return h('div', { className: 'actions' },
    !isClosed && button('reply', 'Reply', () => actions.reply(message)),
    button('forward', 'Forward', () => actions.forward(message)),
    button('star', isStarred ? 'Remove the star' : 'Star', () => chat.star(message, !isStarred)),
    !isClosed && button('pin', isPinned ? 'Unpin' : 'Pin', () => chat.pin(message, !isPinned)),
    !isClosed && own && message.type === 1001 && button('edit', 'Edit', () => actions.edit(message)),
    !isClosed && own && button('delete', 'Delete', () => actions.remove(message)));
}

// Ticks: a clock while sending, one tick when stored, two when delivered, coloured when read.
function ticks(message) {
  const [sign, label] = message.isSending
    ? ['sending', 'sending']
    : message.isRead
      ? ['both', 'read']
      : message.isDelivered
        ? ['both', 'delivered']
        : ['sent', 'sent'];
  return h('span', { className: `ticks ${label}`, title: label, role: 'img', ariaLabel: label }, icon(sign));
}
