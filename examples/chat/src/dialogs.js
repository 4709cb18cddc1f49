// What asks before it does something: new chats, deleting, forwarding.

import * as chat from './chat.js';
import { $, avatar, h } from './dom.js';

let onOpen;

export function start(open) {
  onOpen = open;
  $('new-chat').onclick = newChat;
  $('new-dialog').querySelector('form').onsubmit = create;
  for (const close of document.querySelectorAll('dialog [data-close]')) {
    close.onclick = () => close.closest('dialog').close();
  }
}

export function remove(message) {
  const dialog = $('delete-dialog');
  dialog.returnValue = '';
  dialog.onclose = () => dialog.returnValue && chat.remove(message, dialog.returnValue === 'all');
  dialog.showModal();
}

// forward asks where to. Of many rooms the newest are offered, and the others by name.
export function forward(message) {
  const offered = 50;
  const draw = () => {
    const sought = $('forward-find').value.trim().toLowerCase();
    const rooms = chat.roomList().map(({ room }) => room);
    const open = rooms.filter((room) => !chat.isClosed(room) && !chat.blockedIn(room) && room.name.toLowerCase().includes(sought));
    $('forward-rooms').replaceChildren(
      ...open.slice(0, offered).map((room) =>
        h('label', {}, h('input', { type: 'radio', name: 'room', value: room.roomID }), avatar(room.name), h('span', { dir: 'auto' }, room.name))));
  };
  $('forward-text').textContent = chat.textOf(message);
  $('forward-find').value = '';
  $('forward-find').oninput = draw;
  draw();
  $('forward-dialog').querySelector('form').onsubmit = (event) => {
    event.preventDefault();
    const chosen = $('forward-rooms').querySelector('input:checked')?.value;
    const room = chat.roomList().find((entry) => entry.room.roomID === chosen)?.room;
    if (room) {
      $('forward-dialog').close();
      chat.forward(message, room);
      onOpen(room);
    }
  };
  $('forward-dialog').showModal();
}

async function newChat() {
  $('group-name').value = '';
  $('new-trouble').textContent = '';
  $('contacts').replaceChildren();
  $('new-dialog').showModal();
  const contacts = await chat.contacts();
  $('contacts').replaceChildren(
    ...contacts.map((user) =>
      h('label', {}, h('input', { type: 'checkbox', value: user.userID }), avatar(user.fullname), user.fullname)),
  );
}

async function create(event) {
  event.preventDefault();
  const ids = [...$('contacts').querySelectorAll('input:checked')].map((input) => input.value);
  const name = $('group-name').value.trim();
  const trouble = ids.length === 0 ? 'Choose somebody.' : ids.length > 1 && !name ? 'A group needs a name.' : '';
  $('new-trouble').textContent = trouble;
  if (trouble) {
    return;
  }
  $('create').disabled = true;
  $('create').textContent = 'Creating…'; // the SDK takes three seconds for a group
  try {
    const room = name ? await chat.createGroup(name, ids) : await chat.personalRoom(ids[0]);
    $('new-dialog').close();
    onOpen(room);
  } catch (error) {
    $('new-trouble').textContent = error.message;
  }
  $('create').disabled = false;
  $('create').textContent = 'Create';
}
