// One device of one user: a browser context of its own, with the host app in it.

import { Faults } from './faults.mjs';
import { appKey } from './parlor.mjs';

export class Device {

  // open shows the test page and points the SDK at the server.
  static async open(browser, pageURL, base, name) {
    const device = new Device();
    device.name = name;
    device.context = await browser.newContext();
    device.page = await device.context.newPage();
    device.faults = new Faults(device.page);
    await device.page.goto(pageURL);
    device.base = base;
    await device.#init();
    return device;
  }

  async #init() {
    await this.#stayOnline();
    await this.do('init', appKey.id, appKey.secret, this.base);
  }

  // reopen loads the page anew. The login is kept by the browser, all else comes from
  // the server again.
  async reopen() {
    await this.page.reload();
    await this.#init();
    await this.do('start');
  }

  // The SDK sends nothing while the browser calls itself offline, which it does on a
  // machine without a network even though the server is at hand.
  async #stayOnline() {
    if (await this.page.evaluate(() => navigator.onLine)) {
      return;
    }
    const session = await this.context.newCDPSession(this.page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      // A limit that is never reached: without one the browser's own view stands.
      downloadThroughput: 1e9,
      uploadThroughput: 1e9,
    });
    await this.until('the browser to call itself online', () => navigator.onLine);
  }

  // do runs a function of the host app: device.do('send', room, 'text').
  async do(name, ...args) {
    return this.page.evaluate(([key, list]) => window.host[key](...list), [name, args]);
  }

  // until waits for a function in the page to return something true, and returns that.
  async until(what, fn, arg, timeout = 15_000) {
    try {
      const handle = await this.page.waitForFunction(fn, arg, { timeout, polling: 25 });
      return await handle.jsonValue();
    } catch (error) {
      if (error.name !== 'TimeoutError') {
        throw error;
      }
      throw new Error(
        `${this.name} waited ${timeout / 1000} s in vain for ${what}\n${await this.report()}`,
      );
    }
  }

  // report tells what this device went through, for a failed test.
  async report() {
    const events = await this.page
      .evaluate(() =>
        window.host.log.map(({ event, message, ...rest }) => {
          if (!message) {
            return `${event} ${JSON.stringify(rest)}`;
          }
          const { localID, body, action, isSending, isDelivered, isRead, isDeleted } = message;
          const flags = Object.entries({ isSending, isDelivered, isRead, isDeleted })
            .filter(([, set]) => set)
            .map(([flag]) => flag);
          return `${event} ${localID} ${action} ${JSON.stringify(body)} ${flags.join(' ')}`;
        }),
      )
      .catch((error) => [`(the page does not answer: ${error.message})`]);
    return [`the SDK reported to ${this.name}:`, ...events.slice(-30), ...this.faults.list()].join('\n  ');
  }

  // mark returns the place in the log after which something is to happen.
  async mark() {
    return this.page.evaluate(() => window.host.log.length);
  }

  // untilText waits until a room holds a text, as loaded or as received, and as the
  // server has it: the sender's own copy counts once the server has confirmed it.
  async untilText(roomID, text, timeout) {
    return this.until(
      `${JSON.stringify(text.slice(0, 60))} in room ${roomID}`,
      ([id, body]) =>
        window.host.history(id).find((m) => m.body === body && m.messageID !== '0' && !m.isSending),
      [roomID, text],
      timeout,
    );
  }

  // untilNew waits for a message that comes in live and matches all the given fields.
  async untilNew(what, fields, since = 0) {
    return this.#untilEvent('new', what, fields, since);
  }

  // untilUpdate waits for a change of a message to come in live.
  async untilUpdate(what, fields, since = 0) {
    return this.#untilEvent('update', what, fields, since);
  }

  async #untilEvent(event, what, fields, since) {
    return this.until(
      what,
      ([name, want, from]) =>
        window.host.log
          .slice(from)
          .filter((entry) => entry.event === name)
          .map((entry) => entry.message)
          .find((message) => Object.entries(want).every(([key, value]) => message[key] === value)),
      [event, fields, since],
    );
  }

  // untilReopened waits until the socket was opened again after a place in the log.
  async untilReopened(since, timeout = 15_000) {
    await this.until(
      'the socket to be open again',
      (from) =>
        window.host.isConnected() && window.host.log.slice(from).some((e) => e.event === 'open'),
      since,
      timeout,
    );
  }

  async close() {
    await this.context.close();
  }
}
