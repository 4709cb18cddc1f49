// A proxy before a server, or in its place, that does to each call what a test says.

import { createServer, request as ask } from 'node:http';
import { EventEmitter, once } from 'node:events';
import { buffer } from 'node:stream/consumers';

export class Faulty {
  calls = []; // what came, in order
  #faults = [];
  #came = new EventEmitter();
  #server;

  // open listens before the server with that address.
  static async open(target) {
    const faulty = new Faulty();
    faulty.target = target;
    faulty.#server = createServer((request, response) => {
      faulty.#serve(request, response).catch(() => request.socket.destroy()); // the server is away
    });
    faulty.#server.listen(0, '127.0.0.1');
    await once(faulty.#server, 'listening');
    faulty.url = `http://127.0.0.1:${faulty.#server.address().port}`;
    return faulty;
  }

  // next says what happens to the calls to come, one fault each; after them all is well. A fault is:
  //   'pass'   nothing
  //   'drop'   the connection ends before the call has reached the server
  //   'lose'   the server has done the call, and its answer is lost
  //   'cut'    the answer breaks off in its middle
  //   'hang'   no answer ever comes
  //   {status, headers, body}   that is the answer, and the server is not asked
  next(...faults) {
    this.calls = [];
    this.#faults = faults;
  }

  // came waits until so many calls have come since next.
  async came(count) {
    while (this.calls.length < count) {
      await once(this.#came, 'call');
    }
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request, response) {
    const body = await buffer(request);
    this.calls.push({ path: request.url, headers: request.headers, body: body.toString(), at: performance.now() });
    this.#came.emit('call');
    const fault = this.#faults.shift() ?? 'pass';
    if (typeof fault === 'object') {
      response.writeHead(fault.status ?? 200, fault.headers).end(fault.body ?? '');
      return;
    }
    if (fault === 'hang') {
      return;
    }
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    const { status, headers, text } = await this.#forward(request, body);
    if (fault === 'lose') {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, headers);
    if (fault === 'cut') {
      response.write(text.subarray(0, text.length / 2), () => request.socket.destroy());
      return;
    }
    response.end(text);
  }

  async #forward(request, body) {
    const { method, url, headers } = request;
    const onward = ask(this.target + url, { method, headers: { ...headers, connection: 'close' } });
    onward.end(body);
    const [answer] = await once(onward, 'response');
    return { status: answer.statusCode, headers: answer.headers, text: await buffer(answer) };
  }
}

// refusal is an answer of Parlor's that refuses.
export function refusal(code, message = 'no', headers = {}) {
  const body = JSON.stringify({ status: Number(code.slice(0, 3)), error: { code, message, field: '' }, data: {} });
  return { status: 200, headers, body };
}
