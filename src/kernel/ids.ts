import type { Clock, Rng } from './clock.ts';

/** Makes ids: UUID version 7 (RFC 9562), so that ids sort by time; clock and chance are parameters. */
export function idMaker(clock: Clock, rng: Rng): () => string {
  return () => uuidv7(clock.nowMs(), rng);
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const random = (rng: Rng, bits: number): number => Math.floor(rng.next() * 2 ** bits);

/** One UUIDv7 for the given Unix time in milliseconds. */
export function uuidv7(nowMs: number, rng: Rng): string {
  const time = hex(nowMs, 12);
  const versionAndRandom = hex(0x7000 | random(rng, 12), 4);
  const variantAndRandom = hex(0x8000 | random(rng, 14), 4);
  const tail = hex(random(rng, 24), 6) + hex(random(rng, 24), 6);
  return `${time.slice(0, 8)}-${time.slice(8)}-${versionAndRandom}-${variantAndRandom}-${tail}`;
}
