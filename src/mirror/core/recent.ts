/** Remembers so many names; the oldest is forgotten beyond. */
export class Recent {
  private readonly max: number;
  private readonly names = new Set<string>();

  constructor(max: number) {
    this.max = max;
  }

  /** Gives back what is forgotten for it. */
  add(name: string): string | undefined {
    this.names.delete(name);
    const [oldest] = this.names;
    this.names.add(name);
    if (this.names.size <= this.max || oldest === undefined) return undefined;
    this.names.delete(oldest);
    return oldest;
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  delete(name: string): boolean {
    return this.names.delete(name);
  }

  all(): readonly string[] {
    return [...this.names];
  }
}

/** Counts what found no room, each name once as long as it is remembered. */
export class Shed {
  count = 0;
  private readonly known = new Recent(2_000);

  note(name: string): void {
    if (!this.known.has(name)) this.count += 1;
    this.known.add(name);
  }
}
