/** A first-in-first-out queue with a limit: `push` refuses instead of growing. Amortised O(1). */
export class BoundedQueue<Item> {
  readonly capacity: number;
  private items: (Item | undefined)[] = [];
  private head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.items.length - this.head;
  }

  /** False when full; the caller decides what is lost and says so. */
  push(item: Item): boolean {
    if (this.size >= this.capacity) return false;
    this.items.push(item);
    return true;
  }

  shift(): Item | undefined {
    if (this.head >= this.items.length) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head += 1;
    if (this.head > 1024 && this.head * 2 > this.items.length) this.compact();
    return item;
  }

  /** Takes everything out, oldest first. */
  drain(): Item[] {
    const rest = this.items.slice(this.head) as Item[];
    this.items = [];
    this.head = 0;
    return rest;
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
