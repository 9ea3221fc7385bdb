// Paths of dropped and unpacked files: what nobody means, and what would leave the folder.
import { UserError } from '../errors';

/** Files and folders that systems, browsers and storage boxes leave everywhere and nobody means, in any case. */
const system =
  /^(thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|__macosx|\$recycle\.bin|system volume information|lost\+found|@eadir|@tmp|#recycle|~\$.*)$/i;

/** True for hidden files and folders (`.DS_Store`, `._clip.mp4`, `.ipynb_checkpoints/…`) and for what systems leave. */
export function isLitter(path: string): boolean {
  return path.split(/[\\/]/).some((part) => (part.startsWith('.') && !/^\.{1,2}$/.test(part)) || system.test(part));
}

/** True for an absolute path, a drive, a `..` step or a zero byte: a file outside the folder it claims to be in. */
export function leavesFolder(path: string): boolean {
  return /(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[a-z]:|\0/i.test(path);
}

/**
 * The path with forward slashes and without `./`.
 * @throws UserError `path-outside` when it leaves its folder.
 */
export function insidePath(path: string): string {
  if (leavesFolder(path))
    throw new UserError('path-outside', `A file's path points outside its folder; do not trust this data (${path})`, {
      path,
    });
  return path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

/** The name without folders. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The name without folders and extension. */
export function stemOf(path: string): string {
  return fileName(path).replace(/\.[^.]+$/, '');
}

/** The folders that all paths begin with, as `a/b/`; empty where there are none. */
export function commonFolder(paths: readonly string[]): string {
  let common = paths[0] ?? '';
  common = common.slice(0, common.lastIndexOf('/') + 1);
  for (const path of paths)
    while (!path.startsWith(common)) common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  return common;
}
