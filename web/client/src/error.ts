// What may go wrong with a call.

/**
 * The codes that programs tell apart. They are part of the API; messages are for people. The protocol's
 * "Errors" has all of them.
 */
export const Code = {
  /** The key's header is missing. */
  NoKey: "40001",
  /** A parameter is missing or wrong: see `ParlorError.param`. */
  Invalid: "40002",
  /** The app has as many of something as it may. */
  Forbidden: "40301",
  /** The server does not know this call. */
  NoSuchCall: "40400",
  /** No such room, user or message: see `ParlorError.notFound`. */
  NotFound: "40401",
  /** The `localID` belongs to another sender's message, or the events behind a cursor are no longer kept. */
  Conflict: "40901",
  /** The call of this Idempotency-Key is still under way. */
  UnderWay: "40902",
  /** The request is too large. */
  TooLarge: "41301",
  /** The Idempotency-Key was used for another call. */
  KeyReused: "42201",
  /** The caller's share is used up; nothing was done. */
  TooMany: "42901",
  /** The key is malformed, or its secret is wrong. */
  BadKey: "49102",
  /** There is no key of this id. */
  UnknownKey: "49103",
  /** It is an app key; the server API takes server keys. */
  WrongKey: "49104",
  /** The key was revoked. */
  KeyRevoked: "49106",
  /** The server failed; it may or may not have done it. */
  Internal: "50000",
  /** Overloaded, stopping, or without its database. */
  Unavailable: "50301",
} as const;

/** What a ParlorError is made of. */
export interface Refusal {
  status: number;
  code: string;
  reason: string;
  param?: string;
  notFound?: string;
  requestID?: string;
  retryAfter?: number;
}

/** A refusal by the server. */
export class ParlorError extends Error implements Refusal {
  override readonly name = "ParlorError";
  /** The call, such as `room/get`. */
  readonly path: string;
  /** As in HTTP: 404 for 40401. */
  readonly status: number;
  /** One of {@link Code}, or `""` for what is no answer of Parlor's, such as a proxy's 502. */
  readonly code: string;
  /** What the server says, for developers. */
  readonly reason: string;
  /** With `Code.Invalid` the parameter's name, or its number for the older calls; else `""`. */
  readonly param: string;
  /** With `Code.NotFound` the id that nobody has, if the call named one; else `""`. */
  readonly notFound: string;
  /** Names the call in the server's log. */
  readonly requestID: string;
  /** How long the server asks to wait, in milliseconds; 0 if it does not say. */
  readonly retryAfter: number;

  constructor(path: string, refusal: Refusal) {
    const nobody = refusal.notFound ? `: ${JSON.stringify(refusal.notFound)}` : "";
    const request = refusal.requestID ? ` (request ${refusal.requestID})` : "";
    super(`${path}: ${refusal.code || `HTTP status ${refusal.status}`} ${refusal.reason}${nobody}${request}`);
    this.path = path;
    this.status = refusal.status;
    this.code = refusal.code;
    this.reason = refusal.reason;
    this.param = refusal.param ?? "";
    this.notFound = refusal.notFound ?? "";
    this.requestID = refusal.requestID ?? "";
    this.retryAfter = refusal.retryAfter ?? 0;
  }
}

/**
 * No answer came, or none that can be read: `cause` says why. Whether the server did what was asked is unknown.
 */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** The call, such as `room/get`. */
  readonly path: string;
  /** Whether something came that is no answer of Parlor's, such as no JSON, or too much of it. */
  readonly unreadable: boolean;

  constructor(path: string, reason: string, options: { cause?: unknown; unreadable?: boolean } = {}) {
    super(`${path}: ${reason}`, { cause: options.cause });
    this.path = path;
    this.unreadable = options.unreadable ?? false;
  }
}
