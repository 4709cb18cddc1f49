// The backend of the example, in place of a customer's: it holds the server key, makes
// sample users, rooms and messages, serves the page, and gets tickets for it.
//
//   node serve.mjs        seed, then serve
//   node serve.mjs seed   seed only

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const env = (name, otherwise) => {
  const value = process.env[name] || otherwise;
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(1);
  }
  return value;
};

const parlor = env('PARLOR_URL', 'http://127.0.0.1:8080');
const serverKey = env('PARLOR_SERVER_KEY');
const [appKeyID, appKeySecret] = env('PARLOR_APP_KEY').split(':');
const [host, port] = env('DEMO_LISTEN', '127.0.0.1:8090').split(':');

const users = [
  { xcUserID: 'demo-ana', fullName: 'Buyer Ana', about: 'Ordered a coffee machine' },
  { xcUserID: 'demo-bo', fullName: 'Seller Bo', about: 'Sells it' },
  { xcUserID: 'demo-cy', fullName: 'Courier Cy', about: 'Brings it' },
  { xcUserID: 'demo-dee', fullName: 'Support Dee', about: 'Is in every room, by role', role: 'demo:support' },
];

// Who is in a room by name; support is in all of them by its role.
const rooms = [
  {
    xcRoomID: 'demo-order-988',
    name: 'Order 988',
    members: ['demo-ana', 'demo-bo'],
    says: [
      ['demo-bo', 'Your grinder was handed over today.'],
      ['demo-ana', 'Got it, thank you!'],
      ['demo-dee', 'This order is complete, so I am closing the room.'],
    ],
    lockedBy: 'demo-dee',
  },
  {
    xcRoomID: 'demo-ticket-318',
    name: 'Ticket 318: invoice',
    members: ['demo-ana'],
    says: [
      ['demo-ana', 'The invoice has my old address on it.'],
      ['demo-dee', 'I am sorry. I have sent you a corrected one just now.'],
    ],
  },
  {
    xcRoomID: 'demo-deal-7',
    name: 'Deal 7: forty chairs',
    members: ['demo-ana', 'demo-bo'],
    says: [
      ['demo-ana', 'Is there a better price for forty of them?'],
      ['demo-bo', 'From thirty on it is 12 % less.'],
    ],
  },
  {
    xcRoomID: 'demo-order-1042',
    name: 'Order 1042: coffee machine',
    members: ['demo-ana', 'demo-bo', 'demo-cy'],
    says: [
      ['demo-bo', 'Thank you for your order. It is packed.'],
      ['demo-cy', 'I have it on board. I can be there at four.'],
      ['demo-ana', 'Four is fine. Please ring twice.'],
    ],
  },
];

class Refused extends Error {}

// call does one call of Parlor's server API.
async function call(name, body) {
  const response = await fetch(`${parlor}/v1/server/${name}`, {
    method: 'POST',
    headers: { 'Server-Key': Buffer.from(serverKey).toString('base64') },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (answer.status !== 200) {
    const refused = new Refused(`${name}: ${answer.error.message}`);
    refused.code = answer.error.code;
    throw refused;
  }
  return answer.data;
}

async function exists(xcRoomID) {
  try {
    await call('room/get', { xcRoomID });
    return true;
  } catch (error) {
    if (error.code === '40401') {
      return false;
    }
    throw error;
  }
}

// seed can be run again: what is there stays as it is. The messages have localIDs of
// their own, so a seed that was cut short can be finished without saying things twice.
async function seed() {
  for (const { xcUserID, fullName, role } of users) {
    await call('user/update', { xcUserID, fullName, userRoleCode: role });
  }
  const ids = users.map((user) => user.xcUserID);
  await call('contact/sync', {
    contacts: ids.flatMap((ownerXCUserID) =>
      ids
        .filter((id) => id !== ownerXCUserID)
        .map((contactXCUserID) => ({ ownerXCUserID, contactXCUserID })),
    ),
  });
  for (const { xcRoomID, name, members, says, lockedBy } of rooms) {
    if (!(await exists(xcRoomID))) {
      await call('room/create_or_update', {
        xcRoomID,
        type: 2,
        name,
        participantXCUserIDs: members,
        participantUserRoles: ['demo:support'],
      });
    }
    for (const [n, [senderXCUserID, body]] of says.entries()) {
      await call('message/send/custom', {
        messageType: 1001,
        body,
        senderXCUserID,
        xcRoomID,
        localID: `${xcRoomID}_seed_message_${n}`.padEnd(32, '_'),
      });
    }
    if (lockedBy) {
      await call('room/lock', { xcRoomID, xcUserID: lockedBy });
    }
  }
}

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/sw.js': ['sw.js', 'text/javascript; charset=utf-8'],
  '/app.css': ['app.css', 'text/css; charset=utf-8'],
};

async function body(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) {
      throw new Refused('the request is too long');
    }
  }
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new Refused('the request is not JSON');
  }
}

// ticket answers who wants to sign in. A real backend knows its users by their own
// login; this one takes anybody's word, which is why it listens on this machine only.
async function ticket(request) {
  // A page of another origin cannot send this type without being asked first.
  if (request.headers['content-type'] !== 'application/json') {
    throw new Refused('the request must be application/json');
  }
  const { xcUserID } = await body(request);
  const user = users.find((one) => one.xcUserID === xcUserID);
  if (!user) {
    throw new Refused('there is no such sample user');
  }
  return call('auth_ticket/request', {
    userIPAddress: request.socket.remoteAddress,
    userAgent: request.headers['user-agent'] ?? 'unknown',
    userPlatform: 'web',
    userDeviceID: randomUUID(),
    xcUserID,
    fullName: user.fullName,
  });
}

async function answer(request, response) {
  const send = (status, type, content) => {
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(content);
  };
  const json = (status, value) => send(status, 'application/json', JSON.stringify(value));
  const path = request.url.split('?')[0];
  try {
    if (request.method === 'POST' && path === '/ticket') {
      json(200, { ticket: (await ticket(request)).ticket });
    } else if (request.method === 'GET' && path === '/settings.json') {
      const shown = users.map(({ xcUserID, fullName, about }) => ({ xcUserID, fullName, about }));
      json(200, { name: 'The shop', base: parlor, appKeyID, appKeySecret, users: shown });
    } else if (request.method === 'GET' && files[path]) {
      const [file, type] = files[path];
      send(200, type, await readFile(new URL(`dist/${file}`, import.meta.url)));
    } else {
      json(404, { error: 'there is nothing here' });
    }
  } catch (error) {
    console.error(error.message);
    json(error instanceof Refused ? 400 : 502, { error: error.message });
  }
}

try {
  await seed();
} catch (error) {
  console.error(`The sample data could not be made. ${error.message}`);
  process.exit(1);
}
if (process.argv[2] !== 'seed') {
  createServer(answer).listen(Number(port), host, () => {
    console.log(`The chat is at http://${host}:${port} (Ctrl-C stops it)`);
  });
}
