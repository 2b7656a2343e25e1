const bucketMs = 300_000;
const buckets = 12;
/** Of each agent: signed in since, busy since, busy before that, and the newest bucket of calls. */
const width = 4;
const busySince = 1;
const busyDone = 2;
const newestBucket = 3;

/**
 * How much agents have worked, by place. Times lie side by side in one array: in objects each would be an object of its
 * own, and of ten thousand agents none is at hand.
 */
export class Workload {
  private times = new Float64Array(0);
  private calls = new Uint16Array(0);

  /** An agent who is idle takes the place. */
  begin(place: number, nowMs: number): void {
    if (place * width >= this.times.length) this.grow(place);
    this.times.fill(0, place * width, (place + 1) * width);
    this.calls.fill(0, place * buckets, (place + 1) * buckets);
    this.times[place * width] = nowMs;
    this.times[place * width + busySince] = Number.NaN;
  }

  signIn(place: number, nowMs: number): void {
    this.times[place * width] = nowMs;
    this.times[place * width + busyDone] = 0;
  }

  /** Whether the agent has work from now on. */
  note(place: number, isBusy: boolean, nowMs: number): void {
    const { times } = this;
    const at = place * width;
    const sinceMs = times[at + busySince] as number;
    const wasBusy = !Number.isNaN(sinceMs);
    if (isBusy === wasBusy) return;
    times[at + busySince] = isBusy ? nowMs : Number.NaN;
    if (isBusy) return;
    const signedInAtMs = times[at] as number;
    times[at + busyDone] = (times[at + busyDone] as number) + nowMs - Math.max(sinceMs, signedInAtMs);
  }

  /** One contact more or fewer of several: what has been worked until now counts, though the work goes on. */
  goOn(place: number, nowMs: number): void {
    this.note(place, false, nowMs);
    this.note(place, true, nowMs);
  }

  answered(place: number, nowMs: number): void {
    this.turnTo(place, nowMs);
    const at = place * buckets + ((this.times[place * width + newestBucket] as number) % buckets);
    this.calls[at] = (this.calls[at] as number) + 1;
  }

  signedInAtMs(place: number): number {
    return this.times[place * width] as number;
  }

  /** Without the call in hand: only who has none is compared. Of contacts in hand, up to the last one taken or ended. */
  busyMs(place: number): number {
    return this.times[place * width + busyDone] as number;
  }

  /** Calls in the last hour, in steps of five minutes. */
  callsLately(place: number, nowMs: number): number {
    this.turnTo(place, nowMs);
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) sum += this.calls[place * buckets + bucket] as number;
    return sum;
  }

  private turnTo(place: number, nowMs: number): void {
    const at = place * width + newestBucket;
    const newest = this.times[at] as number;
    const bucket = Math.floor(nowMs / bucketMs);
    const passed = Math.min(buckets, bucket - newest);
    for (let step = 1; step <= passed; step += 1) this.calls[place * buckets + ((newest + step) % buckets)] = 0;
    if (passed > 0) this.times[at] = bucket;
  }

  private grow(place: number): void {
    const places = Math.max(64, 2 * place);
    const times = new Float64Array(places * width);
    times.set(this.times);
    this.times = times;
    const calls = new Uint16Array(places * buckets);
    calls.set(this.calls);
    this.calls = calls;
  }
}
