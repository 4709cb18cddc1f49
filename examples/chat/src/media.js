// Pictures, videos, voice and files in a message. The SDK fetches a file and keeps it in the
// browser; see `file` in chat.js.

import * as chat from './chat.js';
import { button, h, icon } from './dom.js';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

function size(bytes) {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(undefined, { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits: 1 })
    .format(bytes / 1000 ** step);
}

const length = (ms) => {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

// view is what a message has besides its text, or null.
export function view(message) {
  const draw = { 1002: picture, 1003: video, 1004: plain, 1008: voice }[message.type];
  if (!draw || message.isDeleted) {
    return null;
  }
  return draw(message, chat.file(message));
}

// caption is the text to show with it: the SDK writes 'Photo' and the like for lists.
export function caption(message) {
  return [1002, 1003, 1004, 1008].includes(message.type) ? (message.data.caption ?? '') : chat.textOf(message);
}

function picture(message, file) {
  const { width, height, thumbnail } = message.data;
  const image = h('img', {
    className: file.url ? 'picture' : 'picture blurred',
    alt: message.data.caption || 'A picture',
    src: file.url ?? (thumbnail ? `data:image/jpeg;base64,${thumbnail}` : ''),
  });
  if (width > 0 && height > 0) {
    image.style.aspectRatio = `${width} / ${height}`;
  }
  if (file.state === 'absent') {
    chat.fetchFile(message); // a picture is for looking at
  }
  return h('div', { className: 'media' }, image, progress(file));
}

function video(message, file) {
  const { thumbnail, duration } = message.data;
  return h('div', { className: 'media' },
    file.url
      ? h('video', { className: 'picture', controls: true, src: file.url })
      : h('div', { className: 'poster', style: thumbnail ? `background-image: url(data:image/jpeg;base64,${thumbnail})` : '' },
          fetcher(message, file, 'Load the video')),
    !file.url && duration > 0 && h('small', {}, length(duration)),
    progress(file));
}

function voice(message, file) {
  return h('div', { className: 'media voice' },
    file.url
      ? h('audio', { controls: true, src: file.url })
      : h('span', {}, fetcher(message, file, 'Load the recording'), icon('voice'), length(message.data.duration ?? 0)),
    progress(file));
}

function plain(message, file) {
  const name = message.data.fileName || 'File';
  return h('div', { className: 'media plain' },
    file.url
      ? h('a', { href: file.url, download: name, dir: 'auto' }, icon('file'), name)
      : h('span', { dir: 'auto' }, fetcher(message, file, 'Load the file'), name),
    h('small', {}, size(message.data.size ?? 0)),
    progress(file));
}

const fetcher = (message, file, label) => file.state !== 'loading' && button('load', label, () => chat.fetchFile(message));

function progress({ state, percent, trouble }) {
  if (state === 'failed') {
    return h('small', { role: 'alert' }, trouble);
  }
  return state === 'loading' && h('progress', { max: 100, value: percent });
}
