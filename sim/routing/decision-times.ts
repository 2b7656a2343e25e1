const perOctave = 8;

/** How long single steps of the engine took; bars grow by 9 %, so a quantile is that exact. */
export class DecisionTimes {
  private readonly bars = new Uint32Array(40 * perOctave);
  private count = 0;
  private sumUs = 0;

  add(us: number): void {
    const bar = Math.floor(Math.log2(Math.max(us, 0.01) * 100) * perOctave);
    const index = Math.min(this.bars.length - 1, Math.max(0, bar));
    this.bars[index] = (this.bars[index] ?? 0) + 1;
    this.count += 1;
    this.sumUs += us;
  }

  merge(other: DecisionTimes): void {
    for (const [index, count] of other.bars.entries()) this.bars[index] = (this.bars[index] ?? 0) + count;
    this.count += other.count;
    this.sumUs += other.sumUs;
  }

  /** Microseconds; undefined when nothing was measured. */
  summary():
    | { readonly steps: number; readonly meanUs: number; readonly p50Us: number; readonly p99Us: number }
    | undefined {
    if (this.count === 0) return undefined;
    return {
      steps: this.count,
      meanUs: this.sumUs / this.count,
      p50Us: this.quantile(0.5),
      p99Us: this.quantile(0.99),
    };
  }

  private quantile(share: number): number {
    let left = Math.ceil(share * this.count);
    for (const [index, count] of this.bars.entries()) {
      left -= count;
      if (left <= 0) return 2 ** ((index + 1) / perOctave) / 100;
    }
    return Number.POSITIVE_INFINITY;
  }
}
