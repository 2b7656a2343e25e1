/**
 * What a durable consumer has been given and not yet acknowledged, and where its cursor stands. Acks are cumulative.
 * The cursor is told to `save` on each ack, and now and then while nothing that passes matches the filter, so that
 * retention does not overtake a consumer that has nothing to do.
 */
export class AckWindow {
  private readonly max: number;
  private readonly save: (sequence: number) => void;
  private readonly waiting: number[] = [];
  private saved: number;
  private quietTo: number;

  constructor(start: number, max: number, save: (sequence: number) => void) {
    this.max = max;
    this.save = save;
    this.saved = start;
    this.quietTo = start;
  }

  /** Everything up to here is done. */
  get acknowledged(): number {
    return this.saved;
  }

  get hasRoom(): boolean {
    return this.waiting.length < this.max;
  }

  delivered(sequence: number): void {
    this.waiting.push(sequence);
  }

  /** Everything up to here has been looked at. */
  passed(sequence: number): void {
    if (this.waiting.length > 0) return;
    this.quietTo = sequence;
    if (sequence - this.saved >= 1000) this.moveTo(sequence);
  }

  /** False when the sequence was never delivered: an ack from elsewhere must not skip anything. */
  ack(sequence: number): boolean {
    const newest = this.waiting.at(-1);
    if (sequence <= this.saved) return true;
    if (newest === undefined || sequence > newest) return false;
    const open = this.waiting.findIndex((waiting) => waiting > sequence);
    this.waiting.splice(0, open === -1 ? this.waiting.length : open);
    this.moveTo(sequence);
    return true;
  }

  close(): void {
    if (this.waiting.length === 0 && this.quietTo > this.saved) this.moveTo(this.quietTo);
  }

  private moveTo(sequence: number): void {
    this.saved = sequence;
    this.save(sequence);
  }
}
