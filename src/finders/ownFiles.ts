// Files that come with the page (the runtime's binary, the finders' weights): fetched once, from the page's own origin,
// and kept by the browser, so that finders work offline afterwards.
import { UserError } from '../errors';

const cacheName = 'finders';

/**
 * The file at an address that the build gave, which changes with the content.
 * @throws UserError `finder-missing` where it is not kept and cannot be fetched.
 */
export async function ownFile(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await openCache();
  const found = await kept?.match(url);
  if (found) return new Uint8Array(await found.arrayBuffer());
  let response: Response | null = null;
  try {
    response = await fetch(url);
  } catch {
    // Offline: said below.
  }
  if (!response?.ok) {
    const message =
      'What finds faces and people could not be loaded. It comes from the same address as this page; go online once and try again.';
    throw new UserError('finder-missing', message);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Private windows and full disks keep nothing; the file is here all the same.
  await kept?.put(url, new Response(bytes)).catch(() => undefined);
  return bytes;
}

async function openCache(): Promise<Cache | null> {
  if (!('caches' in globalThis)) return null;
  try {
    return await caches.open(cacheName);
  } catch {
    return null;
  }
}
