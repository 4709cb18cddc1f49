// Calls that come in from Parlor: whether they are its own, and what they say. Signatures are those of Standard
// Webhooks.

import type { Event, EventUser } from "./api.ts";
import { decode } from "./base64.ts";

/** Headers of a request, as fetch, a framework or Node's http has them. */
export type IncomingHeaders = Pick<Headers, "get"> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How calls are verified. */
export interface VerifyOptions {
  /** How far the time of a call may be from ours, in seconds: five minutes unless it is set. */
  tolerance?: number;
  /** What time it is, in Unix milliseconds. */
  now?: number;
}

/** A call that is not one that Parlor has made just now, and is to be refused. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  /**
   * What is wrong: the `secret` is none; the `time` is missing or too far away, so that somebody may be repeating
   * it, or one of the two clocks is wrong; the `signature` is not by this secret, or the call was changed since;
   * the `body` says nothing that is known.
   */
  readonly fault: "secret" | "time" | "signature" | "body";

  constructor(fault: WebhookError["fault"], message: string) {
    super(message);
    this.fault = fault;
  }
}

/**
 * Verifies a call of a webhook, and returns its events: one, or those of a batch. Types of events that a later
 * version of Parlor has come as they are; pass over those that you do not know.
 *
 * @param secret the webhook's secret, or two of them while receivers change over
 * @param headers those of the request
 * @param body of the request, as it came: what was decoded and encoded again is not the same
 * @throws WebhookError if the call is not one that Parlor has made just now
 * @throws TypeError if the body is none, such as an object that a framework has decoded
 */
export async function verifyWebhook(
  secret: string | readonly string[],
  headers: IncomingHeaders,
  body: Uint8Array | string,
  options: VerifyOptions = {},
): Promise<Event[]> {
  const call = await verified(secret, headers, body, options);
  const events = "events" in call ? call["events"] : [call];
  if (!Array.isArray(events) || !events.every((event) => typeof event?.id === "string" && typeof event?.type === "string")) {
    throw new WebhookError("body", "the body is no event of a webhook");
  }
  return events as Event[];
}

/** What a before-hook is asked: whether a message may be stored. */
export interface BeforeHookQuestion {
  id: string;
  /** `message.updating` is an edit. */
  type: "message.creating" | "message.updating";
  timestamp: string;
  /** The same in Unix milliseconds. */
  created: number;
  data: {
    roomID: string;
    by: EventUser;
    message: {
      localID: string;
      type: number;
      typeName: string;
      body: string;
      data: string;
      /** What the message quotes, in the device's words. Absent from an edit, like those below. */
      quote?: { title: string; content: string; imageURL: string; fileID: string; fileType: string; videoURL?: string };
      replyTo?: { userID: string; xcUserID: string; fullname: string; messageID: string; localID: string; messageType: number };
      forwardFrom?: { userID: string; xcUserID: string; fullname: string; messageID: string; localID: string; roomID?: string };
    };
  };
}

/** What a before-hook answers. */
export type BeforeHookAnswer =
  | { action: "allow" }
  | { action: "refuse"; reason?: string }
  | { action: "change"; body?: string; data?: string };

/** Verifies a question to a before-hook, as {@link verifyWebhook} does with a call of a webhook, and returns it. */
export async function verifyBeforeHook(
  secret: string | readonly string[],
  headers: IncomingHeaders,
  body: Uint8Array | string,
  options: VerifyOptions = {},
): Promise<BeforeHookQuestion> {
  const question = await verified(secret, headers, body, options);
  if (typeof question["type"] !== "string" || typeof question["data"] !== "object") {
    throw new WebhookError("body", "the body is no question to a before-hook");
  }
  return question as unknown as BeforeHookQuestion;
}

async function verified(
  secret: string | readonly string[],
  headers: IncomingHeaders,
  body: Uint8Array | string,
  { tolerance = 300, now = Date.now() }: VerifyOptions,
): Promise<Record<string, unknown>> {
  if (typeof body !== "string" && !ArrayBuffer.isView(body)) {
    throw new TypeError("body must be the request's, as it came: bytes or text, and nothing that was decoded from it");
  }
  const keys = (typeof secret === "string" ? [secret] : secret).map(keyOf);
  if (keys.length === 0) {
    throw new WebhookError("secret", "there is no secret");
  }
  const id = header(headers, "webhook-id");
  const at = header(headers, "webhook-timestamp");
  if (!/^\d{1,15}$/.test(at) || !(Math.abs(now / 1000 - Number(at)) <= tolerance)) {
    throw new WebhookError("time", "the call was not made just now");
  }
  const text = new TextEncoder();
  const content = typeof body === "string" ? text.encode(body) : body;
  const signed = concat(text.encode(`${id}.${at}.`), content);
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const one of header(headers, "webhook-signature").split(" ")) {
      const signature = one.startsWith("v1,") ? decode(one.slice(3)) : undefined;
      // It compares without telling by its time how much is right.
      if (signature && (await crypto.subtle.verify("HMAC", key, signature, signed))) {
        return parse(content);
      }
    }
  }
  throw new WebhookError("signature", "the call is not signed with this secret");
}

// keyOf is the key in a secret, which is whsec_ and base64.
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = secret.startsWith("whsec_") ? decode(secret.slice(6)) : undefined;
  if (!key || key.length === 0) {
    throw new WebhookError("secret", "this is no secret of a webhook"); // and its text belongs in no log
  }
  return key;
}

function header(headers: IncomingHeaders, name: string): string {
  if (typeof headers.get === "function") { // also one of another realm, or of a library
    return headers.get(name) ?? "";
  }
  const all = headers as Exclude<IncomingHeaders, Pick<Headers, "get">>;
  const found = Object.keys(all).find((key) => key.toLowerCase() === name);
  const value = found === undefined ? undefined : all[found];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function parse(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch {
    // as what is no object
  }
  throw new WebhookError("body", "the body is no JSON object");
}
