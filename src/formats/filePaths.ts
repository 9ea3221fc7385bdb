// Paths of dropped and unpacked files: what nobody means, and what would leave the folder.
import { UserError } from '../errors';

/** Files that operating systems leave everywhere and nobody means. */
const litter = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX\/.*|\._[^/]*)$/;

export function isLitter(path: string): boolean {
  return litter.test(path);
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
