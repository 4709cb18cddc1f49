// What every part of the screen draws with. Whatever users wrote gets in as text nodes,
// never as markup.

export const $ = (id) => document.getElementById(id);

// h makes an element; properties first, then children, strings among them as text.
export function h(tag, properties, ...children) {
  const { dataset, aria, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  Object.entries(aria ?? {}).forEach(([key, value]) => element.setAttribute(`aria-${key}`, value));
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

// icon draws one of the symbols that index.html holds.
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'i');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  svg.firstChild.setAttribute('href', `#i-${name}`);
  return svg;
}

// button is an icon that does something.
export function button(name, label, onclick) {
  return h('button', { type: 'button', ariaLabel: label, title: label, onclick }, icon(name));
}

export function paintAvatar(element, name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  element.textContent = [words[0], words.at(-1)].slice(0, words.length).map((w) => [...w][0]).join('').toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  element.style.setProperty('--hue', hue);
  return element;
}

export const avatar = (name) => paintAvatar(h('span', { className: 'avatar', ariaHidden: 'true' }), name);

export const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
export const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
export const when = (time) => (sameDay(time, Date.now()) ? clock : day).format(time);
