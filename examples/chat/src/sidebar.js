// The list of rooms.

import * as chat from './chat.js';
import { $, avatar, h, icon, when } from './dom.js';
import { VirtualList } from './virtual.js';

let list;
let onOpen;

export function start(open) {
  onOpen = open;
  list = new VirtualList($('rooms'), 64, 'start');
}

export function draw() {
  const openID = chat.openRoom()?.roomID;
  const rooms = chat.roomList();
  const total = rooms.reduce((sum, { unread }) => sum + unread, 0);
  document.title = total > 0 ? `(${total}) Parlor chat` : 'Parlor chat';
  const sought = $('find').value.trim().toLowerCase();
  const found = rooms.filter(({ room }) => room.name.toLowerCase().includes(sought));
  list.show(found.map((entry) => item(entry, openID)));
}

function item({ room, last, unread }, openID) {
  const shown = () => {
    const typing = chat.typing(room.roomID);
    const own = last.user.userID === chat.me().userID;
    const author = last.type !== 9001 && room.type !== 1 && `${own ? 'You' : last.user.fullname}: `;
    return {
      id: room.roomID,
      name: room.name,
      isOpen: room.roomID === openID,
      isOnline: Boolean(chat.about(room).user?.isOnline),
      isLocked: room.isLocked && typing.length === 0,
      isTyping: typing.length > 0,
      text: typing.length > 0 ? `${typing.join(', ')} typing…` : `${author || ''}${chat.textOf(last)}`,
      time: when(last.created),
      unread,
    };
  };
  return {
    key: room.roomID,
    signature: () => JSON.stringify(shown()),
    draw: () => row(shown(), room),
  };
}

function row({ id, name, isOpen, isOnline, isLocked, isTyping, text, time, unread }, room) {
  return h('li', {},
    h('button', { dataset: { id }, aria: isOpen ? { current: 'true' } : {}, onclick: () => onOpen(room) },
      h('span', { className: isOnline ? 'face online' : 'face' }, avatar(name)),
      h('span', { className: 'name', dir: 'auto' }, name),
      h('time', {}, time),
      h('span', { className: isTyping ? 'preview active' : 'preview', dir: 'auto' }, isLocked && icon('lock'), text),
      unread > 0 && h('span', { className: 'badge', ariaLabel: `${unread} unread` }, String(unread))));
}
