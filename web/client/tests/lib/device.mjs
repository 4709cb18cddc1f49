// What an app does, without an SDK.

import { randomBytes } from 'node:crypto';
import { appKey } from '../../../e2e/lib/parlor.mjs';

// send signs a device in with a ticket, and has it send a text into a room.
export async function send(base, ticket, roomID, body) {
  const call = async (path, token, params) => {
    const response = await fetch(`${base}/v1/${path}`, {
      method: 'POST',
      headers: {
        'App-Key': Buffer.from(`${appKey.id}:${appKey.secret}`).toString('base64'),
        Authorization: `Bearer ${token}`,
        'Device-Identifier': 'phone',
        'Device-Platform': 'web',
      },
      body: JSON.stringify(params),
    });
    const { status, error, data } = await response.json();
    if (status !== 200) {
      throw new Error(`${path}: ${JSON.stringify(error)}`);
    }
    return data;
  };
  const { accessToken } = await call('auth/access_token/request', ticket, {});
  const localID = randomBytes(24).toString('base64url');
  await call('chat/message/send/custom', accessToken, { roomID, localID, messageType: 1001, body });
}
