// Messages to be sent later.

import * as chat from './chat.js';
import { $, button, h } from './dom.js';

const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function start() {
  $('later').onclick = show;
  $('later-dialog').querySelector('form').onsubmit = create;
}

// local is a time as the input of the dialog has it: the user's own, without a zone.
const local = (time) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

async function show() {
  $('later-text').value = $('text').value;
  $('later-time').value = local(Date.now() + 3_600_000);
  $('later-trouble').textContent = '';
  $('later-dialog').showModal();
  await draw();
}

// draw lists what is still to be sent in the open room, the next first.
export async function draw() {
  const room = chat.openRoom();
  if (!$('later-dialog').open || !room) {
    return;
  }
  try {
    const list = await chat.scheduled(room);
    $('later-list').replaceChildren(...list.map((entry) => row(entry, room)));
  } catch (error) {
    $('later-trouble').textContent = error.message;
  }
}

function row({ id, scheduledTime, message }, room) {
  const then = (act) => () => act().then(draw, (error) => ($('later-trouble').textContent = error.message));
  return h('li', {},
    h('time', { dateTime: new Date(scheduledTime).toISOString() }, shown.format(scheduledTime)),
    h('span', { dir: 'auto' }, chat.textOf(message)),
    button('send', 'Send now', then(() => chat.sendNow(room, id))),
    button('delete', 'Delete', then(() => chat.unschedule(room, id))));
}

async function create(event) {
  event.preventDefault();
  const room = chat.openRoom();
  const text = $('later-text').value.trim();
  const time = new Date($('later-time').value).getTime();
  if (!text || !(time > Date.now())) {
    $('later-trouble').textContent = text ? 'Choose a time to come.' : 'Write something first.';
    return;
  }
  try {
    await chat.schedule(room, text, time);
    $('later-text').value = '';
    $('text').value = '';
    $('later-trouble').textContent = '';
    await draw();
  } catch (error) {
    $('later-trouble').textContent = error.message;
  }
}
