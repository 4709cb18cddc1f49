// Where one writes: new messages, replies and edits.

import * as chat from './chat.js';
import { $ } from './dom.js';
import * as thread from './thread.js';

let context = null; // { kind: 'reply' or 'edit', message } while there is one
let lastTold = 0; // when the others were last told that this user is typing

export function start() {
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
}

// clear is for a room that was just opened.
export function clear() {
  setContext(null);
  $('text').value = '';
  matchMedia('(min-width: 700px)').matches && $('text').focus();
}

// draw shows the text field, or why there is none.
export function draw(room) {
  const blocked = chat.blockedIn(room);
  const closed = Boolean(chat.isClosed(room) || blocked);
  $('composer').hidden = closed;
  $('closed').hidden = !closed;
  $('closed').textContent = room.isLocked
    ? 'This room is locked. You can read, but not write.'
    : blocked
      ? `You have blocked ${blocked.fullname}.`
      : 'You are no longer in this room.';
}

export const reply = (message) => setContext('reply', message);
export const edit = (message) => setContext('edit', message);

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
    thread.toEnd();
    chat.send(room, text, context?.message);
  }
  $('text').value = '';
  setContext(null);
  stopTyping();
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

export function stopTyping() {
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
