// The feed of events, read page by page, and waited for.

import type { EventListData, ListEventsRequest, ServerCalls } from "./api.ts";
import type { CallOptions } from "./call.ts";
import { askedPause, isRepeatable } from "./call.ts";
import { pauseAfter, sleep } from "./pause.ts";

/** How long the server waits for an event, in seconds. */
const maxWait = 30;
/** Before when a wait that ends without an event was no wait, and for how long the server is then left alone. */
const earlyAnswer = 1000;
const earlyPause = 200;
/** Bounds the pause between two attempts while the server is away, and how long one is made when it asks for that. */
const maxPause = 15_000;
const maxAsked = 60_000;

/** Where a reader of the feed keeps how far it has come: a file, a row of a database. */
export interface CursorStore {
  /** What was stored last; `undefined` or `""` if nothing was. */
  load(): Promise<string | undefined> | string | undefined;
  /** Stores a cursor. */
  save(cursor: string): Promise<void> | void;
}

/** Which events to read, and from where on. What is left out is no condition. */
export interface FeedOptions extends Omit<ListEventsRequest, "wait"> {
  /** Where the cursor is kept. What is stored there goes before `cursor`, with which a first run begins. */
  store?: CursorStore;
  /** Ends the feed, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads the feed and waits for what is to come, until the loop ends. No page is empty. While the server is away it
 * is tried again, with growing pauses. What it throws is a refusal, of which `Code.Conflict` says that the events
 * behind the cursor are no longer kept.
 *
 * @param calls makes the calls
 * @param patience how long one attempt may take, in milliseconds: the wait must end before
 */
export async function* feed(
  calls: ServerCalls,
  patience: number,
  { store, signal, ...filter }: FeedOptions = {},
): AsyncGenerator<EventListData, void, undefined> {
  const options: CallOptions = signal ? { signal } : {};
  const wait = Math.floor(Math.min(maxWait, patience / 2000));
  let cursor = (await store?.load()) || filter.cursor || "";
  for (let failures = 0; ; ) {
    const began = performance.now();
    let page: EventListData;
    try {
      page = await calls.events.list({ ...filter, cursor, wait }, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isRepeatable(error)) {
        throw error;
      }
      failures += 1;
      await sleep(Math.max(Math.min(pauseAfter(failures), maxPause), Math.min(askedPause(error), maxAsked)), signal);
      continue;
    }
    failures = 0;
    if (page.events.length > 0) {
      yield page;
    } else if (cursor !== "now" && !page.hasMore && performance.now() - began < earlyAnswer) {
      await sleep(earlyPause, signal); // too many wait already, or what came is of other rooms
    }
    if (page.cursor !== cursor) {
      cursor = page.cursor;
      await store?.save(cursor); // the loop has asked for more, so it has dealt with the page
    }
  }
}
