// Made from api/openapi.yaml by `go generate ./api`. Do not change it here.

import type { CallOptions, Caller } from "./call.ts";
import { byCursor, byLast, byOffset } from "./page.ts";

/** The calls of the server API that are below `rooms`. */
export class RoomCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Create or update a room: `room/create_or_update`.
   *
   * Makes a room, or changes the one that has this `xcRoomID`. The answer is the same
   * either way: the room as it now is.
   *
   * - `type` of an existing room cannot change: it must be the type the room has.
   * - `participantXCUserIDs` counts for a new room only; later use *Add participants*
   *   and *Remove participants*.
   * - `participantUserRoles` is a standing rule: everybody who has one of these roles,
   *   now or later, is a participant for as long as the rule and the role last.
   * - Users that do not exist are skipped and named in `skippedXCUserIDs`. When the room
   *   exists, the whole list is ignored, and `participantsIgnored` says so.
   * - A room that had been deleted comes back with the `roomID` it had.
   */
  createOrUpdate(params: CreateOrUpdateRoomRequest, options?: CallOptions): Promise<RoomChangedData> {
    return this.#api.change("room/create_or_update", params, options);
  }

  /**
   * Get a room: `room/get`.
   *
   * One room with its participants: first those put there by name, in the order they
   * joined, then those who belong to it by role. At most 10000 participants come at a
   * time; `participantsTotal` says how many there are, and the two paging parameters
   * fetch the rest.
   */
  get(params: GetRoomRequest, options?: CallOptions): Promise<RoomData> {
    return this.#api.read("room/get", params, options);
  }

  /**
   * List a user's rooms: `room/get_list_by_user`.
   *
   * The rooms of one user, newest message first, each with that message and the number of
   * messages the user has not read. The room itself is in `lastMessage.room`.
   *
   * - Personal rooms are in the list too; their `name` and `imageURL` are those of the
   *   other user.
   * - `xcRoomIDs` narrows the list; ids of other people's rooms, and of rooms that do not
   *   exist, drop out silently. Absent, null and `[]` mean all rooms.
   * - A user that does not exist has no rooms: the list is empty.
   * - `body`, `data` and `quote.content` are in the cipher of the SDKs, keyed by the
   *   message's `localID`; docs/protocol.md describes it.
   */
  getListByUser(params: ListRoomsRequest, options?: CallOptions): Promise<RoomListData> {
    return this.#api.read("room/get_list_by_user", params, options);
  }

  /** All that `getListByUser` lists, page by page: a page is asked for when the one before it was dealt with. */
  getListByUserAll(params: ListRoomsRequest, options?: CallOptions): AsyncGenerator<RoomSummary, void, undefined> {
    return byOffset(params.offset, (offset) => this.getListByUser({ ...params, offset }, options), (page) => page.rooms);
  }

  /**
   * Lock a room: `room/lock`.
   *
   * Closes a room for its participants: only your backend can still send into it. The user
   * named by `xcUserID` is shown as the one who locked it and need not be a participant.
   *
   * A room that is locked already keeps its `lockedTime`; the answer then has `success`
   * false, which is no failure.
   */
  lock(params: LockRoomRequest, options?: CallOptions): Promise<LockData> {
    return this.#api.change("room/lock", params, options);
  }

  /**
   * Unlock a room: `room/unlock`.
   *
   * Opens a locked room again. The user named by `xcUserID` is shown as the one who
   * unlocked it. If the room was not locked, `success` is false, which is no failure.
   */
  unlock(params: LockRoomRequest, options?: CallOptions): Promise<UnlockData> {
    return this.#api.change("room/unlock", params, options);
  }

  /**
   * List rooms: `room/list`.
   *
   * An extension of Parlor. The rooms of the app, of all types, in pages. Pass `nextCursor` as
   * `cursor`, with the other parameters as they were, for the next page; it is `""` behind the
   * last. A page may hold less than `limit`, even nothing, and not be the last: go by `hasMore`.
   *
   * A room that is in the list all the time is never missed, whatever else comes or goes, and
   * comes once, unless the hour of its newest message (with `activeSince` or `activeUntil`) or
   * its name (with `namePrefix`) changes meanwhile.
   */
  list(params: ListAppRoomsRequest = {}, options?: CallOptions): Promise<AppRoomsData> {
    return this.#api.read("room/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListAppRoomsRequest = {}, options?: CallOptions): AsyncGenerator<AppRoom, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.list({ ...params, cursor }, options), (page) => page.rooms, (page) => page.nextCursor);
  }

  /**
   * Delete a room: `room/delete`.
   *
   * An extension of Parlor. Deletes a room for everybody. It leaves all lists, nobody can read it or write into it, and
   * devices are told by its last message. Nothing of it is lost: *Restore a room* brings it back as
   * it was, with its messages, files, participants and unread counts.
   */
  delete(params: NamedRoomRequest, options?: CallOptions): Promise<DeleteRoomData> {
    return this.#api.change("room/delete", params, options);
  }

  /**
   * Restore a room: `room/restore`.
   *
   * An extension of Parlor. Brings a deleted room back as it was. Devices are told by a new message in it.
   */
  restore(params: NamedRoomRequest, options?: CallOptions): Promise<RestoreRoomData> {
    return this.#api.change("room/restore", params, options);
  }

  /**
   * Freeze a room: `room/freeze`.
   *
   * An extension of Parlor. Lets of the participants only admins write into a room. Your backend can still send, in
   * anybody's name.
   */
  freeze(params: NamedRoomRequest, options?: CallOptions): Promise<FreezeRoomData> {
    return this.#api.change("room/freeze", params, options);
  }

  /**
   * Unfreeze a room: `room/unfreeze`.
   *
   * An extension of Parlor. Lets all participants write again.
   */
  unfreeze(params: NamedRoomRequest, options?: CallOptions): Promise<UnfreezeRoomData> {
    return this.#api.change("room/unfreeze", params, options);
  }

  /**
   * Set the admins of a room: `room/admins/set`.
   *
   * An extension of Parlor. Makes these users the admins of a room, in place of those it had;
   * an empty list leaves it without. Only who was put into the room by name can be an admin; the others,
   * and users that do not exist, are named in `skippedXCUserIDs`.
   */
  setAdmins(params: SetAdminsRequest, options?: CallOptions): Promise<AdminsData> {
    return this.#api.change("room/admins/set", params, options);
  }

  /**
   * Keep data with a room: `room/data/set`.
   *
   * An extension of Parlor. Keeps a JSON object of your own with a room, in place of what was
   * kept. Only your backend sees it: *List rooms* answers it.
   */
  setData(params: SetRoomDataRequest, options?: CallOptions): Promise<StoredData> {
    return this.#api.change("room/data/set", params, options);
  }

  /**
   * Create or update many rooms: `room/batch/create_or_update`.
   *
   * An extension of Parlor. *Create or update a room* for up to 1000 rooms. Each
   * item has a result of its own, in the order of the items: one that fails keeps none of the others back.
   * Two items for the same room are done in their order.
   */
  createOrUpdateBatch(params: PutRoomsRequest, options?: CallOptions): Promise<BatchData> {
    return this.#api.change("room/batch/create_or_update", params, options);
  }
}

/** The calls of the server API that are below `participants`. */
export class ParticipantCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Add participants: `room/participants/add`.
   *
   * Puts users into a room by name. Adding somebody who is there already changes nothing
   * and is a success. Users that do not exist are skipped and named in
   * `skippedXCUserIDs`.
   */
  add(params: ChangeParticipantsRequest, options?: CallOptions): Promise<RoomChangedData> {
    return this.#api.change("room/participants/add", params, options);
  }

  /**
   * Remove participants: `room/participants/remove`.
   *
   * Takes users out of a room. Removing somebody who is not there changes nothing and is a
   * success; an admin who is removed is no admin any more.
   *
   * A user who belongs to the room by role stays: only a change of
   * `participantUserRoles`, or of the user's role, ends that. Users that do not exist are
   * skipped and named in `skippedXCUserIDs`.
   */
  remove(params: ChangeParticipantsRequest, options?: CallOptions): Promise<RoomChangedData> {
    return this.#api.change("room/participants/remove", params, options);
  }

  /**
   * List participants: `room/participants/list`.
   *
   * An extension of Parlor. Who is in a room, in pages and in the order of their ids; those of
   * `byName` and `admins` in the order they joined. A user who is in it by name and by role comes
   * once, by name. Deleted rooms are listed, too.
   */
  list(params: ListParticipantsRequest, options?: CallOptions): Promise<ListedParticipantsData> {
    return this.#api.read("room/participants/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListParticipantsRequest, options?: CallOptions): AsyncGenerator<ListedParticipant, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.list({ ...params, cursor }, options), (page) => page.participants, (page) => page.nextCursor);
  }

  /**
   * Mute participants: `room/participants/mute`.
   *
   * An extension of Parlor. Keeps users from writing into a room, until a time or for good. They still
   * read. Who leaves and comes back is still muted. What they try to send is refused with *You have
   * been muted in this room*. Your backend can still send in their name.
   */
  mute(params: RestrictRequest, options?: CallOptions): Promise<RestrictedData> {
    return this.#api.change("room/participants/mute", params, options);
  }

  /**
   * Unmute participants: `room/participants/unmute`.
   *
   * An extension of Parlor. Lets users write into a room again.
   */
  unmute(params: UnrestrictRequest, options?: CallOptions): Promise<RestrictedData> {
    return this.#api.change("room/participants/unmute", params, options);
  }

  /**
   * Ban participants: `room/participants/ban`.
   *
   * An extension of Parlor. Takes users out of a room and keeps them out, until a time or for good:
   * nobody can add them, and no role holds them in it. When a ban ends, a role holds them in the room
   * again; who was in it by name has to be added anew. Users who are not in the room can be banned, too.
   */
  ban(params: RestrictRequest, options?: CallOptions): Promise<RestrictedData> {
    return this.#api.change("room/participants/ban", params, options);
  }

  /**
   * End bans: `room/participants/unban`.
   *
   * An extension of Parlor. Ends bans: the users can be added again, and a role holds them in the room at once.
   */
  unban(params: UnrestrictRequest, options?: CallOptions): Promise<RestrictedData> {
    return this.#api.change("room/participants/unban", params, options);
  }

  /**
   * Keep data with a participant: `room/participants/data/set`.
   *
   * An extension of Parlor. Keeps a JSON object of your own with a user in a room, in place of what was
   * kept. Only your backend sees it: *List participants* answers it. It stays when the user leaves.
   */
  setData(params: SetParticipantDataRequest, options?: CallOptions): Promise<StoredData> {
    return this.#api.change("room/participants/data/set", params, options);
  }

  /**
   * Change the participants of many rooms: `room/participants/batch`.
   *
   * An extension of Parlor. Adds and removes participants of up to 1000 rooms. Each item has a
   * result of its own, in the order of the items. What an item does happens as a whole or not at all.
   */
  batch(params: PeopleOfRoomsRequest, options?: CallOptions): Promise<BatchData> {
    return this.#api.change("room/participants/batch", params, options);
  }
}

/** The calls of the server API that are below `users`. */
export class UserCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Create or update a user: `user/update`.
   *
   * Changes the profile of the user with this `xcUserID`, or makes that user. Optional
   * parameters that are absent keep what is stored; `""` clears. The form of an e-mail
   * address or phone number is not checked.
   *
   * A role needs no description to be used: a code that *Create or update a role* never
   * saw is taken, with an empty name and icon.
   */
  update(params: UpdateUserRequest, options?: CallOptions): Promise<UserData> {
    return this.#api.change("user/update", params, options);
  }

  /**
   * Delete a user: `user/delete`.
   *
   * An extension of Parlor. Ends all logins of the user at once and closes their personal
   * rooms: the partner reads on, and nobody writes. What the user wrote stays, and
   * `user.deleted` in it tells when the account went. Rooms and calls that name the user
   * no longer find them.
   *
   * *Create or update a user*, and a ticket for the same `xcUserID`, bring the user back
   * and open the rooms.
   */
  delete(params: DeleteUserRequest, options?: CallOptions): Promise<DeletedUserData> {
    return this.#api.change("user/delete", params, options);
  }

  /**
   * Export a user: `user/export`.
   *
   * An extension of Parlor. Has a ZIP archive made of everything that belongs to a user: the profile, messages in plain
   * text, files, rooms, contacts and more. *Get an export* says where it is.
   */
  export(params: ExportUserRequest, options?: CallOptions): Promise<ExportData> {
    return this.#api.change("user/export", params, options);
  }

  /**
   * Get an export: `user/export/get`.
   *
   * An extension of Parlor. Whether an archive is made, and where it is. It is gone a day later.
   */
  getExport(params: GetExportRequest, options?: CallOptions): Promise<ExportData> {
    return this.#api.read("user/export/get", params, options);
  }

  /**
   * Erase a user: `user/erase`.
   *
   * An extension of Parlor. Deletes a user as *Delete a user* does, and then everything that they have
   * written, uploaded, set or were known by. It cannot be undone. The profile goes with the call, the
   * rest by durable work that goes on over restarts: *Get an erasure* shows how far it is, the event
   * `user.erased` tells of its end, and a signed receipt says what is gone and what is kept.
   *
   * The `xcUserID` is free at once: a user who is named by it later is somebody new.
   */
  erase(params: EraseUserRequest, options?: CallOptions): Promise<ErasureData> {
    return this.#api.change("user/erase", params, options);
  }

  /**
   * Get an erasure: `user/erase/get`.
   *
   * An extension of Parlor. How far an erasure is and, once it is finished, its receipt and the key that
   * checks it.
   */
  getErase(params: GetErasureRequest, options?: CallOptions): Promise<ErasureData> {
    return this.#api.read("user/erase/get", params, options);
  }

  /**
   * Get users: `user/get`.
   *
   * An extension of Parlor. Up to 100 users by their ids, yours or Parlor's or both. They come
   * in the order of the ids, those by `userIDs` first, each once; deleted ones, too.
   */
  get(params: GetUsersRequest, options?: CallOptions): Promise<KnownUsersData> {
    return this.#api.read("user/get", params, options);
  }

  /**
   * List users: `user/list`.
   *
   * An extension of Parlor. The users of the app, in pages. Pass `nextCursor` as `cursor`, with
   * the other parameters as they were, for the next page; it is `""` behind the last. A page may
   * hold less than `limit`, even nothing, and not be the last: go by `hasMore`.
   *
   * A user who is in the list all the time is never missed, whoever else comes or goes, and comes
   * once, unless their name (with `text`) or their last change (with `updatedSince`) moves them
   * meanwhile.
   */
  list(params: ListUsersRequest = {}, options?: CallOptions): Promise<UserPageData> {
    return this.#api.read("user/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListUsersRequest = {}, options?: CallOptions): AsyncGenerator<ListedUser, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.list({ ...params, cursor }, options), (page) => page.users, (page) => page.nextCursor);
  }

  /**
   * Sign a user out: `user/logout`.
   *
   * An extension of Parlor. Ends the logins of the user on all devices, or on one: their tokens
   * are good for nothing, and their sockets close with 4001. Without `deviceID` the user's auth
   * tickets are void, too.
   */
  logout(params: SignOutRequest, options?: CallOptions): Promise<SignedOutData> {
    return this.#api.change("user/logout", params, options);
  }

  /**
   * Deactivate a user: `user/deactivate`.
   *
   * An extension of Parlor. Signs the user out everywhere, and lets them neither sign in nor get
   * a ticket until *Reactivate a user*. They stay in their rooms, and others see them as before.
   */
  deactivate(params: NamedUserRequest, options?: CallOptions): Promise<DeactivatedUserData> {
    return this.#api.change("user/deactivate", params, options);
  }

  /**
   * Reactivate a user: `user/reactivate`.
   *
   * An extension of Parlor. Lets a deactivated user sign in again.
   */
  reactivate(params: NamedUserRequest, options?: CallOptions): Promise<ReactivatedUserData> {
    return this.#api.change("user/reactivate", params, options);
  }

  /**
   * Keep data with a user: `user/data/set`.
   *
   * An extension of Parlor. Keeps a JSON object of your own with the user, in place of what was
   * kept. Only your backend sees it, in *Get users* and *List users*.
   */
  setData(params: SetUserDataRequest, options?: CallOptions): Promise<StoredData> {
    return this.#api.change("user/data/set", params, options);
  }
}

/** The calls of the server API that are below `presences`. */
export class PresenceCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Get who is online: `presence/get`.
   *
   * An extension of Parlor. Whether up to 100 users are online, on whichever node, and when they
   * were last active. They come in the order of the ids, those by `userIDs` first, each once.
   */
  get(params: GetUsersRequest, options?: CallOptions): Promise<PresencesData> {
    return this.#api.read("presence/get", params, options);
  }
}

/** The calls of the server API that are below `unreads`. */
export class UnreadCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Get what a user has not read: `unread/get`.
   *
   * An extension of Parlor. How many messages a user has not read, in all and in each room in
   * which there are some, in pages. The sum is that of the first page, also with later ones.
   */
  get(params: GetUnreadRequest, options?: CallOptions): Promise<UnreadByRoomData> {
    return this.#api.read("unread/get", params, options);
  }

  /** All that `get` lists, page by page: a page is asked for when the one before it was dealt with. */
  getAll(params: GetUnreadRequest, options?: CallOptions): AsyncGenerator<{
  /** Parlor's id of the room. */
  roomID: string;
  /** Your own id of the room; empty for one that is not yours. */
  xcRoomID: string;
  /** 1 personal, 2 group, 3 channel, 4 transaction room. */
  type: 1 | 2 | 3 | 4;
  /** How much is unread in it. */
  unreadCount: number;
}, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.get({ ...params, cursor }, options), (page) => page.rooms, (page) => page.nextCursor);
  }

  /**
   * Get what participants have not read: `unread/participants`.
   *
   * An extension of Parlor. How many messages of a room each participant has not read, in pages,
   * in the order of *List participants*.
   */
  participants(params: GetUnreadOfRequest, options?: CallOptions): Promise<UnreadPeopleData> {
    return this.#api.read("unread/participants", params, options);
  }

  /** All that `participants` lists, page by page: a page is asked for when the one before it was dealt with. */
  participantsAll(params: GetUnreadOfRequest, options?: CallOptions): AsyncGenerator<{
  userID: UserID;
  /** Your own id of the user. */
  xcUserID: string;
  /** How much they have not read in the room. */
  unreadCount: number;
}, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.participants({ ...params, cursor }, options), (page) => page.participants, (page) => page.nextCursor);
  }
}

/** The calls of the server API that are below `contacts`. */
export class ContactCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Add and delete contacts: `contact/sync`.
   *
   * Adds and deletes many contacts at once. A contact goes one way: that A has B says
   * nothing about B having A.
   *
   * - Deletions are done last: a pair that is listed twice, once with `isDeleted` true,
   *   ends up deleted, whatever the order.
   * - Rows that name a user who does not exist, or the same user twice, are skipped.
   * - The counts are of contacts really added and really deleted.
   */
  sync(params: SyncContactsRequest, options?: CallOptions): Promise<ContactsData> {
    return this.#api.change("contact/sync", params, options);
  }
}

/** The calls of the server API that are below `messages`. */
export class MessageCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Send a message: `message/send/custom`.
   *
   * Sends a message in a user's name, to another user or into a room. It is stored before
   * the answer comes, and locked rooms take it too.
   *
   * - Name the sender by `senderUserID` or `senderXCUserID`, not by both.
   * - Name the target by exactly one of `recipientUserID`, `recipientXCUserID`, `roomID`
   *   and `xcRoomID`. An empty text counts as absent. The first message between two users
   *   makes their personal room.
   * - `body`, `data` and the quote are sent plain; the server puts them into the SDKs' cipher.
   * - A body of more than 4000 UTF-16 units becomes several messages, one after the
   *   other. With a `filterID` only the last of them is visible.
   * - With a `localID` of your own a call can be repeated safely: the same sender and the
   *   same `localID` again answer the stored message and send nothing. `repeated` says
   *   so then, and `contentDiffers` whether the stored one says something else.
   * - `data` is required for `messageType` 1002 and must be empty for 1001.
   */
  sendCustom(params: SendMessageRequest, options?: CallOptions): Promise<SentData> {
    return this.#api.change("message/send/custom", params, options);
  }

  /**
   * List messages: `message/list`.
   *
   * An extension of Parlor. The messages of a room, in pages, the newest or the oldest first, with
   * their texts plain. Deleted messages are listed, without text and with `isDeleted`; so are hidden
   * ones, system messages, and the messages of deleted rooms. Pass `nextCursor` as `cursor`, with the
   * other parameters as they were, for the next page; it is `""` behind the last. A page may hold
   * less than `limit`, even nothing, and not be the last: go by `hasMore`. Each message that is there
   * when the list begins comes once, whatever else is sent, edited or deleted meanwhile.
   */
  list(params: ListMessagesRequest, options?: CallOptions): Promise<ListedMessagesData> {
    return this.#api.read("message/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListMessagesRequest, options?: CallOptions): AsyncGenerator<ToldMessage, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.list({ ...params, cursor }, options), (page) => page.messages, (page) => page.nextCursor);
  }

  /**
   * Search messages: `message/search`.
   *
   * An extension of Parlor. The messages whose texts have all words of a query, in one room or in all
   * that there are, the newest first. Words are found whole, whatever their capitals and accents; of
   * Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese and Tibetan any part is. Hidden, deleted and
   * system messages are not found, nor are those of deleted rooms. Pass `nextCursor` as `cursor`, with the
   * other parameters as they were, for the next page; it is `""` behind the last. A page may hold less
   * than `limit`, even nothing, and not be the last: go by `hasMore`. A message can be found a moment
   * after it was sent.
   */
  search(params: SearchMessagesRequest, options?: CallOptions): Promise<ListedMessagesData> {
    return this.#api.read("message/search", params, options);
  }

  /** All that `search` lists, page by page: a page is asked for when the one before it was dealt with. */
  searchAll(params: SearchMessagesRequest, options?: CallOptions): AsyncGenerator<ToldMessage, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.search({ ...params, cursor }, options), (page) => page.messages, (page) => page.nextCursor);
  }

  /**
   * Get messages: `message/get`.
   *
   * An extension of Parlor. Messages by their ids, of whichever rooms, in the order of the ids and each
   * once. Ids that no message of the app has are named in `missingMessageIDs`. What was too much for
   * one answer is named in `remainingMessageIDs`: ask for those again.
   */
  get(params: GetMessagesRequest, options?: CallOptions): Promise<FoundMessagesData> {
    return this.#api.read("message/get", params, options);
  }

  /**
   * Edit a message: `message/edit`.
   *
   * An extension of Parlor. Changes what anybody's message says, also in locked and deleted rooms. Devices
   * are told as of an edit by the sender, and the before-hook is not asked. A message that says this
   * already is left alone. System messages, and those that are deleted, cannot be edited.
   */
  edit(params: EditMessageRequest, options?: CallOptions): Promise<EditedMessageData> {
    return this.#api.change("message/edit", params, options);
  }

  /**
   * Delete messages: `message/delete`.
   *
   * An extension of Parlor. Deletes messages for everyone, whoever has sent them and in whichever rooms,
   * locked and deleted ones included. Each keeps its place, and nothing of what it said; files that nothing
   * else names are removed. Devices are told. System messages stay, but for those with the action
   * `room/update`, such as your own.
   */
  delete(params: DeleteNamedMessagesRequest, options?: CallOptions): Promise<DeletedNamedMessagesData> {
    return this.#api.change("message/delete", params, options);
  }

  /**
   * Send a system message: `message/send_system`.
   *
   * An extension of Parlor. Writes a text of your own into a group or transaction room as a system message,
   * in the app's name. Devices show it as they show what happens to the room. Locked rooms take it, too.
   */
  sendSystem(params: SendSystemRequest, options?: CallOptions): Promise<SentSystemData> {
    return this.#api.change("message/send_system", params, options);
  }

  /**
   * Send a message to many rooms: `message/send_to_rooms`.
   *
   * An extension of Parlor. Sends one message in a user's name into up to 1,000 rooms. The answer says that this is
   * stored; the rooms follow in small steps, each once, whatever stops meanwhile. *See how a message to
   * many rooms gets on* tells how far it is. Name the rooms by `roomIDs` or by `xcRoomIDs`, not by both.
   * The message is as that of *Send a message*, with a body of at most 4000 UTF-16 units.
   */
  sendToRooms(params: SendToRoomsRequest, options?: CallOptions): Promise<SendToRoomsData> {
    return this.#api.change("message/send_to_rooms", params, options);
  }

  /**
   * See how a message to many rooms gets on: `message/send_to_rooms/get`.
   *
   * An extension of Parlor. How far a message to many rooms is, and what has become of it in each room, in the
   * order of the call and in pages. This is kept for 30 days from when it is done.
   */
  getSendToRooms(params: GetSendToRoomsRequest, options?: CallOptions): Promise<SendToRoomsStatusData> {
    return this.#api.read("message/send_to_rooms/get", params, options);
  }

  /** All that `getSendToRooms` lists, page by page: a page is asked for when the one before it was dealt with. */
  getSendToRoomsAll(params: GetSendToRoomsRequest, options?: CallOptions): AsyncGenerator<SendToRoom, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.getSendToRooms({ ...params, cursor }, options), (page) => page.rooms, (page) => page.nextCursor);
  }

  /**
   * Delete all messages of a user or a time: `message/delete_matching`.
   *
   * An extension of Parlor. Deletes for everyone all messages that a user has sent, or that were sent in a
   * time, or both, in one room or in all rooms of the app. The answer says that this is stored; the messages
   * follow in small steps, whatever stops meanwhile. *See how a deletion gets on* tells how far it is. What
   * is sent after the call stays, and so do system messages.
   */
  deleteMatching(params: DeleteMatchingRequest, options?: CallOptions): Promise<DeleteMatchingData> {
    return this.#api.change("message/delete_matching", params, options);
  }

  /**
   * See how a deletion gets on: `message/delete_matching/get`.
   *
   * An extension of Parlor. How far a deletion of many messages is. This is kept for 30 days from when it is
   * done.
   */
  getDeleteMatching(params: GetDeleteMatchingRequest, options?: CallOptions): Promise<DeleteMatchingStatusData> {
    return this.#api.read("message/delete_matching/get", params, options);
  }
}

/** The calls of the server API that are below `retentions`. */
export class RetentionCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Say for how long messages are kept: `retention/set`.
   *
   * An extension of Parlor. Has messages, and the files in them, removed for good so many days after they were
   * sent: those of all rooms, or of rooms with a tag. Nothing is removed within an hour of a change of the
   * app's rules, so that a mistake can be taken back.
   */
  set(params: SetRetentionRequest, options?: CallOptions): Promise<RetentionData> {
    return this.#api.change("retention/set", params, options);
  }

  /**
   * See the rules, and what they have removed: `retention/list`.
   *
   * An extension of Parlor. All rules of the app, by their tags, each with what it has removed.
   */
  list(options?: CallOptions): Promise<RetentionListData> {
    return this.#api.read("retention/list", {}, options);
  }

  /**
   * Take a rule back: `retention/delete`.
   *
   * An extension of Parlor. Nothing is removed any more because of the rule. Rooms that had it have the rule then
   * that they would have without it, an hour later at the earliest.
   */
  delete(params: DeleteRetentionRequest = {}, options?: CallOptions): Promise<RetentionDeletedData> {
    return this.#api.change("retention/delete", params, options);
  }
}

/** The calls of the server API that are below `roles`. */
export class RoleCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Create or update a role: `role/create_or_update`.
   *
   * Gives a role the name and the icon that apps show beside its users. Users can have the
   * role, and rooms can take it in, before it is described here.
   */
  createOrUpdate(params: UpdateRoleRequest, options?: CallOptions): Promise<RoleData> {
    return this.#api.change("role/create_or_update", params, options);
  }

  /**
   * List roles: `role/list`.
   *
   * The app's roles in the order of their codes. To read on, pass the last code of one
   * answer as the next call's `afterCode` for as long as `hasMore` is true.
   */
  list(params: ListRolesRequest = {}, options?: CallOptions): Promise<RoleListData> {
    return this.#api.read("role/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListRolesRequest = {}, options?: CallOptions): AsyncGenerator<UserRole, void, undefined> {
    return byLast(params.afterCode, (afterCode) => this.list({ ...params, afterCode }, options), (page) => page.roles, (last) => last.code);
  }

  /**
   * Delete a role: `role/delete`.
   *
   * An extension of Parlor. Forgets a role with its name and icon. Users who have it are given
   * the role of `replacementCode`, 500 with each call: make it again while `hasMore` is true.
   * Without a replacement, or while rooms take in users of the role, it is 40901.
   */
  delete(params: DeleteRoleRequest, options?: CallOptions): Promise<DeletedRoleData> {
    return this.#api.change("role/delete", params, options);
  }
}

/** The calls of the server API that are below `reports`. */
export class ReportCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * List reports: `report/list`.
   *
   * An extension of Parlor. What users have reported, the oldest first. To read on, and to
   * learn of new ones later, pass the last `reportID` as `afterReportID`: none is missed.
   * With `state` only those that are open, or resolved, come.
   */
  list(params: ListReportsRequest = {}, options?: CallOptions): Promise<ReportListData> {
    return this.#api.read("report/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListReportsRequest = {}, options?: CallOptions): AsyncGenerator<Report, void, undefined> {
    return byLast(params.afterReportID, (afterReportID) => this.list({ ...params, afterReportID }, options), (page) => page.reports, (last) => last.reportID);
  }

  /**
   * Resolve a report: `report/resolve`.
   *
   * An extension of Parlor. Notes that something was made of a report, by whom and what, in words
   * of yours. A report that was resolved before stays as it is.
   */
  resolve(params: ResolveReportRequest, options?: CallOptions): Promise<ResolvedReportData> {
    return this.#api.change("report/resolve", params, options);
  }
}

/** The calls of the server API that are below `events`. */
export class EventCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * List events: `events/list`.
   *
   * An extension of Parlor. What has happened in the app, in the order in which it was
   * stored. Pass the `cursor` of one answer to the next call: no event is missed, and none
   * comes twice. With `wait` the call is answered as soon as there is an event, or at the
   * end of that time without one.
   */
  list(params: ListEventsRequest = {}, options?: CallOptions): Promise<EventListData> {
    return this.#api.read("events/list", params, options);
  }
}

/** The calls of the server API that are below `webhooks`. */
export class WebhookCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Have an address called about events: `webhook/create`.
   *
   * An extension of Parlor. Registers an address that is called about the events of the app from now
   * on. The answer holds the secret by which its calls are signed; it is shown only here and when it
   * is changed. An app has at most 100 webhooks.
   */
  create(params: CreateWebhookRequest, options?: CallOptions): Promise<MadeWebhookData> {
    return this.#api.change("webhook/create", params, options);
  }

  /**
   * List webhooks: `webhook/list`.
   *
   * An extension of Parlor. All webhooks of the app, the oldest first, without their secrets.
   */
  list(options?: CallOptions): Promise<WebhookListData> {
    return this.#api.read("webhook/list", {}, options);
  }

  /**
   * Get a webhook: `webhook/get`.
   *
   * An extension of Parlor. One webhook, how it fares, and how many events it has not taken.
   */
  get(params: WebhookRequest, options?: CallOptions): Promise<WebhookStatusData> {
    return this.#api.read("webhook/get", params, options);
  }

  /**
   * Change a webhook: `webhook/update`.
   *
   * An extension of Parlor. Changes what is named, within seconds. Failures of before no longer
   * count: it is called again at once, also one that had answered 410, if `paused` is false.
   */
  update(params: UpdateWebhookRequest, options?: CallOptions): Promise<WebhookData> {
    return this.#api.change("webhook/update", params, options);
  }

  /**
   * Delete a webhook: `webhook/delete`.
   *
   * An extension of Parlor. It is not called any more, and what it has not taken is forgotten.
   */
  delete(params: WebhookRequest, options?: CallOptions): Promise<WebhookDeletedData> {
    return this.#api.change("webhook/delete", params, options);
  }

  /**
   * Change the secret of a webhook: `webhook/rotate_secret`.
   *
   * An extension of Parlor. Makes a new secret. For a day calls are signed with the one before as well,
   * so receivers can change over without refusing any.
   */
  rotateSecret(params: WebhookRequest, options?: CallOptions): Promise<MadeWebhookData> {
    return this.#api.change("webhook/rotate_secret", params, options);
  }

  /**
   * List dead letters: `webhook/dead/list`.
   *
   * An extension of Parlor. Events that the webhook has not taken within 72 hours and that are not tried
   * any more, the latest given up first. They are kept for 30 days.
   */
  listDead(params: ListDeadRequest, options?: CallOptions): Promise<DeadListData> {
    return this.#api.read("webhook/dead/list", params, options);
  }

  /** All that `listDead` lists, page by page: a page is asked for when the one before it was dealt with. */
  listDeadAll(params: ListDeadRequest, options?: CallOptions): AsyncGenerator<DeadEvent, void, undefined> {
    return byCursor(params.cursor, (cursor) => this.listDead({ ...params, cursor }, options), (page) => page.events, (page) => page.cursor);
  }

  /**
   * Replay dead letters: `webhook/dead/replay`.
   *
   * An extension of Parlor. Has dead letters told again, for another 72 hours: the one named, or all
   * that happened since a time.
   */
  replayDead(params: ReplayRequest, options?: CallOptions): Promise<ReplayedData> {
    return this.#api.change("webhook/dead/replay", params, options);
  }
}

/** The calls of the server API that are below `beforeHook`. */
export class BeforeHookCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Have an address asked before messages are stored: `before_hook/set`.
   *
   * An extension of Parlor. Before a message of a device is stored, or an edit of one, the address
   * is asked, and may refuse it or have it say something else. An app has one at most. The secret
   * by which questions are signed is made anew each time, and shown only here.
   */
  set(params: SetBeforeHookRequest, options?: CallOptions): Promise<MadeBeforeHookData> {
    return this.#api.change("before_hook/set", params, options);
  }

  /**
   * Get the before-hook: `before_hook/get`.
   *
   * An extension of Parlor. The app's before-hook, without its secret.
   */
  get(options?: CallOptions): Promise<BeforeHookData> {
    return this.#api.read("before_hook/get", {}, options);
  }

  /**
   * Remove the before-hook: `before_hook/delete`.
   *
   * An extension of Parlor. Nobody is asked any more, within a second on every node.
   */
  delete(options?: CallOptions): Promise<NoBeforeHookData> {
    return this.#api.change("before_hook/delete", {}, options);
  }
}

/** The calls of the server API that are below `audit`. */
export class AuditCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * List the audit log: `audit/list`.
   *
   * An extension of Parlor. Who has changed what in the app, by calls of the server API and by
   * commands of operators, the newest first. To read on, pass the last `entryID` as `before`.
   */
  list(params: ListAuditRequest = {}, options?: CallOptions): Promise<AuditListData> {
    return this.#api.read("audit/list", params, options);
  }

  /** All that `list` lists, page by page: a page is asked for when the one before it was dealt with. */
  listAll(params: ListAuditRequest = {}, options?: CallOptions): AsyncGenerator<AuditEntry, void, undefined> {
    return byLast(params.before, (before) => this.list({ ...params, before }, options), (page) => page.entries, (last) => last.entryID);
  }
}

/** The calls of the server API that are below `tickets`. */
export class TicketCalls {
  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }

  /**
   * Get a ticket for a user: `auth_ticket/request`.
   *
   * Makes or changes the user, exactly as *Create or update a user* does, and answers a
   * ticket with which one device signs in as this user, once and within an hour. Hand it
   * to the app; never hand out the server key.
   *
   * What is said of the device is not kept.
   */
  request(params: AuthTicketRequest, options?: CallOptions): Promise<TicketData> {
    return this.#api.change("auth_ticket/request", params, options);
  }
}

/** All calls of the server API, by what they are about. */
export class ServerCalls {
  readonly rooms: RoomCalls;
  readonly participants: ParticipantCalls;
  readonly users: UserCalls;
  readonly presences: PresenceCalls;
  readonly unreads: UnreadCalls;
  readonly contacts: ContactCalls;
  readonly messages: MessageCalls;
  readonly retentions: RetentionCalls;
  readonly roles: RoleCalls;
  readonly reports: ReportCalls;
  readonly events: EventCalls;
  readonly webhooks: WebhookCalls;
  readonly beforeHook: BeforeHookCalls;
  readonly audit: AuditCalls;
  readonly tickets: TicketCalls;

  constructor(api: Caller) {
    this.rooms = new RoomCalls(api);
    this.participants = new ParticipantCalls(api);
    this.users = new UserCalls(api);
    this.presences = new PresenceCalls(api);
    this.unreads = new UnreadCalls(api);
    this.contacts = new ContactCalls(api);
    this.messages = new MessageCalls(api);
    this.retentions = new RetentionCalls(api);
    this.roles = new RoleCalls(api);
    this.reports = new ReportCalls(api);
    this.events = new EventCalls(api);
    this.webhooks = new WebhookCalls(api);
    this.beforeHook = new BeforeHookCalls(api);
    this.audit = new AuditCalls(api);
    this.tickets = new TicketCalls(api);
  }
}

/** Participants are admins now, or no longer. */
export interface AdminEvent {
  id: EventID;
  /** What it tells of. */
  type: "participant.updated";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** Those participants. */
    users: EventUser[];
    /** Whether they are admins now. */
    isAdmin: boolean;
  };
}

export interface AdminsData {
  /** The room's admins. */
  adminXCUserIDs: string[];
  /** Which of the users do not exist, or were not put into the room by name. */
  skippedXCUserIDs: string[];
}

/** A room with what only your backend sees of it. */
export interface AppRoom {
  roomID: RoomID;
  /** Your own id of the room; empty for one that your backend has not made. */
  xcRoomID: string;
  /** The room's name; empty for a personal room. */
  name: string;
  /** 1 personal, 2 group, 3 channel, 4 transaction room. */
  type: 1 | 2 | 3 | 4;
  /** The room's picture. */
  imageURL: ImageURL;
  /** The room's colour in hex */
  color: string;
  /** Whether participants cannot write. */
  isLocked: boolean;
  /** When the room was locked. */
  lockedTime: Time;
  /** When the room was deleted. */
  deleted: Time;
  /** Whether the room was deleted. */
  isDeleted: boolean;
  /** Whether of the participants only admins can write. */
  isFrozen: boolean;
  /** When the room was frozen. */
  frozenTime: Time;
  /** Your own labels. */
  tags: string[];
  /** When the newest message was created, hidden and system messages included. */
  lastMessageTime: Time;
  /** When the room was made. */
  created: Time;
  /** When the room was last changed. */
  updated: Time;
  data: OwnData;
}

export interface AppRoomsData {
  /** The rooms. */
  rooms: AppRoom[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

/** A ZIP file. */
export interface Archive {
  /** Where whoever has this address gets it; only a path where `public-url` is not set. */
  url: string;
  /** In bytes. */
  size: number;
  /** Its SHA-256 in hexadecimal digits. */
  checksum: string;
  /** Until when it is kept at least. */
  expires: Time;
}

export interface AuditEntry {
  /** The entry's place in the log. */
  entryID: string;
  /** When it was done. */
  created: Time;
  /** What sort of actor has done it. */
  actorType: "server_key" | "operator" | "server";
  /** The key's id, or the account and machine of an operator, or the server. */
  actor: string;
  /** The path of the call behind /v1, or the command. */
  action: string;
  /** The kind of what was changed. */
  objectType: string;
  /** Its id, as the caller knows it; empty for contacts of several users. */
  objectID: string;
  /** Users whom the call named besides, the first 100 of them. */
  xcUserIDs: string[];
  /** How many users those are in all. */
  userCount: number;
  /** Where the call came from; empty for commands. */
  address: string;
  /** The X-Request-Id of the call; empty for commands. */
  requestID: string;
  /** ok, or what refused it: forbidden, not_found or conflict. */
  result: "ok" | "forbidden" | "not_found" | "conflict";
}

export interface AuditListData {
  /** The entries, the newest first. */
  entries: AuditEntry[];
  /** Whether there are older entries that were asked for. */
  hasMore: boolean;
}

export interface AuthTicketRequest {
  /** Where the user comes from. */
  userIPAddress?: string | null;
  /** With which program. */
  userAgent?: string | null;
  /** On which kind of device. */
  userPlatform?: "" | "android" | "ios" | "web" | null;
  /** On which device. */
  userDeviceID?: string | null;
  /** Your own id of the user. It decides whether a user is made or changed. */
  xcUserID: XCUserID;
  fullName: FullName;
  email?: Email;
  phone?: Phone;
  username?: Username;
  photoThumbnailURL?: PhotoThumbnailURL;
  photoFullsizeURL?: PhotoFullsizeURL;
  userRoleCode?: UserRoleCode;
  countryID?: CountryID;
  countryCallingCode?: CountryCallingCode;
  phoneWithCode?: PhoneWithCode;
  isPhoneVerified?: IsPhoneVerified;
  bio?: Bio;
}

export interface BatchData {
  /** What became of each item, in the order of the items. */
  results: BatchResult[];
  /** How many failed. */
  failed: number;
}

export interface BatchResult {
  /** Your own id of the room, as far as it is known. */
  xcRoomID: string;
  /** Parlor's id of the room, as far as it is known. */
  roomID: string;
  /** Whether the item was done. */
  success: boolean;
  /** Of a failure what the call by itself would answer; otherwise empty texts. */
  error: {
    /** The error's code. */
    code: string;
    /** What is wrong. */
    message: string;
    /** The parameter at fault. */
    field: string;
  };
  /** Which of the item's users do not exist, or are banned from the room. */
  skippedXCUserIDs: string[];
  /** The item named participants for a room that exists. */
  participantsIgnored: boolean;
}

export interface BeforeHookData {
  /** Whether the app has one. */
  isSet: boolean;
  /** The before-hook; absent where there is none. */
  beforeHook?: {
    /** The address that is asked. */
    url: string;
    /** How long an answer is waited for, in milliseconds. */
    timeout: number;
    /** What happens without an answer. */
    onFailure: "allow" | "refuse";
  };
}

/** What the user says of themselves. */
export type Bio = string | null;

/** A user has blocked another, or no longer does. */
export interface BlockEvent {
  id: EventID;
  /** What it tells of. */
  type: "user.blocked" | "user.unblocked";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** Who blocks. */
    user?: Sender;
    /** Whom. */
    users: EventUser[];
  };
}

export interface ChangeParticipantsRequest {
  xcRoomID?: ElderXCRoomID;
  roomID?: EitherRoomID;
  /** The users. Repeated ids count once. */
  participantXCUserIDs: XCUserID[];
}

export interface ContactChange {
  /** Whose contact it is. */
  ownerXCUserID: XCUserID;
  /** Who the contact is. */
  contactXCUserID: XCUserID;
  /** True deletes the contact. The texts `"true"` and `"false"` do as well. */
  isDeleted?: boolean | null;
}

export interface ContactsData {
  /** Contacts really added. */
  countInserted: number;
  /** Contacts really deleted. */
  countDeleted: number;
}

/** The calling code of that country, without a plus. */
export type CountryCallingCode = string | null;

/** The id of the user's country, a number of your own. */
export type CountryID = number | null;

export interface CreateOrUpdateRoomRequest {
  /** Your own id of the room. It decides whether a room is made or changed. */
  xcRoomID: XCRoomID;
  /** 2 is a group chat, 4 a transaction room. */
  type: 2 | 4;
  /** The room's name. */
  name: string;
  photoThumbnailURL?: PhotoThumbnailURL;
  photoFullsizeURL?: PhotoFullsizeURL;
  /** Labels of your own. They replace the stored ones. */
  tags?: string[] | null;
  /** Who is in the room. Counts for a new room only. */
  participantXCUserIDs?: XCUserID[] | null;
  /** The roles whose users are participants. They replace the stored ones. */
  participantUserRoles?: RoleCode[] | null;
  /** The room's colour, 3, 6 or 8 hexadecimal digits, with or without a `#`. */
  color?: string | null;
}

export interface CreateWebhookRequest {
  url: WebhookURL;
  types?: EventTypes;
  roomTags?: EventRoomTags;
  roomTypes?: EventRoomTypes;
  /** How many events one call may hold. With 1 the body is the event itself. */
  batch?: number | null;
  /** Whether the texts of messages stay in the SDKs' cipher. */
  sealed?: boolean | null;
  /** Whether it is not called for now. */
  paused?: boolean | null;
}

/** The `nextCursor` of the page before. */
export type Cursor = string | null;

export interface DeactivatedUserData {
  /** Whether the call deactivated the user. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The user has been deactivated" | "The user is already deactivated";
}

export interface DeadEvent {
  /** How often it was tried. */
  attempts: number;
  /** When it was tried first, or had to wait for another. */
  firstAttempt: Time;
  /** When it was given up. */
  givenUp: Time;
  /** Why the last try has failed. */
  lastError: string;
  /** The event, as it would be told now. */
  event: Event;
}

export interface DeadListData {
  /** The dead letters, the latest given up first. */
  events: DeadEvent[];
  /** What to pass for the next page; empty where there are no events. */
  cursor: string;
  /** Whether there are more. */
  hasMore: boolean;
}

export interface DeleteMatchingData {
  deletionID: DeletionID;
}

export interface DeleteMatchingRequest {
  /** Only messages that this user has sent, by your own id; users who are deleted now count, too. Required, unless `userID`, `from` or `until` is given. */
  xcUserID?: string | null;
  /** The same by Parlor's id. */
  userID?: string | null;
  /** Only messages that were not sent before, in Unix milliseconds. */
  from?: number | null;
  /** Only messages that were not sent after, in Unix milliseconds. */
  until?: number | null;
  /** Only messages of this room, by your own id. */
  xcRoomID?: string | null;
  /** The same by Parlor's id. */
  roomID?: string | null;
  /** Your own name for it, which is its `deletionID` then, to repeat a call safely. Absent, the server makes one. */
  localID?: string | null;
}

export interface DeleteMatchingStatusData {
  deletionID: DeletionID;
  status: WorkStatus;
  /** When the call was made. */
  created: Time;
  /** When it was done; 0 while it is running. */
  finished: Time;
  /** How many messages matched so far, deleted before or not. */
  looked: number;
  /** How many of them this has deleted. */
  deleted: number;
}

export interface DeleteNamedMessagesRequest {
  messageIDs: NamedMessages;
}

export interface DeleteRetentionRequest {
  /** The tag of the rule; absent or empty, the one of the rooms none of whose tags has a rule. */
  tag?: RetentionTag;
}

export interface DeleteRoleRequest {
  /** Which role. */
  code: RoleCode;
  /** The role that its users get. */
  replacementCode?: string | null;
}

export interface DeleteRoomData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The room has been deleted" | "The room is already deleted";
}

export interface DeleteUserRequest {
  xcUserID: XCUserID;
}

export interface DeletedNamedMessagesData {
  /** Those that are deleted, by this or an earlier call. */
  deletedMessageIDs: MessageID[];
  /** Those that do not exist, and system messages that stay. */
  skippedMessageIDs: MessageID[];
}

export interface DeletedRoleData {
  /** Whether the call deleted the role. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The role has been deleted" | "More users may have the role; call again" | "There is no such role";
  /** How many users have another role now. */
  usersMoved: number;
  /** Whether to call again. */
  hasMore: boolean;
}

export interface DeletedUserData {
  /** Whether the call deleted the user. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The user has been deleted" | "The user is already deleted";
}

/** What the deletion is called. */
export type DeletionID = string;

export interface EditMessageRequest {
  /** The message. Required, unless `localID` is given. */
  messageID?: string | null;
  /** The message by the `localID` that its sender gave it, within 61 days. */
  localID?: string | null;
  /** What it says from now on. */
  body: string;
  /** Its payload from now on, a JSON object or array as text; absent, it stays. Must be absent or empty for texts. */
  data?: string | null;
}

export interface EditedMessageData {
  /** Whether it said something else before. */
  changed: boolean;
  /** The message. */
  message: ToldMessage;
}

/** Parlor's id of the room, for rooms that have no `xcRoomID`. */
export type EitherRoomID = string | null;

/** Parlor's ids of the users. Of both kinds there are 100 at most. */
export type EitherUserIDs = string[] | null;

/** Your own id of the room. Required, unless `roomID` is given. */
export type EitherXCRoomID = string | null;

/** Your own ids of the users. Required, unless `userIDs` are given. */
export type EitherXCUserIDs = string[] | null;

/** Your own id of the room. Required, unless `roomID` is given, which is passed over beside it. */
export type ElderXCRoomID = string | null;

/** The e-mail address. */
export type Email = string | null;

export interface EraseUserRequest {
  xcUserID: XCUserID;
}

/** What is gone so far. */
export interface Erased {
  /** Messages of the user: their texts, data, quotes and references. */
  messages: number;
  /** Messages of others, also scheduled ones, that named or quoted the user. */
  references: number;
  /** Messages of the user that were still to be sent. */
  scheduledMessages: number;
  /** Messages to many rooms in the user's name. */
  broadcasts: number;
  /** What the user had uploaded, with its content. */
  files: number;
  /** What those files took, in bytes. */
  fileBytes: number;
  /** Archives that exports had made of the user. */
  archives: number;
  /** Photos of the profile. */
  photos: number;
  /** Contacts, in both directions. */
  contacts: number;
  /** Blocks, in both directions. */
  blocks: number;
  /** Reports by the user and about the user. */
  reports: number;
  /** Messages that the user had starred. */
  stars: number;
  /** Messages that the user had deleted for themselves. */
  hiddenMessages: number;
  /** Sign-ins of devices, with their tokens. */
  logins: number;
  /** Tickets that no device had signed in with yet. */
  tickets: number;
  /** Devices that were registered for push notifications. */
  pushTokens: number;
  /** Devices of which it was known how far they had come. */
  devices: number;
  /** Whether you kept data with the user: 1, or else 0. */
  userData: number;
  /** Rooms in which you kept data about the user. */
  participantData: number;
  /** Rooms that the user had muted, pinned or marked. */
  preferences: number;
  /** Uploads that stay because messages of others or rooms show them. */
  keptFiles: number;
}

/** How a user is erased. */
export interface Erasure {
  erasureID: ErasureID;
  /** Whether all is gone. */
  state: "running" | "finished";
  /** Parlor's id of the user, which stays. */
  userID: UserID;
  /** When it was asked for. */
  requested: Time;
  /** When all was gone; 0 while it is running. */
  finished: Time;
  /** How far it is with messages, which take the longest. */
  progress: {
    /** Messages up to this id were looked through. */
    position: number;
    /** The id of the newest message; 0 where that was not looked for. */
    end: number;
  };
  erased: Erased;
  /** A JWS in compact form, signed with EdDSA by `receiptKey`; empty while it is running. */
  receipt: string;
  /** The app's key, as a JWK. Absent while it is running. */
  receiptKey?: ReceiptKey;
}

export interface ErasureData {
  erasure: Erasure;
}

/** What names an erasure. */
export type ErasureID = string;

/**
 * Something that has happened. What it is about is shown as it is when the event is read; what
 * is gone by then is absent.
 */
export type Event = MessageEvent | ReceiptEvent | ExpiryEvent | RoomEvent | ParticipantEvent | AdminEvent | RestrictionEvent | UserEvent | ReportEvent | BlockEvent | FileEvent;

/** A file that was uploaded. */
export interface EventFile {
  /** The file's id. */
  fileID: string;
  /** Its name. */
  fileName: string;
  /** Its media type. */
  mediaType: string;
  /** Its size in bytes. */
  size: number;
  /** Where it is found. */
  url: string;
}

/** The event's id, the same each time it is told. */
export type EventID = string;

export interface EventListData {
  /** The events, in the order in which they were stored. */
  events: Event[];
  /** What to pass to the next call, also where there are no events. */
  cursor: string;
  /** Whether there may be more events already. */
  hasMore: boolean;
}

/** A message that an event is about. */
export interface EventMessage {
  messageID: MessageID;
  /** The message's localID. */
  localID: string;
  /** When it was sent. */
  created: Time;
}

/** What was said about a user. */
export interface EventReport {
  /** The report's id, as in report/list. */
  reportID: string;
  /** One of the app's options or other words. */
  category: string;
  /** Whether they are other words. */
  isOtherCategory: boolean;
  /** What the reporter says about it. */
  reason: string;
  /** Who reports. */
  reporter?: EventUser;
  /** The message that is reported; "0" for none. */
  messageID: MessageID;
}

/** Only events of rooms that have one of these tags; empty for any. */
export type EventRoomTags = string[] | null;

/** Only events of rooms of these types; empty for any. */
export type EventRoomTypes = (1 | 2 | 3 | 4)[] | null;

/** When it happened, in UTC with milliseconds. */
export type EventTimestamp = string;

/** What an event tells of. */
export type EventType = "message.created" | "message.updated" | "message.deleted" | "message.delivered" | "message.read" | "message.expired" | "room.created" | "room.updated" | "room.deleted" | "room.locked" | "room.unlocked" | "room.restored" | "room.frozen" | "room.unfrozen" | "participant.added" | "participant.removed" | "participant.updated" | "participant.muted" | "participant.unmuted" | "participant.banned" | "participant.unbanned" | "user.created" | "user.updated" | "user.deleted" | "user.deactivated" | "user.reactivated" | "user.erased" | "user.online" | "user.offline" | "user.reported" | "user.blocked" | "user.unblocked" | "file.uploaded";

/** Only events of these types; empty for all. */
export type EventTypes = EventType[] | null;

/** A user, by name. */
export interface EventUser {
  userID: UserID;
  /** Your own id of the user. */
  xcUserID: string;
  /** The name that others see. */
  fullname: string;
}

/** Messages of a room are no longer kept. */
export interface ExpiryEvent {
  id: EventID;
  /** What it tells of. */
  type: "message.expired";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room they were in. */
    room?: Room;
    /** All messages that were sent until then are gone, but for the room's newest, which is emptied. */
    until: Time;
  };
}

/** An archive of everything that belongs to a user. */
export interface Export {
  exportID: ExportID;
  /** Whether the archive is being made, is there, or is gone; stopped where an operator has had it not be made, or the user was erased meanwhile. */
  state: "running" | "finished" | "expired" | "stopped";
  userID: UserID;
  /** When it was asked for. */
  requested: Time;
  /** When the archive was made, or was given up; 0 before. */
  finished: Time;
  /** How many messages are in it. */
  messages: number;
  /** How many files are in it. */
  files: number;
  /** The archive. Absent while it is made, and once it is gone. */
  archive?: Archive;
}

export interface ExportData {
  export: Export;
}

/** What names an export. */
export type ExportID = string;

export interface ExportUserRequest {
  xcUserID: XCUserID;
}

/** A user has uploaded a file. */
export interface FileEvent {
  id: EventID;
  /** What it tells of. */
  type: "file.uploaded";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** That file. */
    file?: EventFile;
  };
}

export interface ForwardFrom {
  /** Who sent the original, as the sender's device says; "0" for nobody. */
  userID: string;
  /** The same user by your own id. */
  xcUserID: string;
  /** That user's name. */
  fullname: string;
  /** The original message; "0" for none. */
  messageID: string;
  /** The original's localID. */
  localID: string;
  /** The room of the original; absent if nothing was forwarded. */
  roomID?: string;
}

export interface FoundMessagesData {
  /** The messages, in the order of their ids in the call. */
  messages: ToldMessage[];
  /** The ids that no message of the app has. */
  missingMessageIDs: MessageID[];
  /** The ids of messages that were too much for this answer. */
  remainingMessageIDs: MessageID[];
}

/** What was removed. */
export interface Freed {
  /** How many messages. */
  messages: number;
  /** How many files that nothing names any more, which go a day later. */
  files: number;
  /** How many bytes the messages' texts and data had, and those files. */
  bytes: number;
}

export interface FreezeRoomData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The room has been frozen" | "The room is already frozen";
}

/** The name that others see. Answers spell the key `fullname`. */
export type FullName = string;

export interface GetDeleteMatchingRequest {
  /** What *Delete all messages of a user or a time* has answered. */
  deletionID: string;
}

export interface GetErasureRequest {
  erasureID: ErasureID;
}

export interface GetExportRequest {
  exportID: ExportID;
}

export interface GetMessagesRequest {
  messageIDs: NamedMessages;
  sealed?: SealedTexts;
}

export interface GetRoomRequest {
  xcRoomID?: ElderXCRoomID;
  roomID?: EitherRoomID;
  /** How many participants to answer at most. */
  participantsLimit?: number | null;
  /** How many participants to leave out first. */
  participantsOffset?: number | null;
}

export interface GetSendToRoomsRequest {
  /** What *Send a message to many rooms* has answered. */
  sendID: string;
  /** Only the rooms of which this holds. */
  only?: "waiting" | "sent" | "failed" | "" | null;
  cursor?: Cursor;
  /** How many rooms to answer at most. */
  limit?: PageLimit;
}

export interface GetUnreadOfRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  cursor?: Cursor;
  /** How many participants to answer at most. */
  limit?: PageLimit;
}

export interface GetUnreadRequest {
  /** Your own id of the user. */
  xcUserID: XCUserID;
  cursor?: Cursor;
  /** How many rooms to answer at most. */
  limit?: PageLimit;
}

export interface GetUsersRequest {
  xcUserIDs?: EitherXCUserIDs;
  userIDs?: EitherUserIDs;
}

export interface ImageURL {
  /** The small picture. */
  thumbnail: string;
  /** The full picture. */
  fullsize: string;
}

/** Whether you have verified the phone number. */
export type IsPhoneVerified = boolean | null;

export interface KnownUsersData {
  /** The users. */
  users: ListedUser[];
  /** The `userIDs` that nobody has. */
  unknownUserIDs: string[];
  /** The `xcUserIDs` that nobody has. */
  unknownXCUserIDs: string[];
}

export interface ListAppRoomsRequest {
  /** Only rooms with this tag. */
  tag?: string | null;
  /** Only rooms of this type; 1 is personal, 2 a group, 3 a channel, 4 a transaction room. */
  type?: number | null;
  /** Only rooms whose newest message is not older, in Unix milliseconds. */
  activeSince?: number | null;
  /** Only rooms whose newest message is not younger, in Unix milliseconds. */
  activeUntil?: number | null;
  /** Only rooms that this user is in, by name or by role. */
  xcUserID?: string | null;
  /** Only rooms whose name begins with this; of the letters A to Z the case does not count. */
  namePrefix?: string | null;
  /** Deleted rooms, too. */
  includeDeleted?: boolean | null;
  cursor?: Cursor;
  /** How many rooms to answer at most. Of large ones there are fewer. */
  limit?: PageLimit;
}

export interface ListAuditRequest {
  /** Only entries from this time on. */
  from?: number | null;
  /** Only entries before this time. 0 is no bound. */
  until?: number | null;
  /** Only this action, such as `/server/room/lock`. */
  action?: string | null;
  /** The kind of the object in `objectID`. */
  objectType?: string | null;
  /** Only what was done to this object. */
  objectID?: string | null;
  /** How many entries to answer at most. */
  limit?: number | null;
  /** Answer only entries behind this one, which are older. */
  before?: string | null;
}

export interface ListDeadRequest {
  webhookID: WebhookID;
  /** The `cursor` of the answer before; empty for the first page. */
  cursor?: string | null;
  /** How many events to answer at most. */
  limit?: number | null;
}

export interface ListEventsRequest {
  /** Where to go on: the `cursor` of the last answer. Empty begins with the oldest event that is kept, and `now` answers at once, without events, where those of the future begin. */
  cursor?: string | null;
  types?: EventTypes;
  roomTags?: EventRoomTags;
  roomTypes?: EventRoomTypes;
  /** Whether the texts of messages stay in the SDKs' cipher. */
  sealed?: boolean | null;
  /** How many events to answer at most. Of large ones there are fewer. */
  limit?: number | null;
  /** How long to wait for an event where there is none, in seconds. */
  wait?: number | null;
}

export interface ListMessagesRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** Only messages that this user has sent, by your own id; users who are deleted now count, too. */
  xcUserID?: string | null;
  /** The same by Parlor's id; that of the app itself finds its system messages. */
  userID?: string | null;
  /** Only messages of one of these types; empty for all. */
  types?: number[] | null;
  /** Only messages that were not sent before, in Unix milliseconds. */
  from?: number | null;
  /** Only messages that were not sent after, in Unix milliseconds. */
  until?: number | null;
  /** Which come first. */
  order?: "newest" | "oldest" | "" | null;
  sealed?: SealedTexts;
  cursor?: Cursor;
  /** How many messages to answer at most. Of large ones there are fewer. */
  limit?: number | null;
}

export interface ListParticipantsRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** Only these participants. `muted` may include people who are not in the room now, `banned` are those who cannot be. */
  only?: "byName" | "byRole" | "admins" | "muted" | "banned" | "" | null;
  cursor?: Cursor;
  /** How many participants to answer at most. Of large ones there are fewer. */
  limit?: PageLimit;
}

export interface ListReportsRequest {
  /** How many reports to answer at most. Of large messages there are fewer. */
  limit?: number | null;
  /** Answer only reports behind this one. */
  afterReportID?: string | null;
  /** Only reports in this state. */
  state?: "open" | "resolved" | "" | null;
}

export interface ListRolesRequest {
  /** How many roles to answer at most. */
  limit?: number | null;
  /** Answer only roles whose code comes after this one. */
  afterCode?: string | null;
}

export interface ListRoomsRequest {
  /** Whose rooms to list. */
  xcUserID: XCUserID;
  /** List these rooms only. */
  xcRoomIDs?: XCRoomID[] | null;
  /** How many rooms to answer at most. */
  limit?: number | null;
  /** How many rooms to leave out first. */
  offset?: number | null;
}

export interface ListUsersRequest {
  /** Only users in whose full name each of these words begins one, or whose `xcUserID` it is. Of the letters A to Z the case does not count. */
  text?: string | null;
  /** Only users with this role. */
  userRoleCode?: string | null;
  /** Only users in this state. Without it, all but deleted ones. */
  state?: "active" | "deactivated" | "deleted" | "" | null;
  /** Only users who were made or changed then or later, in Unix milliseconds. */
  updatedSince?: number | null;
  cursor?: Cursor;
  /** How many users to answer at most. Of large ones there are fewer. */
  limit?: UserPageLimit;
}

export interface ListedMessagesData {
  /** The messages. */
  messages: ToldMessage[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

/** A user in a room, with what only your backend sees of that. */
export interface ListedParticipant {
  userID: UserID;
  /** Your own id of the user; empty when the app itself speaks. */
  xcUserID: string;
  /** The name that others see. */
  fullname: string;
  /** The e-mail address. */
  email: string;
  /** Whether the e-mail address was verified. */
  isEmailVerified: boolean;
  /** The id of the user's country. */
  countryID: number;
  /** The calling code of that country. */
  countryCallingCode: string;
  /** The phone number. */
  phone: string;
  /** The phone number with its calling code. */
  phoneWithCode: string;
  /** Whether the phone number was verified. */
  isPhoneVerified: boolean;
  /** The name to find the user by. */
  username: string;
  /** What the user says of themselves. */
  bio: string;
  /** The user's picture. */
  imageURL: ImageURL;
  /** The user's role. */
  userRole: UserRole;
  /** When the user last signed in. */
  lastLogin: Time;
  /** When the user last did something. */
  lastActivity: Time;
  /** Whether the user is connected right now. */
  isOnline: boolean;
  /** When the user was made. */
  created: Time;
  /** When the user was last changed. */
  updated: Time;
  /** When the user was deleted. */
  deleted: Time;
  /** Whether the user was put into the room by name. */
  isByName: boolean;
  /** The role by which the user is in the room; empty where they are listed by name. */
  heldByRole: string;
  /** Whether the user is an admin of the room. */
  isAdmin: boolean;
  /** Whether the user cannot write into the room. */
  isMuted: boolean;
  /** When that ends; 0 where it does not. */
  mutedUntil: Time;
  /** Whether the user cannot be in the room. */
  isBanned: boolean;
  /** When that ends; 0 where it does not. */
  bannedUntil: Time;
  data: OwnData;
}

export interface ListedParticipantsData {
  /** The participants. */
  participants: ListedParticipant[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

/** A user, with what only your backend sees of them. */
export interface ListedUser {
  userID: UserID;
  /** Your own id of the user. */
  xcUserID: string;
  /** The name that others see. */
  fullname: string;
  /** The e-mail address. */
  email: string;
  /** Whether the e-mail address was verified. */
  isEmailVerified: boolean;
  /** The id of the user's country. */
  countryID: number;
  /** The calling code of that country. */
  countryCallingCode: string;
  /** The phone number. */
  phone: string;
  /** The phone number with its calling code. */
  phoneWithCode: string;
  /** Whether the phone number was verified. */
  isPhoneVerified: boolean;
  /** The name to find the user by. */
  username: string;
  /** What the user says of themselves. */
  bio: string;
  /** The user's picture. */
  imageURL: ImageURL;
  /** The user's role. */
  userRole: UserRole;
  /** When the user last signed in. */
  lastLogin: Time;
  /** When the user last did something. */
  lastActivity: Time;
  /** Whether the user is connected right now. */
  isOnline: boolean;
  /** When the user was made. */
  created: Time;
  /** When the user was last changed. */
  updated: Time;
  /** When the user was deleted. */
  deleted: Time;
  /** When the user was deactivated. */
  deactivated: Time;
  /** Whether the user can sign in. A deleted user is not deactivated as well. */
  state: "active" | "deactivated" | "deleted";
  data: OwnData;
}

export interface LockData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words and in this spelling. */
  message: "The room has been locked succesfully" | "The room is already locked";
}

export interface LockRoomRequest {
  xcRoomID?: ElderXCRoomID;
  roomID?: EitherRoomID;
  /** Who does it. */
  xcUserID: XCUserID;
}

export interface MadeBeforeHookData {
  /** Always true. */
  isSet: true;
  /** The before-hook. */
  beforeHook: {
    /** The address that is asked. */
    url: string;
    /** How long an answer is waited for, in milliseconds. */
    timeout: number;
    /** What happens without an answer. */
    onFailure: "allow" | "refuse";
    /** What questions are signed with. */
    secret: string;
  };
}

export interface MadeWebhook {
  /** The webhook's id. */
  webhookID: string;
  /** The address that is called. */
  url: string;
  /** The types of events it is told; empty for all. */
  types: EventType[];
  /** Tags, one of which the room has; empty for any. */
  roomTags: string[];
  /** The types of rooms; empty for any. */
  roomTypes: number[];
  /** How many events one call may hold. */
  batch: number;
  /** Whether texts stay in the SDKs' cipher. */
  sealed: boolean;
  /** Whether it is called; `paused` for one that you have paused, `gone` for one that has answered HTTP 410. */
  state: "active" | "paused" | "gone";
  /** How many calls have failed in a row. */
  failures: number;
  /** When it is probed next, if it rests. */
  retryTime: Time;
  /** Why a call has failed last. */
  lastError: string;
  /** When that was. */
  lastErrorTime: Time;
  /** When a call has succeeded last. */
  lastSuccessTime: Time;
  /** When it was made. */
  created: Time;
  /** When it was last changed. */
  updated: Time;
  /** What calls are signed with. */
  secret: string;
}

export interface MadeWebhookData {
  /** The webhook. */
  webhook: MadeWebhook;
}

export interface Message {
  messageID: MessageID;
  /** The sender's name for the message, and the key to its cipher. */
  localID: string;
  /** The message type; 9001 for what Parlor itself tells. */
  type: number;
  /** The text in the SDKs' cipher. */
  body: string;
  /** The payload in the SDKs' cipher; empty if there is none. */
  data: string;
  /** The filter id. */
  filterID: string;
  /** Whether the message is not to be shown. */
  isHidden: boolean;
  /** What is shown above the message. */
  quote: Quote;
  /** The message it replies to. */
  replyTo: ReplyTo;
  /** The message it was forwarded from. */
  forwardFrom: ForwardFrom;
  /** The room it is in. */
  room: Room;
  /** Who sent it. */
  user: Sender;
  /** The other user of a personal room; "0" in every other room. */
  recipientID: UserID;
  /** What a system message tells; empty in all others. */
  action: string;
  /** The user whom a system message is about. */
  target: Target;
  /** Always false for what the server has. */
  isSending: boolean;
  /** Whether it reached the viewer or, of the viewer's own, somebody else. */
  isDelivered: boolean;
  /** Whether the viewer has read it or, of the viewer's own, somebody else. */
  isRead: boolean;
  /** Whether it was deleted. */
  isDeleted: boolean;
  /** Whether its sender has changed it. */
  isMessageEdited: boolean;
  /** When it was sent. */
  created: Time;
  /** When it was last changed. */
  updated: Time;
  /** When it was deleted. */
  deleted: Time;
}

/** A message was sent, edited or deleted for everyone. */
export interface MessageEvent {
  id: EventID;
  /** What it tells of. */
  type: "message.created" | "message.updated" | "message.deleted";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** The message, as it is now. */
    message?: ToldMessage;
  };
}

/** The server's id of a message, in decimal digits; "0" for none. */
export type MessageID = string;

/** The messages, by their ids. */
export type NamedMessages = string[];

export interface NamedRoomRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
}

export interface NamedUserRequest {
  /** Your own id of the user. */
  xcUserID: XCUserID;
}

/** Where the next page begins; empty behind the last. */
export type NextCursor = string;

export interface NoBeforeHookData {
  /** Always false. */
  isSet: false;
}

/** What your backend keeps there; `{}` for nothing. */
export type OwnData = Record<string, unknown>;

/** A JSON object of your own; `{}` takes away what was kept. */
export type OwnDataParam = object;

export type PageLimit = number | null;

export interface Participant {
  userID: UserID;
  /** Your own id of the user. */
  xcUserID: string;
  /** The name that others see. */
  fullname: string;
  /** The e-mail address. */
  email: string;
  /** Whether the e-mail address was verified. */
  isEmailVerified: boolean;
  /** The id of the user's country. */
  countryID: number;
  /** The calling code of that country. */
  countryCallingCode: string;
  /** The phone number. */
  phone: string;
  /** The phone number with its calling code. */
  phoneWithCode: string;
  /** Whether the phone number was verified. */
  isPhoneVerified: boolean;
  /** The name to find the user by. */
  username: string;
  /** What the user says of themselves. */
  bio: string;
  /** The user's picture. */
  imageURL: ImageURL;
  /** The user's role. */
  userRole: UserRole;
  /** When the user last signed in. */
  lastLogin: Time;
  /** When the user last did something. */
  lastActivity: Time;
  /** Whether the user is connected right now. */
  isOnline: boolean;
  /** When the user was made. */
  created: Time;
  /** When the user was last changed. */
  updated: Time;
}

/** Users came into a room, are not in it any more, or may do there again what they were kept from. */
export interface ParticipantEvent {
  id: EventID;
  /** What it tells of. */
  type: "participant.added" | "participant.removed" | "participant.unmuted" | "participant.unbanned";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** Those users, 500 at most. */
    users: EventUser[];
  };
}

export interface PeopleOfRoom {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** Who is put into the room. Required unless there are `removeXCUserIDs`. */
  addXCUserIDs?: XCUserID[] | null;
  /** Who is taken out of it. */
  removeXCUserIDs?: XCUserID[] | null;
}

export interface PeopleOfRoomsRequest {
  /** The rooms, each with who comes and who goes. */
  rooms: PeopleOfRoom[];
}

/** The phone number, with its country code. */
export type Phone = string | null;

/** The phone number with its calling code. Address books find the user by it. */
export type PhoneWithCode = string | null;

/** Where the full picture is. It is stored as it is and never fetched. */
export type PhotoFullsizeURL = string | null;

/** Where the small picture is. It is stored as it is and never fetched. */
export type PhotoThumbnailURL = string | null;

export interface PresencesData {
  /** The users. */
  users: {
    userID: UserID;
    /** Your own id of the user. */
    xcUserID: string;
    /** Whether a socket of the user is open on any node, or was a moment ago. */
    isOnline: boolean;
    /** When the user last signed in or closed a socket. */
    lastActivity: Time;
  }[];
  /** The `userIDs` that nobody has. */
  unknownUserIDs: string[];
  /** The `xcUserIDs` that nobody has. */
  unknownXCUserIDs: string[];
}

export interface PutRoomsRequest {
  /** The rooms, each with the parameters of *Create or update a room*, and at most 1000 participants. */
  rooms: CreateOrUpdateRoomRequest[];
}

export interface Quote {
  /** Its heading. */
  title: string;
  /** Its text in the SDKs' cipher. */
  content: string;
  /** Its picture: a plain text here, not an object. */
  imageURL: string;
  /** The id of a quoted file. */
  fileID: string;
  /** The type of a quoted file. */
  fileType: string;
  /** Where a quoted video is; absent if there is none. */
  videoURL?: string;
}

/** What is shown above a message. */
export type QuoteRequest = {
  /** Its heading. */
  title?: string | null;
  /** Its text. */
  content?: string | null;
  /** Its picture. */
  imageURL?: string | null;
  /** The id of a quoted file. */
  fileID?: string | null;
  /** The type of a quoted file. */
  fileType?: string | null;
} | null;

export interface ReactivatedUserData {
  /** Whether the call reactivated the user. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The user has been reactivated" | "The user is not deactivated";
}

/** Messages have reached a participant, or were read. */
export interface ReceiptEvent {
  id: EventID;
  /** What it tells of. */
  type: "message.delivered" | "message.read";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** Those messages. */
    messages: EventMessage[];
  };
}

/** An Ed25519 key as a JWK (RFC 8037). */
export interface ReceiptKey {
  /** The kind of key. */
  kty: "OKP";
  /** The curve. */
  crv: "Ed25519";
  /** Which key it is, as in the receipt's header. */
  kid: string;
  /** The key, in base64url. */
  x: string;
}

export interface ReplayRequest {
  webhookID: WebhookID;
  /** The id of one event. */
  eventID?: string | null;
  /** Since when the events have happened, in Unix milliseconds; required without `eventID`. */
  since?: number | null;
}

export interface ReplayedData {
  /** How many are told again. */
  countReplayed: number;
}

export interface ReplyTo {
  /** Who sent the message replied to, as the sender's device says; "0" for nobody. */
  userID: string;
  /** The same user by your own id. */
  xcUserID: string;
  /** That user's name. */
  fullname: string;
  /** The message replied to; "0" for none. */
  messageID: string;
  /** The localID of that message. */
  localID: string;
  /** The type of that message; 0 for none. */
  messageType: number;
}

export interface Report {
  /** The report's id. It rises. */
  reportID: string;
  /** One of the app's options or other words. */
  category: string;
  /** Whether they are other words. */
  isOtherCategory: boolean;
  /** What the reporter says about it. */
  reason: string;
  /** When it was reported. */
  created: Time;
  /** Whether something was made of it. */
  state: "open" | "resolved";
  /** When it was resolved. */
  resolved: Time;
  /** Who has resolved it, in the words of your backend. */
  resolvedBy: string;
  /** What was made of it, in the words of your backend. */
  note: string;
  /** Who reports. */
  reporter: Sender;
  /** Who is reported; of a message its sender. */
  user: Sender;
  /** The message that is reported, as it is now; absent where it is a user, and where it is no longer kept. */
  message?: Message;
}

/** A user was reported. */
export interface ReportEvent {
  id: EventID;
  /** What it tells of. */
  type: "user.reported";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** Who was reported. */
    user?: Sender;
    /** What was said. */
    report?: EventReport;
  };
}

export interface ReportListData {
  /** The reports, in the order of their ids. */
  reports: Report[];
  /** Whether there are more reports after these. */
  hasMore: boolean;
}

export interface ResolveReportRequest {
  /** Which report. */
  reportID: string;
  /** Who has resolved it, in words of yours. */
  resolvedBy?: string | null;
  /** What was made of it, in words of yours. */
  note?: string | null;
}

export interface ResolvedReportData {
  /** Whether the call resolved the report. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The report has been resolved" | "The report is already resolved";
}

export interface RestoreRoomData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The room has been restored" | "The room is not deleted";
}

export interface RestrictRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** The users. Repeated ids count once. */
  participantXCUserIDs: XCUserID[];
  /** When it ends by itself, in Unix milliseconds and in the future. Absent for never. */
  until?: number | null;
}

export interface RestrictedData {
  /** For whom it was not so before. */
  changedXCUserIDs: string[];
  /** Which of the users do not exist. */
  skippedXCUserIDs: string[];
}

/** Users were muted in a room, or banned from it. */
export interface RestrictionEvent {
  id: EventID;
  /** What it tells of. */
  type: "participant.muted" | "participant.banned";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
    /** Those users, 500 at most. */
    users: EventUser[];
    /** Until when; 0 for no end. */
    until: Time;
  };
}

export interface RetentionData {
  /** The rule as it now is. */
  rule: RetentionRule;
}

export interface RetentionDeletedData {
  /** Whether the call has deleted a rule. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The rule has been deleted" | "There is no such rule";
}

export interface RetentionListData {
  /** The rules, by their tags. */
  rules: RetentionRule[];
}

/** For how long messages of some rooms are kept, and what was removed because of that. */
export interface RetentionRule {
  /** The tag of the rooms; empty for those none of whose tags has a rule. */
  tag: string;
  /** How many days after it was sent a message is removed. */
  days: number;
  /** When the rule was made. */
  created: Time;
  /** When it was changed last. */
  updated: Time;
  /** When it is looked for what is to be removed; 0 while that is done. */
  nextRunTime: Time;
  /** Whether a run is under way. */
  isRunning: boolean;
  /** When the last run began; 0 where there was none yet. */
  lastRunTime: Time;
  /** When it was done or broken off; 0 while it is under way. */
  lastRunFinishedTime: Time;
  /** What the last run has removed. */
  lastRun: Freed;
  /** What all runs have removed. */
  total: Freed;
}

export type RetentionTag = string | null;

/** The role's code. */
export type RoleCode = string;

export interface RoleData {
  /** The role. */
  role: UserRole;
}

export interface RoleListData {
  /** The roles, in the order of their codes. */
  roles: UserRole[];
  /** Whether there are more roles after these. */
  hasMore: boolean;
}

export interface Room {
  roomID: RoomID;
  /** Your own id of the room; empty for one that your backend has not made. */
  xcRoomID: string;
  /** The room's name; in a user's list the other user's name for a personal room. */
  name: string;
  /** 1 personal, 2 group, 3 channel, 4 transaction room. */
  type: 1 | 2 | 3 | 4;
  /** The room's picture. */
  imageURL: ImageURL;
  /** The room's colour in hex */
  color: string;
  /** Whether participants cannot write. */
  isLocked: boolean;
  /** When the room was locked. */
  lockedTime: Time;
  /** When the room was deleted. */
  deleted: Time;
  /** Whether the room was deleted. */
  isDeleted: boolean;
}

export interface RoomChangedData {
  /** The room. */
  room: Room;
  /** Who is in it now; the first 10000 of them. */
  participants: Participant[];
  /** The userIDs of the room's admins. */
  adminUserIDs: UserID[];
  /** How many participants there are in all. */
  participantsTotal: number;
  /** Which of the request's users do not exist. */
  skippedXCUserIDs: string[];
  /** The request named participants for a room that exists. Only create_or_update sets it. */
  participantsIgnored: boolean;
}

export interface RoomData {
  /** The room. */
  room: Room;
  /** Who is in it, or one page of them. */
  participants: Participant[];
  /** The userIDs of the room's admins. */
  adminUserIDs: UserID[];
  /** How many participants there are in all. */
  participantsTotal: number;
}

/** A room was made, changed, deleted, locked or frozen, or one of the last three was undone. */
export interface RoomEvent {
  id: EventID;
  /** What it tells of. */
  type: "room.created" | "room.updated" | "room.deleted" | "room.locked" | "room.unlocked" | "room.restored" | "room.frozen" | "room.unfrozen";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** The room it happened in. */
    room?: Room;
    /** Who did it; absent where that is the app. */
    by?: EventUser;
  };
}

/** The server's id of a room: g, t or c and a number for groups, transaction rooms and channels, or the ids of the two users of a personal room, as in 7-8. */
export type RoomID = string;

export interface RoomListData {
  /** The rooms, newest message first. */
  rooms: RoomSummary[];
  /** Whether there are more rooms after these. */
  hasMore: boolean;
}

export interface RoomSummary {
  /** The newest message; its room is the room. */
  lastMessage: Message;
  /** How many messages the user has not read. */
  unreadCount: number;
}

/** Whether the texts of messages stay in the SDKs' cipher. */
export type SealedTexts = boolean | null;

export interface SearchMessagesRequest {
  /** The words that the messages have, at least one and at most 32. */
  query: string;
  /** Only messages of this room, by your own id. */
  xcRoomID?: string | null;
  roomID?: EitherRoomID;
  /** Only messages that this user has sent, by your own id; users who are deleted now count, too. */
  xcUserID?: string | null;
  /** The same by Parlor's id. */
  userID?: string | null;
  /** Only messages that were not sent before, in Unix milliseconds. */
  from?: number | null;
  /** Only messages that were not sent after, in Unix milliseconds. */
  until?: number | null;
  sealed?: SealedTexts;
  cursor?: Cursor;
  /** How many messages to answer at most. Of large ones there are fewer. */
  limit?: number | null;
}

/** What the message to many rooms is called. */
export type SendID = string;

export interface SendMessageRequest {
  /** 1001 is a text, 1002 an image, 2001 products; 3000 to 3999 are yours. */
  messageType: number;
  /** The text, which is also the text of the push notification. */
  body: string;
  /** The payload, a JSON object or array as text. Must be absent or empty for 1001, and is needed for 1002. */
  data?: string | null;
  /** Carried along for your app. It also hides all parts but the last of a long message. */
  filterID?: string | null;
  /** Store the message, but do not show it. */
  isHidden?: boolean | null;
  /** The sender, by the server's id. Needed unless `senderXCUserID` is there. */
  senderUserID?: string | null;
  /** The sender, by your own id. */
  senderXCUserID?: string | null;
  /** Target: a user, by the server's id. */
  recipientUserID?: string | null;
  /** Target: a user, by your own id. */
  recipientXCUserID?: string | null;
  /** Target: a room, by the server's id. */
  roomID?: string | null;
  /** Target: a room, by your own id. */
  xcRoomID?: string | null;
  /** Your own name for the message, to repeat a call safely. Absent, the server makes one. */
  localID?: string | null;
  /** What is shown above the message. */
  quote?: QuoteRequest;
}

export interface SendSystemRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** The text, without braces. */
  body: string;
}

/** What has become of it in one room. */
export interface SendToRoom {
  /** The room, where it was named by the server's id. */
  roomID: string;
  /** The room, where it was named by yours. */
  xcRoomID: string;
  /** Whether it is sent there. */
  status: "waiting" | "sent" | "failed";
  /** The localID of the message there. */
  localID: string;
  /** When it was sent; 0 where it is not. */
  sentTime: Time;
  /** Why it failed; empty texts where it did not. */
  error: {
    /** The code of the error. */
    code: string;
    /** English text for developers. */
    message: string;
  };
}

export interface SendToRoomsData {
  sendID: SendID;
  /** How many rooms there are, each once. */
  total: number;
}

export interface SendToRoomsRequest {
  /** 1001 is a text, 1002 an image, 2001 products; 3000 to 3999 are yours. */
  messageType: number;
  /** The text, which is also the text of the push notification. */
  body: string;
  /** The payload, a JSON object or array as text. Must be absent or empty for 1001, and is needed for 1002. */
  data?: string | null;
  /** Carried along for your app. It also hides all parts but the last of a long message. */
  filterID?: string | null;
  /** Store the message, but do not show it. */
  isHidden?: boolean | null;
  /** The sender, by the server's id. Needed unless `senderXCUserID` is there. */
  senderUserID?: string | null;
  /** The sender, by your own id. */
  senderXCUserID?: string | null;
  /** The rooms, by the server's ids. Needed unless `xcRoomIDs` is there. A personal room needs the sender in it. */
  roomIDs?: string[] | null;
  /** The rooms, by your own ids. */
  xcRoomIDs?: string[] | null;
  /** Your own name for it, which is its `sendID` then, to repeat a call safely. Absent, the server makes one. */
  localID?: string | null;
  /** What is shown above the message. */
  quote?: QuoteRequest;
}

export interface SendToRoomsStatusData {
  sendID: SendID;
  status: WorkStatus;
  /** When the call was made. */
  created: Time;
  /** When it was done; 0 while it is running. */
  finished: Time;
  /** How many rooms there are. */
  total: number;
  /** To how many of them it is sent. */
  sent: number;
  /** To how many of them it never will be. */
  failed: number;
  /** A page of the rooms. */
  rooms: SendToRoom[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

/** A participant, and when that user was deleted. */
export interface Sender {
  userID: UserID;
  /** Your own id of the user; empty when the app itself speaks. */
  xcUserID: string;
  /** The name that others see. */
  fullname: string;
  /** The e-mail address. */
  email: string;
  /** Whether the e-mail address was verified. */
  isEmailVerified: boolean;
  /** The id of the user's country. */
  countryID: number;
  /** The calling code of that country. */
  countryCallingCode: string;
  /** The phone number. */
  phone: string;
  /** The phone number with its calling code. */
  phoneWithCode: string;
  /** Whether the phone number was verified. */
  isPhoneVerified: boolean;
  /** The name to find the user by. */
  username: string;
  /** What the user says of themselves. */
  bio: string;
  /** The user's picture. */
  imageURL: ImageURL;
  /** The user's role. */
  userRole: UserRole;
  /** When the user last signed in. */
  lastLogin: Time;
  /** When the user last did something. */
  lastActivity: Time;
  /** Whether the user is connected right now. */
  isOnline: boolean;
  /** When the user was made. */
  created: Time;
  /** When the user was last changed. */
  updated: Time;
  /** When the user was deleted. */
  deleted: Time;
}

export interface SentData {
  /** Always true. */
  success: true;
  /** Always empty. */
  message: string;
  /** The localID of the message; of the last one when the body was split. */
  localID: string;
  /** A message of this sender and localID was stored before, and nothing new was. */
  repeated: boolean;
  /** That message says something else, or says it elsewhere. False for one that was edited or deleted since. */
  contentDiffers: boolean;
}

export interface SentSystemData {
  messageID: MessageID;
  /** The message's localID. */
  localID: string;
  /** When it was stored. */
  created: Time;
}

export interface SetAdminsRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** Who is to be an admin. Repeated ids count once. Absent to change nothing. */
  adminXCUserIDs?: XCUserID[] | null;
}

export interface SetBeforeHookRequest {
  url: WebhookURL;
  /** How long an answer is waited for, in milliseconds. */
  timeout?: number | null;
  /** What happens to a message without an answer in time; it is stored or refused. */
  onFailure?: "allow" | "refuse" | "" | null;
}

export interface SetParticipantDataRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** The user. */
  xcUserID: XCUserID;
  data: OwnDataParam;
}

export interface SetRetentionRequest {
  /** How many days after it was sent a message is removed. */
  days: number;
  /** Only in rooms with this tag. Absent or empty, in all rooms none of whose tags has a rule. */
  tag?: RetentionTag;
}

export interface SetRoomDataRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  data: OwnDataParam;
}

export interface SetUserDataRequest {
  /** Your own id of the user. */
  xcUserID: XCUserID;
  data: OwnDataParam;
}

export interface SignOutRequest {
  /** Your own id of the user. */
  xcUserID: XCUserID;
  /** The one device, as it named itself in `Device-Identifier` when it signed in. */
  deviceID?: string | null;
}

export interface SignedOutData {
  /** How many logins were ended. */
  loginsEnded: number;
}

export interface StoredData {
  /** True. */
  success: true;
  /** What happened. */
  message: "The data has been stored";
}

export interface SyncContactsRequest {
  /** The contacts to add or delete. */
  contacts: ContactChange[];
}

export interface Target {
  /** What the action was done to; user or empty. */
  targetType: string;
  /** The id of that user. */
  targetID: UserID;
  /** Your own id of that user. */
  targetXCID: string;
  /** That user's name. */
  targetName: string;
}

export interface TicketData {
  /** Buys one login. */
  ticket: string;
  userID: UserID;
}

/** Unix milliseconds, 0 for never. */
export type Time = number;

/** A message as events have it: its texts are plain unless they are asked for sealed. */
export interface ToldMessage {
  messageID: MessageID;
  /** The sender's name for the message, and the key to its cipher. */
  localID: string;
  /** The message type; 9001 for what Parlor itself tells. */
  type: number;
  /** The text, plain or in the SDKs' cipher. */
  body: string;
  /** The payload, likewise; empty if there is none. */
  data: string;
  /** The filter id. */
  filterID: string;
  /** Whether the message is not to be shown. */
  isHidden: boolean;
  /** What is shown above the message. */
  quote: Quote;
  /** The message it replies to. */
  replyTo: ReplyTo;
  /** The message it was forwarded from. */
  forwardFrom: ForwardFrom;
  /** The room it is in. */
  room: Room;
  /** Who sent it. */
  user: Sender;
  /** The other user of a personal room; "0" in every other room. */
  recipientID: UserID;
  /** What a system message tells; empty in all others. */
  action: string;
  /** The user whom a system message is about. */
  target: Target;
  /** Always false for what the server has. */
  isSending: boolean;
  /** Always false; message.delivered tells. */
  isDelivered: boolean;
  /** Always false; message.read tells. */
  isRead: boolean;
  /** Whether it was deleted. */
  isDeleted: boolean;
  /** Whether its sender has changed it. */
  isMessageEdited: boolean;
  /** When it was sent. */
  created: Time;
  /** When it was last changed. */
  updated: Time;
  /** When it was deleted. */
  deleted: Time;
  /** The type by name. */
  typeName: "text" | "image" | "video" | "file" | "link" | "products" | "system_message" | "custom" | "other";
}

export interface UnfreezeRoomData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words. */
  message: "The room has been unfrozen" | "The room is not frozen";
}

export interface UnlockData {
  /** Whether the call changed something. */
  success: boolean;
  /** What happened, in these very words and in this spelling. */
  message: "The room has been unlocked succesfully" | "The room is already unlocked";
}

export interface UnreadByRoomData {
  /** How much was unread in all rooms with the first page. */
  unreadCount: number;
  /** The rooms in which something is unread. */
  rooms: ({
    /** Parlor's id of the room. */
    roomID: string;
    /** Your own id of the room; empty for one that is not yours. */
    xcRoomID: string;
    /** 1 personal, 2 group, 3 channel, 4 transaction room. */
    type: 1 | 2 | 3 | 4;
    /** How much is unread in it. */
    unreadCount: number;
  })[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

export interface UnreadPeopleData {
  /** The participants. */
  participants: {
    userID: UserID;
    /** Your own id of the user. */
    xcUserID: string;
    /** How much they have not read in the room. */
    unreadCount: number;
  }[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

export interface UnrestrictRequest {
  xcRoomID?: EitherXCRoomID;
  roomID?: EitherRoomID;
  /** The users. Repeated ids count once. */
  participantXCUserIDs: XCUserID[];
}

export interface UpdateRoleRequest {
  /** The role's code. It decides whether a role is made or changed. */
  code: RoleCode;
  /** The name that apps show. */
  name?: string | null;
  /** Where the icon is. */
  iconURL?: string | null;
}

export interface UpdateUserRequest {
  /** Your own id of the user. It decides whether a user is made or changed. */
  xcUserID: XCUserID;
  fullName: FullName;
  email?: Email;
  phone?: Phone;
  username?: Username;
  photoThumbnailURL?: PhotoThumbnailURL;
  photoFullsizeURL?: PhotoFullsizeURL;
  userRoleCode?: UserRoleCode;
  countryID?: CountryID;
  countryCallingCode?: CountryCallingCode;
  phoneWithCode?: PhoneWithCode;
  isPhoneVerified?: IsPhoneVerified;
  bio?: Bio;
}

export interface UpdateWebhookRequest {
  /** The address to be called. */
  url?: string | null;
  types?: EventTypes;
  roomTags?: EventRoomTags;
  roomTypes?: EventRoomTypes;
  /** How many events one call may hold. */
  batch?: number | null;
  /** Whether the texts of messages stay in the SDKs' cipher. */
  sealed?: boolean | null;
  /** Whether it is not called for now. */
  paused?: boolean | null;
  webhookID: WebhookID;
}

export interface UserData {
  userID: UserID;
}

/** A user was made, changed, deleted, deactivated or reactivated, or came or went. */
export interface UserEvent {
  id: EventID;
  /** What it tells of. */
  type: "user.created" | "user.updated" | "user.deleted" | "user.deactivated" | "user.reactivated" | "user.erased" | "user.online" | "user.offline";
  timestamp: EventTimestamp;
  /** The same in Unix milliseconds. */
  created: Time;
  /** What it is about. */
  data: {
    /** That user, as they are now. */
    user?: Sender;
    /** Of user.erased, which erasure it is. */
    erasureID?: ErasureID;
  };
}

/** The server's id of a user, in decimal digits; "0" for nobody. */
export type UserID = string;

export interface UserPageData {
  /** The users. */
  users: ListedUser[];
  nextCursor: NextCursor;
  /** Whether there is a next page. */
  hasMore: boolean;
}

export type UserPageLimit = number | null;

export interface UserRole {
  /** The role's code; empty if the user has none. */
  code: string;
  /** The role's name; empty if the role was never described. */
  name: string;
  /** The role's icon. */
  iconURL: string;
}

/** The code of the user's role; `""` takes the role away. */
export type UserRoleCode = string | null;

/** The name to find the user by. No two users of an app share one, in whatever case. */
export type Username = string | null;

export interface Webhook {
  /** The webhook's id. */
  webhookID: string;
  /** The address that is called. */
  url: string;
  /** The types of events it is told; empty for all. */
  types: EventType[];
  /** Tags, one of which the room has; empty for any. */
  roomTags: string[];
  /** The types of rooms; empty for any. */
  roomTypes: number[];
  /** How many events one call may hold. */
  batch: number;
  /** Whether texts stay in the SDKs' cipher. */
  sealed: boolean;
  /** Whether it is called; `paused` for one that you have paused, `gone` for one that has answered HTTP 410. */
  state: "active" | "paused" | "gone";
  /** How many calls have failed in a row. */
  failures: number;
  /** When it is probed next, if it rests. */
  retryTime: Time;
  /** Why a call has failed last. */
  lastError: string;
  /** When that was. */
  lastErrorTime: Time;
  /** When a call has succeeded last. */
  lastSuccessTime: Time;
  /** When it was made. */
  created: Time;
  /** When it was last changed. */
  updated: Time;
}

export interface WebhookData {
  /** The webhook. */
  webhook: Webhook;
}

export interface WebhookDeletedData {
  /** Always true. */
  success: true;
  /** Always empty. */
  message: "";
}

/** The webhook's id. */
export type WebhookID = string;

export interface WebhookListData {
  /** The webhooks, the oldest first. */
  webhooks: Webhook[];
}

export interface WebhookRequest {
  webhookID: WebhookID;
}

export interface WebhookStatus {
  /** The webhook's id. */
  webhookID: string;
  /** The address that is called. */
  url: string;
  /** The types of events it is told; empty for all. */
  types: EventType[];
  /** Tags, one of which the room has; empty for any. */
  roomTags: string[];
  /** The types of rooms; empty for any. */
  roomTypes: number[];
  /** How many events one call may hold. */
  batch: number;
  /** Whether texts stay in the SDKs' cipher. */
  sealed: boolean;
  /** Whether it is called; `paused` for one that you have paused, `gone` for one that has answered HTTP 410. */
  state: "active" | "paused" | "gone";
  /** How many calls have failed in a row. */
  failures: number;
  /** When it is probed next, if it rests. */
  retryTime: Time;
  /** Why a call has failed last. */
  lastError: string;
  /** When that was. */
  lastErrorTime: Time;
  /** When a call has succeeded last. */
  lastSuccessTime: Time;
  /** When it was made. */
  created: Time;
  /** When it was last changed. */
  updated: Time;
  /** How many events wait to be tried again. */
  parkedEvents: number;
  /** How many were given up. */
  deadEvents: number;
}

export interface WebhookStatusData {
  /** The webhook. */
  webhook: WebhookStatus;
}

/** The address to be called, https. A server with webhook-private-network calls http and private addresses as well. */
export type WebhookURL = string;

/** Whether it is done; stopped where an operator has had the rest not be done. */
export type WorkStatus = "running" | "done" | "stopped";

/** Your own id of the room. */
export type XCRoomID = string;

/** Your own id of the user. */
export type XCUserID = string;
