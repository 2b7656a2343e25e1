import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../kernel/index.ts';
import { findBlock, withBlock, withoutBlock } from './block.ts';
import { installErrors } from './errors.ts';
import { type Change, checkWritable, readBytes } from './files.ts';
import type { Piece } from './snippets.ts';

/** What installing would change, in the order of writing; nothing when all is as it should be. */
export function planInstall(dir: string, wanted: readonly Piece[], overwrite: boolean): readonly Change[] {
  checkDir(dir);
  return changesOf(dir, wanted, ({ file, body, mustExist }, before) => {
    if (mustExist && before === undefined) throw new AppError(installErrors.not_there, `no ${file} in ${dir}`);
    refuseEdited(before, file, overwrite);
    return withBlock(before, body, file);
  });
}

/** What removing would change: the other way round, so that nothing includes a file that is gone. */
export function planRemove(dir: string, wanted: readonly Piece[], overwrite: boolean): readonly Change[] {
  checkDir(dir);
  return changesOf(dir, wanted.toReversed(), ({ file }, before) => {
    refuseEdited(before, file, overwrite);
    return before === undefined ? undefined : withoutBlock(before, file);
  });
}

function changesOf(
  dir: string,
  wanted: readonly Piece[],
  afterOf: (piece: Piece, before: string | undefined) => string | undefined,
): readonly Change[] {
  const changes = wanted.map((piece) => {
    const path = join(dir, piece.file);
    const before = readBytes(path);
    const model = piece.like === undefined ? dir : join(dir, piece.like);
    return { path, before, after: afterOf(piece, before), like: existsSync(model) ? model : dir };
  });
  const real = changes.filter(({ before, after }) => before !== after);
  for (const change of real) checkWritable(change);
  return real;
}

function refuseEdited(before: string | undefined, file: string, overwrite: boolean): void {
  if (before === undefined || overwrite) return;
  if (findBlock(before, file)?.edited) throw new AppError(installErrors.block_edited, file);
}

function checkDir(dir: string): void {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) throw new AppError(installErrors.not_there, dir);
}
