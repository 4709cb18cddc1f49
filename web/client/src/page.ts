// Walks through lists that are answered in pages. What is given is in the order of the list; a page is asked
// for once all of the one before was taken.

interface Page {
  hasMore: boolean;
}

type Start<T> = T | null | undefined;

/** A list whose pages name the cursor of the next one. */
export async function* byCursor<P extends Page, T>(
  start: Start<string>,
  ask: (cursor: string) => Promise<P>,
  list: (page: P) => readonly T[],
  next: (page: P) => string,
): AsyncGenerator<T, void, undefined> {
  for (let cursor = start ?? ""; ; ) {
    const page = await ask(cursor);
    yield* list(page);
    if (!page.hasMore) {
      return;
    }
    cursor = next(page);
  }
}

/** A list whose next page begins behind the last entry, which a key of it names. */
export async function* byLast<P extends Page, T>(
  start: Start<string>,
  ask: (after: string) => Promise<P>,
  list: (page: P) => readonly T[],
  key: (last: T) => string,
): AsyncGenerator<T, void, undefined> {
  for (let after = start ?? ""; ; ) {
    const page = await ask(after);
    const entries = list(page);
    yield* entries;
    const last = entries.at(-1);
    if (!page.hasMore || last === undefined) {
      return;
    }
    after = key(last);
  }
}

/** A list whose next page begins so many entries behind its beginning. */
export async function* byOffset<P extends Page, T>(
  start: Start<number>,
  ask: (offset: number) => Promise<P>,
  list: (page: P) => readonly T[],
): AsyncGenerator<T, void, undefined> {
  for (let offset = start ?? 0; ; ) {
    const page = await ask(offset);
    const entries = list(page);
    yield* entries;
    if (!page.hasMore || entries.length === 0) {
      return;
    }
    offset += entries.length;
  }
}
