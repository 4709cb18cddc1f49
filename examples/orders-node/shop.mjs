// Orders and tickets, as the shop's own pages ask for them.

import { createHash } from 'node:crypto';

// staff is who speaks for the shop.
export const staff = 'shop';

// openOrder opens the chat of an order, with its customer and the shop in it. It can be asked for again: there
// is one room for each order.
export async function openOrder(parlor, { order, customer, name }) {
  const xcRoomID = `ORD-${order}`;
  await parlor.users.update({ xcUserID: customer, fullName: name });
  await parlor.rooms.createOrUpdate({ xcRoomID, type: 4, name: `Order ${order}`, participantXCUserIDs: [staff] });
  // The participants of createOrUpdate count for a new room only.
  const { room } = await parlor.participants.add({ xcRoomID, participantXCUserIDs: [customer] });
  await say(parlor, xcRoomID, localID('welcome', xcRoomID), `Thank you for order ${order}, ${name}.`);
  return { roomID: room.roomID };
}

// ticketFor lets a customer's app sign in. A real shop knows from its own login who is asking.
export async function ticketFor(parlor, { customer, name }) {
  const { ticket } = await parlor.tickets.request({ xcUserID: customer, fullName: name });
  return { ticket };
}

// say has the shop say something once, however often it is called with this localID.
export async function say(parlor, xcRoomID, localID, body) {
  await parlor.messages.sendCustom({ messageType: 1001, body, senderXCUserID: staff, xcRoomID, localID });
}

// localID is the name of the one message that is sent for a reason.
export function localID(why, id) {
  return createHash('sha256').update(`${why} ${id}`).digest('base64url');
}
