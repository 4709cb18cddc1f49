// The backend of a small shop, with a chat for each order: it opens rooms, lets customers sign in, and answers what
// they write. Copy it and put your shop in its place.

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Backend, Code, ParlorError } from 'parlor-client';
import { answerMessages } from './inbox.mjs';
import { openOrder, staff, ticketFor } from './shop.mjs';

const { PARLOR_URL = 'http://127.0.0.1:8080', PARLOR_SERVER_KEY = '', ORDERS_LISTEN = '127.0.0.1:8095' } = process.env;
const { ORDERS_CURSOR = 'orders.cursor' } = process.env;

const parlor = new Backend({ url: PARLOR_URL, key: PARLOR_SERVER_KEY });
await parlor.users.update({ xcUserID: staff, fullName: 'Corner Shop' });

const calls = { '/orders': openOrder, '/tickets': ticketFor };

const server = createServer(async (request, response) => {
  const call = request.method === 'POST' ? calls[request.url] : undefined;
  if (!call) {
    response.writeHead(404).end();
    return;
  }
  try {
    const answer = await call(parlor, await json(request));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  } catch (error) {
    const theirs = error instanceof SyntaxError || (error instanceof ParlorError && error.code === Code.Invalid);
    response.writeHead(theirs ? 400 : 502).end(error.message);
  }
});
const [host, port] = ORDERS_LISTEN.split(':');
server.listen(Number(port), host, () => console.log(`the shop is at http://${ORDERS_LISTEN}`));

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    stop.abort();
  });
}
try {
  await answerMessages(parlor, ORDERS_CURSOR, stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    throw error;
  }
}
