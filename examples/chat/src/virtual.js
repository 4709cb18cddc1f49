// A list of which only what is in sight is in the document, so that ten thousand messages
// scroll as ten do. In place of what is not drawn there is room above and below, by the
// measured height of each item, or by a guess where it was never drawn.

const margin = 600; // px drawn beyond what is in sight, on either side

export class VirtualList {
  #list;
  #guess;
  #home;
  #items = [];
  #index = new Map(); // key -> place in items
  #heights = new Map(); // key -> px, as measured
  #tops = new Float64Array(1); // where each item begins, in px; the last is where all end
  #drawn = new Map(); // key -> { element, signature }
  #sizes = new ResizeObserver(() => this.#measure() && this.#settle(this.#place()));

  // `list` scrolls by itself; its style makes room of the heights --above and --below. `guess`
  // is the height of an item, in px, that was not drawn yet. `home` is 'start' or 'end':
  // who looks at that end of the list goes on doing so when items come.
  constructor(list, guess, home) {
    this.#list = list;
    this.#guess = guess;
    this.#home = home;
    const settle = () => this.#settle(this.#place());
    list.addEventListener('scroll', settle, { passive: true });
    new ResizeObserver(settle).observe(list);
  }

  // show draws the list with these items: { key, signature, draw }. `draw` makes the
  // element of the item at a place, and `signature` tells all that this depends on.
  // Whoever looks at an item goes on looking at it, unless the list is another one:
  // that begins at home.
  show(items, isAnother) {
    const place = isAnother ? { atHome: true } : this.#place();
    if (isAnother) {
      this.#drawn.clear();
      this.#heights.clear();
      this.#list.replaceChildren();
    }
    this.#items = items;
    this.#index = new Map(items.map((item, n) => [item.key, n]));
    this.#settle(place);
  }

  // goHome scrolls to the end that the list is at home at.
  goHome() {
    this.#settle({ atHome: true });
  }

  // goTo scrolls to an item, and tells whether there is one of that key.
  goTo(key) {
    if (!this.#index.has(key)) {
      return false;
    }
    this.#settle({ key, past: -this.#list.clientHeight / 3 });
    return true;
  }

  // element is what an item is drawn as, if it is.
  element(key) {
    return this.#drawn.get(key)?.element;
  }

  // What is looked at: home, or the first item in sight and how much of it has passed.
  #place() {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const at = this.#at(scrollTop);
    return {
      atHome: this.#home === 'end' ? scrollHeight - scrollTop - clientHeight < 80 : scrollTop < 4,
      key: this.#items[at]?.key,
      past: scrollTop - this.#tops[at],
    };
  }

  // at returns the place of the item that is drawn at a height.
  #at(height) {
    let [low, high] = [0, this.#items.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= height) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  #sum() {
    const tops = new Float64Array(this.#items.length + 1);
    this.#items.forEach(({ key }, n) => {
      tops[n + 1] = tops[n] + (this.#heights.get(key) ?? this.#guess);
    });
    this.#tops = tops;
  }

  // settle draws what is in sight of a place. Heights are known only once drawn, and what
  // is in sight depends on them, so it may take more than one round.
  #settle({ atHome, key, past }) {
    for (let round = 0; round < 6; round += 1) {
      this.#sum();
      const { clientHeight, scrollTop } = this.#list;
      const total = this.#tops.at(-1);
      const home = this.#home === 'end' ? total : 0; // more than there is to scroll is the end
      const at = this.#index.get(key);
      const top = atHome ? home : at === undefined ? scrollTop : Math.max(0, this.#tops[at] + past);
      const shown = Math.min(top, Math.max(0, total - clientHeight));
      const from = this.#at(shown - margin);
      const to = Math.min(this.#items.length, this.#at(shown + clientHeight + margin) + 1);
      this.#draw(from, to);
      this.#list.style.setProperty('--above', `${this.#tops[from]}px`);
      this.#list.style.setProperty('--below', `${total - this.#tops[to]}px`);
      const news = this.#measure();
      const wanted = atHome && this.#home === 'end' ? this.#list.scrollHeight - clientHeight : top;
      if (Math.abs(this.#list.scrollTop - wanted) >= 1) {
        this.#list.scrollTop = wanted;
      }
      if (!news) {
        return;
      }
    }
  }

  // draw puts the items of a range into the document, and takes all others out.
  #draw(from, to) {
    const kept = new Set();
    const elements = [];
    for (let n = from; n < to; n += 1) {
      const item = this.#items[n];
      const signature = item.signature(n);
      let entry = this.#drawn.get(item.key);
      if (entry?.signature !== signature) {
        const element = item.draw(n);
        if (entry?.element.contains(document.activeElement)) {
          entry.element.replaceWith(element);
          element.querySelector('button')?.focus({ preventScroll: true });
        }
        entry && this.#sizes.unobserve(entry.element);
        this.#sizes.observe(element);
        entry = { element, signature };
        this.#drawn.set(item.key, entry);
      }
      entry.element.ariaSetSize = this.#items.length;
      entry.element.ariaPosInSet = n + 1;
      kept.add(item.key);
      elements.push(entry.element);
    }
    for (const [key, { element }] of this.#drawn) {
      if (!kept.has(key)) {
        this.#sizes.unobserve(element);
        this.#drawn.delete(key);
      }
    }
    const wanted = new Set(elements);
    for (const child of [...this.#list.children]) {
      wanted.has(child) || child.remove();
    }
    // An element that stays is not moved, so that it keeps the focus.
    let next = this.#list.firstElementChild;
    for (const element of elements) {
      if (element === next) {
        next = next.nextElementSibling;
      } else {
        this.#list.insertBefore(element, next);
      }
    }
  }

  // measure notes the heights of what is drawn, and tells whether one is new.
  #measure() {
    let news = false;
    for (const [key, { element }] of this.#drawn) {
      const { height } = element.getBoundingClientRect();
      if (height > 0 && Math.abs((this.#heights.get(key) ?? this.#guess) - height) > 0.5) {
        this.#heights.set(key, height);
        news = true;
      }
    }
    return news;
  }
}
