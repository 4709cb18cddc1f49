// A real Parlor for one test: the built binary, a data folder of its own, a free port.

import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const binary =
  process.env.PARLOR_BIN ?? fileURLToPath(new URL('../../../bin/parlor', import.meta.url));

export const appKey = { id: 'test-app', secret: 'secret-of-the-tests-2' };
export const serverKey = 'test-server:secret-of-the-tests-1';

// vapidKey is a key for push notifications to browsers.
export const vapidKey = () =>
  execFileSync(binary, ['push', 'vapid-key']).toString().match(/^PARLOR_VAPID_KEY=(.*)$/m)[1];

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Parlor {
  #env;
  #process;
  #output = '';
  #users = 0;

  // start brings up a server; env adds settings to it.
  static async start(env = {}) {
    const parlor = new Parlor();
    parlor.port = await freePort();
    parlor.base = `http://127.0.0.1:${parlor.port}`;
    parlor.data = await mkdtemp(path.join(tmpdir(), 'parlor-e2e-'));
    parlor.#env = {
      // Settings of the caller's shell must not reach the tests.
      ...Object.fromEntries(Object.entries(process.env).filter(([k]) => !k.startsWith('PARLOR_'))),
      PARLOR_SERVER_KEY: serverKey,
      PARLOR_APP_KEY: `${appKey.id}:${appKey.secret}`,
      PARLOR_PUBLIC_URL: parlor.base,
      ...env,
    };
    try {
      await parlor.up();
    } catch (error) {
      await parlor.stop();
      throw error;
    }
    return parlor;
  }

  // up starts the process, for the first time or again, and waits until it is ready.
  async up() {
    const args = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data];
    const child = spawn(binary, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let failure;
    child.on('error', (error) => {
      failure = error;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-20_000);
      });
    }
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline) {
      if (failure || child.exitCode !== null) {
        throw new Error(`${binary} did not start: ${failure?.message ?? this.log()}`);
      }
      try {
        if ((await fetch(`${this.base}/readyz`)).ok) {
          return;
        }
      } catch {
        // Not listening yet.
      }
      await delay(20);
    }
    throw new Error(`no good answer to /readyz within 15 s: ${this.log()}`);
  }

  // kill ends the process as a power cut would.
  async kill() {
    await this.#end('SIGKILL');
  }

  async stop() {
    await this.#end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.#process;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const gone = once(child, 'exit');
    // A server that does not stop when asked must not hang the tests.
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.kill(signal);
    await gone;
    clearTimeout(timer);
  }

  // log is the end of what the server has printed.
  log() {
    return this.#output.split('\n').slice(-40).join('\n');
  }

  // call does one call of the server API, as the customer's backend would.
  async call(name, body) {
    const response = await fetch(`${this.base}/v1/server/${name}`, {
      method: 'POST',
      headers: { 'Server-Key': Buffer.from(serverKey).toString('base64') },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (answer.status !== 200) {
      throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.error)}`);
    }
    return answer.data;
  }

  // user makes a user whose id no other test has; more has further parameters.
  async user(fullName, more = {}) {
    this.#users += 1;
    const xcUserID = `${fullName.toLowerCase().replaceAll(/\W/g, '-')}-${this.#users}`;
    const { userID } = await this.call('user/update', { xcUserID, fullName, ...more });
    return { xcUserID, fullName, userID };
  }

  async ticket(user) {
    const { ticket } = await this.call('auth_ticket/request', {
      userIPAddress: '127.0.0.1',
      userAgent: 'parlor-e2e',
      userPlatform: 'web',
      userDeviceID: randomUUID(),
      xcUserID: user.xcUserID,
      fullName: user.fullName,
    });
    return ticket;
  }

  // group makes a room of the given users, and returns the room object.
  async group(name, users) {
    const { room } = await this.call('room/create_or_update', {
      xcRoomID: `ORD-${name.replaceAll(/\W/g, '-')}`.slice(0, 50),
      type: 2,
      name,
      participantXCUserIDs: users.map((user) => user.xcUserID),
    });
    return room;
  }

  // say sends a text in a user's name, to a room or to another user.
  async say(from, target, body) {
    return this.call('message/send/custom', {
      messageType: 1001,
      body,
      senderXCUserID: from.xcUserID,
      ...(target.roomID ? { roomID: target.roomID } : { recipientXCUserID: target.xcUserID }),
    });
  }
}
