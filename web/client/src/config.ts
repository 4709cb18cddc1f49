// Which server to call, and how.

import { base64 } from "./base64.ts";

/** What a Backend is made of. `url` and `key` are needed. */
export interface Config {
  /** The server's address, such as `https://chat.example.com`. It may end in `/api`. */
  url: string;
  /** A server key, `id:secret`. It can do everything in its app: keep it out of browsers and apps. */
  key: string;
  /** Makes the calls; `fetch` unless it is set. */
  fetch?: typeof globalThis.fetch;
  /**
   * How often a call is made, at most: 5 times over some seconds unless it is set; 1 repeats nothing. Otherwise
   * `Code.TooMany` does not count: such a call is made again until its deadline.
   */
  attempts?: number;
  /** How long one attempt may take, in milliseconds: 40 s unless it is set; the server gives up after 30 s. */
  timeout?: number;
  /** How long a call may take with all its attempts and pauses, in milliseconds: two minutes unless it is set. */
  deadline?: number;
  /** Bounds an answer, in bytes: 64 MiB unless it is set. */
  maxAnswer?: number;
  /** Whether a parameter that the call does not have is an error, which TypeScript mostly says before. */
  strict?: boolean;
}

/** A Config with everything that was left out. */
export interface Settings {
  base: string; // without a slash at its end
  headers: Record<string, string>;
  fetch: typeof globalThis.fetch;
  attempts: number;
  timeout: number;
  deadline: number;
  maxAnswer: number;
}

/** Checks a Config; what it throws is a fault in that. */
export function settings(config: Config): Settings {
  const url = URL.canParse(config.url) ? new URL(config.url) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.search || url.hash || url.username || url.password) {
    throw new TypeError(`url is ${JSON.stringify(config.url)}, and not that of a server: want http(s)://HOST`);
  }
  const colon = config.key?.indexOf(":") ?? -1;
  if (colon < 1 || colon === config.key.length - 1) {
    throw new TypeError('key must be "id:secret"'); // and its text belongs in no log
  }
  return {
    base: url.href.replace(/\/+$/, ""),
    headers: {
      "Server-Key": base64(new TextEncoder().encode(config.key)),
      "Content-Type": "application/json",
      ...(config.strict ? { "Parlor-Strict": "true" } : {}),
    },
    fetch: config.fetch ?? ((...args) => globalThis.fetch(...args)),
    attempts: positive("attempts", config.attempts, 5),
    timeout: positive("timeout", config.timeout, 40_000),
    deadline: positive("deadline", config.deadline, 120_000),
    maxAnswer: positive("maxAnswer", config.maxAnswer, 64 << 20),
  };
}

/** A setting that was left out has its usual value; any other has to be a number above 0. */
export function positive(name: string, value: number | undefined, usual: number): number {
  if (value === undefined) {
    return usual;
  }
  if (!(value > 0)) {
    throw new TypeError(`${name} must be above 0`);
  }
  return value;
}
