// The screen. It is drawn from what chat.js tells, whenever that changes. Whatever users
// wrote gets in as text nodes, never as markup.

import * as chat from './chat.js';

const $ = (id) => document.getElementById(id);

// h makes an element; properties first, then children, strings among them as text.
function h(tag, properties, ...children) {
  const { dataset, aria, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  Object.entries(aria ?? {}).forEach(([key, value]) => element.setAttribute(`aria-${key}`, value));
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

// icon draws one of the symbols that index.html holds.
function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'i');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  svg.firstChild.setAttribute('href', `#i-${name}`);
  return svg;
}

let settings;
let context = null; // { kind: 'reply' or 'edit', message } while the composer has one
let lastTold = 0; // when the others were last told that this user is typing
const drawn = new Map(); // localID -> { element, signature } of the room on the screen
let drawnRoomID = '';

// Times and names.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
const when = (time) => (sameDay(time, Date.now()) ? clock : day).format(time);

function paintAvatar(element, name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  element.textContent = [words[0], words.at(-1)].slice(0, words.length).map((w) => [...w][0]).join('').toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  element.style.setProperty('--hue', hue);
  return element;
}

const avatar = (name) => paintAvatar(h('span', { className: 'avatar', ariaHidden: 'true' }), name);

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

// Drawing.

let pending = false;
function changed() {
  if (!pending) {
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      draw();
    });
  }
}

function draw() {
  $('banner').hidden = chat.isConnected();
  drawRooms();
  const room = chat.openRoom();
  $('app').classList.toggle('in-room', Boolean(room));
  $('chat').classList.toggle('none', !room);
  if (room) {
    drawHead(room);
    drawMessages(room);
    const closed = chat.isClosed(room);
    $('composer').hidden = closed;
    $('closed').hidden = !closed;
    $('closed').textContent = room.isLocked
      ? 'This room is locked. You can read, but not write.'
      : 'You are no longer in this room.';
  }
}

function drawRooms() {
  const openID = chat.openRoom()?.roomID;
  const focused = document.activeElement?.closest('#rooms button')?.dataset.id;
  const list = chat.roomList();
  const total = list.reduce((sum, { unread }) => sum + unread, 0);
  document.title = total > 0 ? `(${total}) Parlor chat` : 'Parlor chat';
  $('rooms').replaceChildren(
    ...list.map(({ room, last, unread }) => {
      const typing = chat.typing(room.roomID);
      const own = last.user.userID === chat.me().userID;
      const author = last.type !== 9001 && room.type !== 1 && `${own ? 'You' : last.user.fullname}: `;
      const { user } = chat.about(room);
      return h('li', {},
        h('button', {
            dataset: { id: room.roomID },
            aria: room.roomID === openID ? { current: 'true' } : {},
            onclick: () => open(room),
          },
          h('span', { className: user?.isOnline ? 'face online' : 'face' }, avatar(room.name)),
          h('span', { className: 'name' }, room.name),
          h('time', {}, when(last.created)),
          h('span', { className: typing.length ? 'preview active' : 'preview' },
            ...(typing.length
              ? [`${typing.join(', ')} typing…`]
              : [room.isLocked && icon('lock'), author, chat.textOf(last)].filter(Boolean))),
          unread > 0 && h('span', { className: 'badge', ariaLabel: `${unread} unread` }, String(unread)),
        ));
    }),
  );
  if (focused) {
    [...$('rooms').querySelectorAll('button')].find((b) => b.dataset.id === focused)?.focus();
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

// Only what differs is drawn anew, so that focus and place are kept.
function drawMessages(room) {
  const list = $('messages');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const fresh = drawnRoomID !== room.roomID;
  if (fresh) {
    drawn.clear();
    drawnRoomID = room.roomID;
  }
  const history = chat.history(room.roomID);
  let previous = null;
  const items = history.map((message) => {
    const newDay = !previous || !sameDay(previous.created, message.created);
    const sameAuthor = previous?.type !== 9001 && previous?.user.userID === message.user.userID;
    const follows = !newDay && sameAuthor && message.created - previous.created < 300_000;
    previous = message;
    const signature = JSON.stringify([message, newDay, follows, chat.isClosed(room)]);
    let entry = drawn.get(message.localID);
    if (entry?.signature !== signature) {
      entry = { element: bubble(message, room, newDay, follows), signature };
      drawn.set(message.localID, entry);
    }
    return entry.element;
  });
  const lastBefore = list.lastElementChild;
  const place = list.scrollHeight - list.scrollTop;
  if (items.length !== list.children.length || items.some((item, n) => item !== list.children[n])) {
    const focused = document.activeElement;
    list.replaceChildren(...items);
    focused?.isConnected && focused.focus({ preventScroll: true });
    const grewAbove = !fresh && lastBefore === items.at(-1);
    if (fresh || atEnd) {
      list.scrollTop = list.scrollHeight;
    } else if (grewAbove) {
      list.scrollTop = list.scrollHeight - place;
    }
  }
}

function bubble(message, room, newDay, follows) {
  const own = message.user.userID === chat.me().userID;
  const date = newDay && h('span', { className: 'day' }, day.format(message.created));
  const text = chat.textOf(message);
  if (message.type === 9001) {
    return h('li', { className: 'system' }, date, h('span', {}, text));
  }
  const { quote } = message;
  const stored = !message.isSending && !message.isDeleted && !chat.isClosed(room);
  return h('li', { className: `${own ? 'own' : 'other'}${follows ? ' follows' : ''}` },
    date,
    !own && !follows && avatar(message.user.fullname),
    h('article', { className: message.isDeleted ? 'bubble deleted' : 'bubble' },
      !own && !follows && room.type !== 1 && h('strong', { className: 'author' }, message.user.fullname),
      !message.isDeleted && quote.title && h('blockquote', {}, h('strong', {}, quote.title), h('span', {}, quote.content)),
      h('p', {}, text),
      h('footer', {},
        message.isMessageEdited && !message.isDeleted && 'edited ',
        h('time', { dateTime: new Date(message.created).toISOString() }, clock.format(message.created)),
        own && !message.isDeleted && ticks(message)),
      stored && h('div', { className: 'actions' },
        h('button', { ariaLabel: 'Reply', title: 'Reply', onclick: () => setContext('reply', message) }, icon('reply')),
        own && message.type === 1001 &&
          h('button', { ariaLabel: 'Edit', title: 'Edit', onclick: () => setContext('edit', message) }, icon('edit')),
        own && h('button', { ariaLabel: 'Delete', title: 'Delete', onclick: () => confirmDelete(message) }, icon('delete')))));
}

// Writing.

function open(room) {
  setContext(null);
  $('text').value = '';
  chat.open(room).catch((error) => console.warn(error.message));
  matchMedia('(min-width: 700px)').matches && $('text').focus();
}

function setContext(kind, message) {
  if (context?.kind === 'edit' || kind === 'edit') {
    $('text').value = kind === 'edit' ? message.body : '';
  }
  context = kind && { kind, message };
  $('context').hidden = !kind;
  if (kind) {
    $('context-title').textContent = kind === 'edit' ? 'Edit message' : `Reply to ${message.user.fullname}`;
    $('context-text').textContent = chat.textOf(message);
    $('text').focus();
  }
  fit();
}

function submit() {
  const room = chat.openRoom();
  const text = $('text').value.trim();
  if (!text || !room || chat.isClosed(room)) {
    return;
  }
  if (context?.kind === 'edit') {
    text !== context.message.body && chat.edit(context.message, text);
  } else {
    chat.send(room, text, context?.message);
    $('messages').scrollTop = $('messages').scrollHeight;
  }
  $('text').value = '';
  setContext(null);
  stopTyping();
  changed();
}

function tellTyping() {
  const room = chat.openRoom();
  if (!room || !$('text').value) {
    stopTyping();
  } else if (Date.now() - lastTold > 5000) {
    lastTold = Date.now();
    chat.tellTyping(room.roomID, true);
  }
}

function stopTyping() {
  const room = chat.openRoom();
  if (lastTold && room) {
    chat.tellTyping(room.roomID, false);
  }
  lastTold = 0;
}

// fit makes the text field as high as its text.
function fit() {
  $('text').style.height = 'auto';
  $('text').style.height = `${$('text').scrollHeight}px`;
}

function confirmDelete(message) {
  const dialog = $('delete-dialog');
  dialog.returnValue = '';
  dialog.onclose = () => dialog.returnValue && chat.remove(message, dialog.returnValue === 'all');
  dialog.showModal();
}

// New chats.

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
    open(room);
  } catch (error) {
    $('new-trouble').textContent = error.message;
  }
  $('create').disabled = false;
  $('create').textContent = 'Create';
}

// Starting.

function enter() {
  $('signin').hidden = true;
  $('app').hidden = false;
  $('me-name').textContent = chat.me().fullname;
  paintAvatar($('me-avatar'), chat.me().fullname);
  chat.connect();
  changed();
}

async function signIn(user) {
  $('trouble').textContent = '';
  try {
    const response = await fetch('ticket', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ xcUserID: user.xcUserID }),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw new Error(answer.error);
    }
    await chat.signIn(answer.ticket);
    enter();
  } catch (error) {
    $('trouble').textContent = `That did not work: ${error.message}`;
  }
}

function showSignIn() {
  $('app').hidden = true;
  $('signin').hidden = false;
  // The SDK keeps one login per origin, and another name of this machine is another origin.
  const elsewhere = new URL(location.href);
  elsewhere.hostname = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  $('elsewhere').href = elsewhere.href;
  $('elsewhere').textContent = elsewhere.host;
  $('people').replaceChildren(
    ...settings.users.map((user) =>
      h('li', {},
        h('button', { onclick: () => signIn(user) },
          avatar(user.fullName), h('strong', {}, user.fullName), h('span', {}, user.about)))),
  );
}

function toggleTheme() {
  const { dataset } = document.documentElement;
  const now = dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  dataset.theme = now === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', dataset.theme);
}

async function start() {
  const theme = localStorage.getItem('theme');
  if (theme) {
    document.documentElement.dataset.theme = theme;
  }
  $('theme').onclick = toggleTheme;
  $('signout').onclick = async () => {
    await chat.signOut();
    // The SDK has only just asked the server to forget the login.
    setTimeout(() => location.reload(), 300);
  };
  $('new-chat').onclick = newChat;
  $('new-dialog').querySelector('form').onsubmit = create;
  $('new-dialog').querySelector('[data-close]').onclick = () => $('new-dialog').close();
  $('back').onclick = () => {
    stopTyping();
    chat.close();
  };
  $('context-cancel').onclick = () => setContext(null);
  $('composer').onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  $('text').oninput = () => {
    fit();
    tellTyping();
  };
  $('text').onblur = stopTyping;
  $('text').onkeydown = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') {
      setContext(null);
    }
  };
  let loading = false;
  $('messages').onscroll = async () => {
    const room = chat.openRoom();
    if (room && !loading && $('messages').scrollTop < 120) {
      loading = true;
      await chat.older(room.roomID);
      loading = false;
    }
  };
  document.addEventListener('visibilitychange', () => chat.markRead());

  settings = await (await fetch('settings.json')).json();
  chat.begin(settings, changed, () => location.reload());
  if (chat.isSignedIn()) {
    enter();
  } else {
    showSignIn();
  }
}

start();
