import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '../kernel/index.ts';
import { recordingErrors } from './errors.ts';

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
  /** Absent for formats whose head does not tell. */
  readonly lengthMs?: number;
}

/** RIFF head, `fmt ` with 16 bytes, head of `data`: as Asterisk writes it. */
const wavHeadBytes = 44;

/** Reads a file to its end, a chunk at a time. Throws `recording.too_large` above the limit. */
export async function digestOf(body: Readable, bytesMax: number): Promise<Digest> {
  const hash = createHash('sha256');
  const head = Buffer.alloc(wavHeadBytes);
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (bytes < wavHeadBytes) chunk.copy(head, bytes);
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AppError(recordingErrors.too_large);
    hash.update(chunk);
  }
  const lengthMs = wavLengthMs(head, bytes);
  return { bytes, sha256: hash.digest('hex'), ...(lengthMs === undefined ? {} : { lengthMs }) };
}

/** By the size of the file and not by what the head says: a PBX that died has not written the length there. */
function wavLengthMs(head: Buffer, bytes: number): number | undefined {
  const isWav = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WAVE';
  const bytesPerSecond = head.readUInt32LE(28);
  if (!isWav || bytes < wavHeadBytes || bytesPerSecond === 0) return undefined;
  return Math.round(((bytes - wavHeadBytes) / bytesPerSecond) * 1000);
}
