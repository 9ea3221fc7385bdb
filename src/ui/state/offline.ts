// Keeps the page for use without a network, and hears when a newer version of it has arrived.

/**
 * Registers the service worker of a built page. `onUpdate` hears of a newer version that waits; what it is given lets
 * that version take over and loads the page anew.
 */
export async function keepOffline(onUpdate: (takeOver: () => void) => void): Promise<void> {
  // Missing where the page comes neither over https nor from this machine.
  const container = (navigator as Partial<Navigator>).serviceWorker;
  const registration = await container?.register('./offline.js').catch(() => null);
  if (!container || !registration) return;
  const offer = (): void => {
    const { waiting } = registration;
    // The first version waits for nobody.
    if (!waiting || !container.controller) return;
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
