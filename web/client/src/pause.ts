// Waiting, bounded by times and signals.

/**
 * How long to wait after so many attempts: 0.1 s, 0.3 s, 0.9 s and so on, with some chance in it, so that callers
 * that failed together do not come back together.
 */
export function pauseAfter(attempts: number): number {
  const pause = 100 * 3 ** Math.min(attempts - 1, 5);
  return pause / 2 + Math.random() * pause;
}

/** What Retry-After asks to wait, in seconds or until a date, in milliseconds; 0 if it says nothing. */
export function retryAfter(headers: Headers): number {
  const text = headers.get("Retry-After") ?? "";
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return wait > 0 ? wait : 0; // NaN is not above 0
}

/** Waits so long, or throws the signal's reason as soon as there is one. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Beyond this, timers of JavaScript end at once. */
const longestTimer = 2 ** 31 - 1;

/** Does work that has to end by itself when its signal says so: after so long, or when the caller's signal does. */
export async function within<T>(ms: number, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const control = new AbortController();
  const stop = () => control.abort(signal?.reason);
  const late = () => control.abort(new DOMException(`no answer within ${Math.round(ms)} ms`, "TimeoutError"));
  const timer = setTimeout(late, Math.min(ms, longestTimer));
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await work(control.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
