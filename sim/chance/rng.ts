import type { Rng } from '../../src/kernel/index.ts';

/** Mixes a number into a hash; one round of MurmurHash3's finisher. 32 bits. */
function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A 32 bit seed from a number and names: the same words give the same chance, whatever else was drawn before. */
export function seedOf(seed: number, ...names: readonly (string | number)[]): number {
  let hash = mix(0x9e3779b9, seed >>> 0);
  hash = mix(hash, Math.floor(seed / 0x1_0000_0000) >>> 0);
  for (const name of names) {
    const text = String(name);
    for (let index = 0; index < text.length; index += 1) hash = mix(hash, text.charCodeAt(index) + 1);
    hash = mix(hash, 0x27d4eb2f);
  }
  return hash;
}

/** A number in (0, 1) that belongs to this seed and these two numbers: chance without a state to keep. */
export function chanceOf(seed: number, first: number, second: number): number {
  return (mix(mix(mix(seed, first), second), 0x165667b1) + 0.5) / 0x1_0000_0000;
}

/**
 * Repeatable chance: numbers in (0, 1), never 0 itself, so that a logarithm is always finite. Small fast counter
 * generator sfc32 by Chris Doty-Humphrey (PractRand); a period of 2^64 at least.
 */
export class SeededRng implements Rng {
  private a: number;
  private b: number;
  private c = 0x9e3779b9 | 0;
  private counter = 1;

  constructor(seed: number) {
    this.a = mix(seed, 1) | 0;
    this.b = mix(seed, 2) | 0;
    for (let round = 0; round < 12; round += 1) this.next();
  }

  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 0.5) / 0x1_0000_0000;
  }
}
