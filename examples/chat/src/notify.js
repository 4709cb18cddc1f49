// Push notifications of the browser, for who is elsewhere.

import * as chat from './chat.js';
import { $ } from './dom.js';

// begin shows the bell where the server and the browser can do it.
export async function begin(open) {
  await chat.loaded; // and with it what the server can do
  const key = chat.webPushKey();
  if (!key || !('serviceWorker' in navigator) || !('PushManager' in window)) {
    return;
  }
  const worker = await navigator.serviceWorker.register('sw.js');
  navigator.serviceWorker.onmessage = ({ data }) => open(data.roomID);
  const draw = async () => {
    const isOn = Boolean(await worker.pushManager.getSubscription());
    $('notify').hidden = false;
    $('notify').classList.toggle('active', isOn);
    $('notify').ariaLabel = $('notify').title = isOn ? 'Notifications are on' : 'Notifications are off';
  };
  $('notify').onclick = async () => {
    try {
      const held = await worker.pushManager.getSubscription();
      if (held) {
        await chat.registerPush({});
        await held.unsubscribe();
      } else if ((await Notification.requestPermission()) === 'granted') {
        const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
        await chat.registerPush(made.toJSON());
      }
    } catch (error) {
      console.warn(`notifications: ${error.message}`);
    }
    await draw();
  };
  await draw();
}
