// The service worker: it shows what the server pushes while no page does.

self.addEventListener('push', (event) => event.waitUntil(show(event.data.json())));

async function show({ title, body, roomID }) {
  // A page in sight shows it by itself. The browser wants a notification all the same, so
  // there is one without a sound.
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const silent = pages.some((page) => page.visibilityState === 'visible');
  await self.registration.showNotification(title, { body, tag: roomID, dir: 'auto', silent, data: { roomID } });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});

async function lead(data) {
  const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const shown = page ? await page.focus() : await self.clients.openWindow('./');
  shown?.postMessage(data);
}
