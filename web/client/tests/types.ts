// What the compiler has to accept, and what it must not. Nothing of it is run.

import { Backend, Code, ParlorError, verifyBeforeHook, verifyWebhook } from "parlor-client";
import type { AppRoom, BeforeHookAnswer, CursorStore, Event, EventListData, EventType, RoomChangedData, ToldMessage } from "parlor-client";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

declare const parlor: Backend;
declare const request: { headers: Record<string, string | string[] | undefined> };

export async function calls(): Promise<void> {
  const made = await parlor.rooms.createOrUpdate({ xcRoomID: "ORD-1", type: 2, name: "Order 1", tags: null });
  same<typeof made, RoomChangedData>(true);
  same<typeof made.room.roomID, string>(true);
  // @ts-expect-error: the name is required
  await parlor.rooms.createOrUpdate({ xcRoomID: "ORD-1", type: 2 });
  // @ts-expect-error: there is no room of this type
  await parlor.rooms.createOrUpdate({ xcRoomID: "ORD-1", type: 9, name: "Order 1" });
  // @ts-expect-error: the parameter is misspelt
  await parlor.rooms.get({ xcRoomId: "ORD-1" });
  // @ts-expect-error: there is no such call
  await parlor.rooms.burn({ xcRoomID: "ORD-1" });
  // @ts-expect-error: it takes no parameters, but options
  await parlor.webhooks.list({ webhookID: "1" });
  await parlor.webhooks.list({ signal: AbortSignal.timeout(1000), deadline: 500 });
  await parlor.users.update({ xcUserID: "cust-7", fullName: "Robin" }, { idempotencyKey: "a" });
  const { room } = await parlor.call<{ room: { name: string } }>("room/get", { xcRoomID: "ORD-1" });
  same<typeof room.name, string>(true);
}

interface Note {
  text: string;
}

export async function batches(note: Note): Promise<void> {
  await parlor.rooms.setData({ xcRoomID: "ORD-1", data: note });
  // @ts-expect-error: what is kept is an object
  await parlor.rooms.setData({ xcRoomID: "ORD-1", data: "a text" });
  await parlor.rooms.createOrUpdateBatch({ rooms: [{ xcRoomID: "ORD-1", type: 2, name: "Order 1" }] });
  // @ts-expect-error: the name is required
  await parlor.rooms.createOrUpdateBatch({ rooms: [{ xcRoomID: "ORD-1", type: 2 }] });
  await parlor.participants.batch({ rooms: [{ xcRoomID: "ORD-1", addXCUserIDs: ["cust-7"] }, { roomID: "g7" }] });
  // @ts-expect-error: the parameter is misspelt
  await parlor.participants.batch({ rooms: [{ xcRoomID: "ORD-1", addXCUserIds: ["cust-7"] }] });
}

export async function lists(): Promise<void> {
  await parlor.roles.list();
  for await (const room of parlor.rooms.listAll({ namePrefix: "Order" })) {
    same<typeof room, AppRoom>(true);
  }
  // @ts-expect-error: only known sorts of participants
  parlor.participants.listAll({ xcRoomID: "ORD-1", only: "anybody" });
}

export async function feed(): Promise<void> {
  const inMemory: CursorStore = { load: () => undefined, save: () => {} };
  const inDatabase: CursorStore = { load: async () => "a", save: async () => {} };
  for await (const page of parlor.feed({ store: Math.random() > 0.5 ? inMemory : inDatabase, types: ["message.created"] })) {
    same<typeof page, EventListData>(true);
  }
  // @ts-expect-error: there is no event of this type
  parlor.feed({ types: ["message.lost"] });
  // @ts-expect-error: the feed itself decides how long to wait
  parlor.feed({ wait: 3 });
}

export async function webhooks(body: Uint8Array): Promise<BeforeHookAnswer> {
  for (const event of await verifyWebhook(["whsec_a", "whsec_b"], request.headers, body, { tolerance: 60 })) {
    same<typeof event, Event>(true);
    same<Event["type"], EventType>(true);
    if (event.type === "message.created") {
      same<typeof event.data.message, ToldMessage | undefined>(true);
      // @ts-expect-error: an event of a message has no report
      console.log(event.data.report);
    } else if (event.type === "user.reported") {
      console.log(event.data.report?.reason);
    }
  }
  const question = await verifyBeforeHook("whsec_a", new Headers(), "{}");
  // @ts-expect-error: there is no such answer
  const answer: BeforeHookAnswer = { action: "ask again" };
  return question.data.message.body === "" ? answer : { action: "change", body: "…" };
}

export function failure(error: unknown): string {
  if (error instanceof ParlorError && error.code === Code.NotFound) {
    same<typeof error.status, number>(true);
    // @ts-expect-error: it says what happened, and does not change
    error.code = Code.Invalid;
    return error.notFound;
  }
  // @ts-expect-error: there is no code of this name
  return Code.Found;
}

// @ts-expect-error: a key is needed
new Backend({ url: "https://chat.example.com" });
