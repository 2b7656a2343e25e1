/** Runs deeds of one key one after the other; deeds of different keys do not wait for each other. */
export class InTurn {
  private readonly tails = new Map<string, Promise<unknown>>();

  run<Result>(key: string, deed: () => Promise<Result>): Promise<Result> {
    const before = this.tails.get(key) ?? Promise.resolve();
    // Whatever became of the one before, it is over.
    const mine = before.then(deed, deed);
    this.tails.set(key, mine);
    const forget = (): void => {
      if (this.tails.get(key) === mine) this.tails.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }
}
