// The web SDK's methods, called by their names on a device, and held to what the table says of
// them.

import assert from 'node:assert/strict';
import { methods } from './conformance.mjs';

// callback stands for a function that the SDK is to call.
export const callback = { $: 'callback' };

// callbacks stands for an object with the callbacks that a method may use.
export const callbacks = {
  $: 'callbacks',
  names: ['onSuccess', 'onError', 'onStart', 'onProgress', 'onContactFound', 'onContactNotFound'],
};

// listener stands for an object with the given callbacks.
export const listener = (...names) => ({ $: 'callbacks', names });

// file stands for a file of the browser.
export const file = (name, type, base64) => ({ $: 'file', name, type, base64 });

// These tell how it goes on, not how it ended.
const interim = ['onStart', 'onProgress'];

export class Sdk {
  #device;
  #called;

  // constructor's called takes the names of the methods.
  constructor(device, called) {
    this.#device = device;
    this.#called = called;
  }

  // value calls a method that asks nothing of the server, and returns what it returns.
  async value(name, ...args) {
    const { returned } = await this.start(name, ...args);
    return returned;
  }

  // throws calls a method that cannot work, and returns what the SDK throws.
  async throws(name, ...args) {
    assert.ok(methods.get(name).fault, `${name} is expected to work`);
    this.#called.add(name);
    const { threw } = await this.#device.do('heard', await this.#device.do('invoke', name, args));
    assert.ok(threw, `${name} works, which the table says it cannot`);
    return threw;
  }

  // start calls a method that must not throw, and returns what is known right after it.
  async start(name, ...args) {
    this.#called.add(name);
    const number = await this.#device.do('invoke', name, args);
    const call = await this.#device.do('heard', number);
    assert.equal(call.threw, undefined, `${name} threw`);
    return { ...call, number };
  }

  // heard waits for one of a call's callbacks, and returns what it was called with.
  async heard(number, name, ...names) {
    const found = await this.#device.until(
      `${name} to call ${names.join(' or ') || 'back'}`,
      ([call, wanted, passing]) =>
        window.host
          .heard(call)
          .heard.find(({ callback }) =>
            wanted.length > 0 ? wanted.includes(callback) : !passing.includes(callback),
          ),
      [number, names, interim],
    );
    return found;
  }

  // ask calls a method and returns what it calls back with. Of a method that needs a call which
  // is not served yet it returns nothing, and holds the SDK to what it does then.
  async ask(name, ...args) {
    const list = args.includes(callback) || args.some((arg) => arg?.$ === 'callbacks')
      ? args
      : [...args, callbacks];
    if (methods.get(name).later.length > 0) {
      await this.#later(name, list);
      return undefined;
    }
    const { number } = await this.start(name, ...list);
    const { callback: which, values } = await this.heard(number, name);
    assert.ok(which !== 'onError', `${name}: ${JSON.stringify(values)}`);
    return values;
  }

  // refused calls a method that the server refuses, and returns the error's code.
  async refused(name, ...args) {
    const { number } = await this.start(name, ...args, callbacks);
    const { callback: which, values } = await this.heard(number, name);
    assert.equal(which, 'onError', `${name}: ${JSON.stringify(values)}`);
    return values[0];
  }

  async #later(name, args) {
    const { later, silent } = methods.get(name);
    const refused = this.#device.page.waitForResponse(
      (response) =>
        response.request().method() === 'POST' &&
        later.some((call) => response.url().endsWith(`/v1/${call}`)),
    );
    const { number } = await this.start(name, ...args);
    const response = await refused;
    const { error } = await response.json();
    assert.equal(error.code, '40400', `${name}: ${JSON.stringify(error)}`);
    // The SDK's own requests all end in the same way: once another one is through, so is this one.
    await this.#device.do('refreshMe');
    const { heard } = await this.#device.do('heard', number);
    const ends = heard.filter((entry) => !interim.includes(entry.callback));
    // It looks into an answer only when the status of HTTP is 200.
    const told = response.status() === 200 && !silent;
    assert.deepEqual(
      ends.map((entry) => [entry.callback, entry.values[0]]),
      told ? [['onError', '40400']] : [],
      `${name}, which is not served yet`,
    );
  }
}
