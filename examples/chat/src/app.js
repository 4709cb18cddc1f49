// The screen. It is drawn from what chat.js tells, whenever that changes.

import * as attach from './attach.js';
import * as chat from './chat.js';
import * as composer from './composer.js';
import * as dialogs from './dialogs.js';
import { $, avatar, h, paintAvatar } from './dom.js';
import * as notify from './notify.js';
import * as schedule from './schedule.js';
import * as sidebar from './sidebar.js';
import * as thread from './thread.js';

let settings;

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
  sidebar.draw();
  const room = chat.openRoom();
  $('app').classList.toggle('in-room', Boolean(room));
  $('chat').classList.toggle('none', !room);
  if (room) {
    thread.draw(room);
    composer.draw(room);
    drawBlock(room);
  } else {
    thread.leave();
  }
}

// Who is alone with somebody can block him.
function drawBlock(room) {
  const { user } = chat.about(room);
  const blocked = chat.blockedIn(room);
  $('block').hidden = !user;
  $('block').ariaLabel = $('block').title = blocked ? 'Unblock' : 'Block';
  $('block').classList.toggle('active', Boolean(blocked));
  $('block').onclick = () => chat.block(user.userID, !blocked).catch((error) => console.warn(error.message));
}

function open(room) {
  composer.clear();
  chat.open(room).catch((error) => console.warn(error.message));
}

// openByID opens a room that a notification was about.
function openByID(roomID) {
  const entry = chat.roomList().find(({ room }) => room.roomID === roomID);
  entry && open(entry.room);
}

function enter() {
  $('signin').hidden = true;
  $('app').hidden = false;
  $('me-name').textContent = chat.me().fullname;
  paintAvatar($('me-avatar'), chat.me().fullname);
  chat.connect();
  changed();
  notify.begin(openByID).catch((error) => console.warn(`notifications: ${error.message}`));
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
  $('back').onclick = () => {
    composer.stopTyping();
    chat.close();
  };
  $('find').oninput = changed;
  sidebar.start(open);
  thread.start({ reply: composer.reply, edit: composer.edit, forward: dialogs.forward, remove: dialogs.remove });
  composer.start();
  dialogs.start(open);
  attach.start();
  schedule.start();
  chat.followScheduled(schedule.draw);
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
