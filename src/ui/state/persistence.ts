// Asks the browser once a visit not to evict kept runs when space runs low.

let asked = false;

/** Called when there is something worth keeping; a refusal changes nothing but what the browser may evict. */
export async function askToPersist(): Promise<void> {
  if (asked) return;
  asked = true;
  // Older browsers lack `persist`, whatever the types say.
  const storage = navigator.storage as Partial<StorageManager>;
  await storage.persist?.().catch(() => false);
}
