// The server API of Parlor, for backends.

export * from "./api.ts";
export { Backend } from "./backend.ts";
export { CipherError, open, seal } from "./cipher.ts";
export type { CallOptions } from "./call.ts";
export type { Config } from "./config.ts";
export { Code, NoAnswerError, ParlorError } from "./error.ts";
export type { CursorStore, FeedOptions } from "./feed.ts";
export type { BeforeHookAnswer, BeforeHookQuestion, IncomingHeaders, VerifyOptions } from "./webhook.ts";
export { verifyBeforeHook, verifyWebhook, WebhookError } from "./webhook.ts";
