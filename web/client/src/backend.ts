// The server API, with a server key, in the name of your own server.

import type { EventListData } from "./api.ts";
import { ServerCalls } from "./api.ts";
import type { CallOptions } from "./call.ts";
import { Endpoint } from "./call.ts";
import type { Config } from "./config.ts";
import { settings } from "./config.ts";
import type { FeedOptions } from "./feed.ts";
import { feed } from "./feed.ts";

/**
 * Calls the server API, with a server key. Every call that changes something has an Idempotency-Key, so what
 * failed on the way is repeated without harm. What the server refuses is a `ParlorError`; a `NoAnswerError` says that
 * no answer came.
 *
 * ```ts
 * const parlor = new Backend({ url: "https://chat.example.com", key: serverKey });
 * await parlor.users.update({ xcUserID: "cust-7", fullName: "Robin Vale" });
 * ```
 */
export class Backend extends ServerCalls {
  readonly #endpoint: Endpoint;
  readonly #timeout: number;

  /** Calls nobody yet; what it throws is a fault in the Config. */
  constructor(config: Config) {
    const complete = settings(config);
    const endpoint = new Endpoint(complete);
    super(endpoint);
    this.#endpoint = endpoint;
    this.#timeout = complete.timeout;
  }

  /** Makes a call that there is no method for, such as `room/get`, and returns the answer's data. */
  call<T = unknown>(path: string, params: object = {}, options?: CallOptions): Promise<T> {
    return this.#endpoint.change<T>(path, params, options); // those that read pass over its key
  }

  /**
   * Reads the feed of events, page by page, and waits for what is to come, until the loop ends. No page is empty.
   * Store a page's `cursor` once its events are dealt with, best in the same transaction, and begin with it after
   * a restart: no event is missed then. A `store` does so each time the loop asks for more.
   *
   * ```ts
   * for await (const page of parlor.feed({ cursor: stored })) {
   *   // deal with page.events, and store page.cursor
   * }
   * ```
   */
  feed(options?: FeedOptions): AsyncGenerator<EventListData, void, undefined> {
    return feed(this, this.#timeout, options);
  }
}
