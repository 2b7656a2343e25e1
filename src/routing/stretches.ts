/**
 * Gives out stretches of one long array, so that what is in one lies together and nothing else is touched. Lengths are
 * few: who outgrows a stretch takes one twice as long and gives the other back.
 */
export class Stretches {
  private readonly spare = new Map<number, number[]>();
  /** How long the array must be. */
  end = 0;

  /** Where it begins. */
  take(length: number): number {
    const known = this.spareOf(length).pop();
    if (known !== undefined) return known;
    const start = this.end;
    this.end += length;
    return start;
  }

  give(start: number, length: number): void {
    if (length > 0) this.spareOf(length).push(start);
  }

  clear(): void {
    this.end = 0;
    this.spare.clear();
  }

  private spareOf(length: number): number[] {
    const known = this.spare.get(length);
    if (known) return known;
    const starts: number[] = [];
    this.spare.set(length, starts);
    return starts;
  }
}
