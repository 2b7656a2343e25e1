import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../kernel/index.ts';
import { recordingErrors } from './errors.ts';
import type { RecordingFile, RecordingFiles } from './ports.ts';

/** Files in a folder of this machine: the PBX's own, or one that it is copied to. `isLive` asks the PBX. */
export function folderFiles(
  directory: string,
  isLive: (nodeId: string, recordingId: string, signal: AbortSignal) => Promise<boolean>,
): RecordingFiles {
  return {
    async open({ nodeId, id, file }, signal): Promise<RecordingFile | 'live' | 'gone'> {
      if (await isLive(nodeId, id, signal)) return 'live';
      const path = join(directory, file);
      const size = await sizeOf(path);
      return size === undefined ? 'gone' : { bytes: size, body: createReadStream(path, { signal }) };
    },
    async remove({ file }): Promise<boolean> {
      await rm(join(directory, file), { force: true });
      return true;
    },
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AppError(recordingErrors.unreachable);
  }
}
