/** A set of small integers, a bit each. Sets that are joined have the same length. */
export type Bits = Uint32Array;

export const noBits = (size: number): Bits => new Uint32Array((size + 31) >>> 5);

export function hasBit(bits: Bits, index: number): boolean {
  return (((bits[index >>> 5] as number) >>> (index & 31)) & 1) === 1;
}

export function setBit(bits: Bits, index: number, isIn: boolean): void {
  const word = bits[index >>> 5] as number;
  const bit = 1 << (index & 31);
  bits[index >>> 5] = isIn ? word | bit : word & ~bit;
}

export function joinBits(bits: Bits, other: Bits): void {
  for (let word = 0; word < bits.length; word += 1) bits[word] = (bits[word] as number) | (other[word] as number);
}

export function keepBits(bits: Bits, other: Bits): void {
  for (let word = 0; word < bits.length; word += 1) bits[word] = (bits[word] as number) & (other[word] as number);
}

export function meetBits(a: Bits, b: Bits): boolean {
  for (let word = 0; word < a.length; word += 1) if (((a[word] as number) & (b[word] as number)) !== 0) return true;
  return false;
}

/** How many are in both; stops counting above `enough`. */
export function countBoth(a: Bits, b: Bits, enough = Number.POSITIVE_INFINITY): number {
  let count = 0;
  for (let word = 0; word < a.length && count <= enough; word += 1) {
    let both = (a[word] as number) & (b[word] as number);
    for (; both !== 0; both &= both - 1) count += 1;
  }
  return count;
}

export function forEachBit(bits: Bits, visit: (index: number) => void): void {
  for (let word = 0; word < bits.length; word += 1) {
    for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) visit((word << 5) + lowest(rest));
  }
}

/** The place of the lowest bit of a word that is not 0. */
export function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The same members in a set with room for `size`. */
export function roomier(bits: Bits, size: number): Bits {
  const grown = noBits(size);
  grown.set(bits);
  return grown;
}
