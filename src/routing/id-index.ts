const roomMin = 64;
/** Of each entry its hash and its number, side by side; the number counts from 1, and 0 says that the entry is empty. */
const width = 2;

/**
 * Finds the small number of an id, in one array of numbers. A `Map` of a hundred thousand strings waits for memory four
 * times a look: for its bucket, its entry, the key and what is kept; and it is made anew whenever enough has come and gone.
 * Open addressing; what is taken out leaves no trace, for what follows moves up.
 */
export class IdIndex {
  private entries = new Int32Array(roomMin * width);
  private mask = roomMin - 1;
  private size = 0;

  /** The number of the id, -1 when it has none. Where hashes agree, `isIt` says whether the number is that of the id. */
  find(id: string, isIt: (number: number, id: string) => boolean): number {
    const { entries, mask } = this;
    const hash = hashOf(id);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = (entries[at * width + 1] as number) - 1;
      if (number < 0) return -1;
      if (entries[at * width] === hash && isIt(number, id)) return number;
    }
  }

  /** The id must not be in it. */
  add(id: string, number: number): void {
    if (2 * (this.size + 1) > this.mask) this.grow();
    this.put(hashOf(id), number + 1);
    this.size += 1;
  }

  remove(id: string, number: number): void {
    const { entries, mask } = this;
    let hole = hashOf(id) & mask;
    while (entries[hole * width + 1] !== number + 1) {
      if (entries[hole * width + 1] === 0) return;
      hole = (hole + 1) & mask;
    }
    this.size -= 1;
    for (let at = (hole + 1) & mask; entries[at * width + 1] !== 0; at = (at + 1) & mask) {
      const home = (entries[at * width] as number) & mask;
      // It may move up if that does not take it to before its home.
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      entries[hole * width] = entries[at * width] as number;
      entries[hole * width + 1] = entries[at * width + 1] as number;
      hole = at;
    }
    entries[hole * width + 1] = 0;
  }

  private put(hash: number, value: number): void {
    const { entries, mask } = this;
    let at = hash & mask;
    while (entries[at * width + 1] !== 0) at = (at + 1) & mask;
    entries[at * width] = hash;
    entries[at * width + 1] = value;
  }

  private grow(): void {
    const before = this.entries;
    this.entries = new Int32Array(2 * before.length);
    this.mask = this.entries.length / width - 1;
    for (let at = 0; at < before.length; at += width) {
      if (before[at + 1] !== 0) this.put(before[at] as number, before[at + 1] as number);
    }
  }
}

/** FNV-1a, mixed once more: ids that count up differ in their last bits only. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x85ebca6b) | 0;
}
