// Keeps the page for use without a network, and offers a newer version when it has arrived.

/**
 * Registers the service worker of a built page. `onUpdate` hears of a newer version that waits; what it is given lets
 * that version take over and loads the page anew.
 */
export async function keepOffline(onUpdate: (takeOver: () => void) => void): Promise<void> {
  // Missing where the page does not come over https or from this machine.
  const container = (navigator as Partial<Navigator>).serviceWorker;
  if (container === undefined) return;
  const registration = await container.register('./offline.js').catch(() => null);
  if (registration === null) return;
  const offer = (): void => {
    const { waiting } = registration;
    if (waiting === null || container.controller === null) return;
    onUpdate(() => {
      container.addEventListener('controllerchange', () => location.reload(), { once: true });
      waiting.postMessage('take over');
    });
  };
  offer();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer);
  });
}
