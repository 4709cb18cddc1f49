// One call of the server API, which may take several attempts.

import type { Settings } from "./config.ts";
import { positive } from "./config.ts";
import { Code, NoAnswerError, ParlorError } from "./error.ts";
import { pauseAfter, retryAfter, sleep, within } from "./pause.ts";

/** What one call is given beside its parameters. */
export interface CallOptions {
  /** Ends the call, which then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * The name by which the server knows a changing call for seven days: a repeat, also by another program, changes
   * nothing and has the answer of the first. A call without one has one made for it, which its own repeats share.
   */
  idempotencyKey?: string;
  /** How long the call may take with all its attempts, in milliseconds, in place of the Backend's. */
  deadline?: number;
}

/** Makes calls, for the generated methods. */
export interface Caller {
  /** A call that only reads. */
  read<T>(path: string, params: object, options?: CallOptions): Promise<T>;
  /** A call that changes something, and is told apart from others by its Idempotency-Key. */
  change<T>(path: string, params: object, options?: CallOptions): Promise<T>;
}

/** Makes calls with one key to one server, and repeats those that failed on the way. */
export class Endpoint implements Caller {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  read<T>(path: string, params: object, options: CallOptions = {}): Promise<T> {
    return this.#call<T>(path, params, options, {});
  }

  async change<T>(path: string, params: object, options: CallOptions = {}): Promise<T> {
    const key = options.idempotencyKey ?? randomKey();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new TypeError("idempotencyKey must have 1 to 255 visible ASCII characters");
    }
    return this.#call<T>(path, params, options, { "Idempotency-Key": key });
  }

  async #call<T>(path: string, params: object, options: CallOptions, headers: Record<string, string>): Promise<T> {
    const { base, headers: all, attempts, timeout, deadline } = this.#settings;
    const request = new Request(`${base}/v1/server/${path}`, {
      method: "POST",
      headers: { ...all, ...headers },
      redirect: "manual", // it would carry the key elsewhere
    });
    const body = JSON.stringify(params);
    const end = performance.now() + positive("deadline", options.deadline, deadline);
    let failures = 0;
    let refusals = 0;
    for (;;) {
      try {
        const left = Math.max(1, end - performance.now());
        return await within(Math.min(timeout, left), options.signal, (signal) => this.#try<T>(path, request, body, signal));
      } catch (error) {
        options.signal?.throwIfAborted();
        // For want of a share callers take turns: whose turn is late must not lose the call.
        const waits = error instanceof ParlorError && error.code === Code.TooMany && attempts > 1;
        const count = waits ? Math.min((refusals += 1), 4) : (failures += 1);
        const pause = Math.max(pauseAfter(count), askedPause(error));
        if (failures >= attempts || !isRepeatable(error) || performance.now() + pause >= end) {
          throw error;
        }
        await sleep(pause, options.signal);
      }
    }
  }

  async #try<T>(path: string, request: Request, body: string, signal: AbortSignal): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await this.#settings.fetch(request.url, {
        method: request.method,
        headers: request.headers,
        redirect: request.redirect,
        body,
        signal,
      });
      text = await this.#read(path, response);
    } catch (error) {
      if (error instanceof NoAnswerError) {
        throw error;
      }
      throw new NoAnswerError(path, reasonOf(error), { cause: error });
    }
    return open<T>(path, response, text);
  }

  // read is the body of an answer, unless it is too large.
  async #read(path: string, response: Response): Promise<string> {
    const { maxAnswer } = this.#settings;
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let size = 0; reader; ) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      size += value.byteLength;
      if (size > maxAnswer) {
        await reader.cancel();
        throw new NoAnswerError(path, `the answer has more than ${maxAnswer} bytes`, { unreadable: true });
      }
      text += decoder.decode(value, { stream: true });
    }
    return text + decoder.decode();
  }
}

/** How long to wait because the server has asked for it, and by chance up to as much again: it asks all for the same. */
export function askedPause(error: unknown): number {
  return error instanceof ParlorError ? error.retryAfter * (1 + Math.random()) : 0;
}

/** Whether a call that has failed in this way may succeed when it is made again. */
export function isRepeatable(error: unknown): boolean {
  if (error instanceof NoAnswerError) {
    return !error.unreadable;
  }
  if (!(error instanceof ParlorError)) {
    return false;
  }
  if (error.code === "") { // something between here and the server
    return error.status === 429 || (error.status >= 502 && error.status <= 504);
  }
  return ([Code.TooMany, Code.UnderWay, Code.Unavailable, Code.Internal] as string[]).includes(error.code);
}

interface Envelope {
  status?: number;
  error?: { code?: string; message?: string; field?: string; notFound?: string };
  data?: unknown;
}

// open reads an answer: its data, or its error.
function open<T>(path: string, response: Response, text: string): T {
  let envelope: Envelope | null = null;
  let fault: unknown;
  try {
    envelope = JSON.parse(text) as Envelope | null;
  } catch (error) {
    fault = error;
  }
  const refusal = { requestID: response.headers.get("X-Request-Id") ?? "", retryAfter: retryAfter(response.headers) };
  const { code = "", message = "", field = "", notFound = "" } = envelope?.error ?? {};
  if (code !== "") {
    const status = envelope?.status ?? response.status;
    throw new ParlorError(path, { ...refusal, status, code, reason: message, param: field, notFound });
  }
  if (response.status !== 200) {
    throw new ParlorError(path, { ...refusal, status: response.status, code: "", reason: "this is no answer of Parlor's" });
  }
  if (envelope?.status !== 200 || envelope.error === undefined || envelope.data === undefined) {
    throw new NoAnswerError(path, "the answer cannot be read", { cause: fault, unreadable: true });
  }
  return envelope.data as T;
}

function reasonOf(error: unknown): string {
  const because = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error instanceof Error ? error.message : String(error)}${because}`;
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
