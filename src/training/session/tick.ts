// Lets waiting messages in: a turn of the event loop without a timer, which a hidden tab would slow down.

/** Resolves after messages that already wait (a click on Pause) have been handled. */
export function tick(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
