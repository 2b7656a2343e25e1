import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, errorText } from '../kernel/index.ts';
import { installErrors } from './errors.ts';

/** A file before and after; latin1, one byte a character. `undefined` is no file. */
export interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Whose owner and mode a new file takes; a directory gives its owner. */
  readonly like: string;
}

export const backupSuffix = '.ringmaster-backup';

export function readBytes(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

/** Refuses what the owner has protected; also for root, who could write it all the same. */
export function checkWritable({ path, before }: Change): void {
  if (before !== undefined && (statSync(path).mode & 0o200) === 0) throw new AppError(installErrors.read_only, path);
}

/**
 * Writes all files or none: each by a new file that takes the old one's place in one step, with a copy of the old one
 * beside it. Owner, group and mode stay; a symbolic link stays one. Throws `install.cannot_write` with everything put back.
 */
export function writeAll(changes: readonly Change[]): void {
  const done: Change[] = [];
  try {
    for (const change of changes) {
      if (readBytes(change.path) !== change.before) throw new AppError(installErrors.changed_meanwhile, change.path);
      keepBackup(change);
      put(change.path, change.after, change.like);
      done.push(change);
    }
  } catch (cause) {
    for (const { path, before, like } of done.reverse()) put(path, before, like);
    if (cause instanceof AppError) throw cause;
    throw new AppError(installErrors.cannot_write, errorText(cause), { cause });
  }
}

/** Of a file that somebody else has; of our own nothing stays behind. */
function keepBackup({ path, before, after }: Change): void {
  if (after === undefined) rmSync(path + backupSuffix, { force: true });
  else if (before !== undefined) copyFileSync(path, path + backupSuffix);
}

function put(link: string, text: string | undefined, like: string): void {
  const exists = existsSync(link);
  const path = exists ? realpathSync(link) : link;
  if (text === undefined) return rmSync(path, { force: true });
  const model = statSync(exists ? path : like);
  const mode = model.isDirectory() ? 0o640 : model.mode & 0o777;
  const fresh = join(dirname(path), `.${basename(path)}.ringmaster-${process.pid}`);
  try {
    const handle = openSync(fresh, 'wx', 0o600);
    try {
      writeSync(handle, Buffer.from(text, 'latin1'));
      fchmodSync(handle, mode);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    const { uid, gid } = statSync(fresh);
    if (uid !== model.uid || gid !== model.gid) chownSync(fresh, model.uid, model.gid);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
