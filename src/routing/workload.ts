import { type AgentTimes, busyDone, busySince, newestBucket, rowWidth, signedInAt } from './agent-times.ts';

const bucketMs = 300_000;
const buckets = 12;

/** How much agents have worked, by place. */
export class Workload {
  private readonly times: AgentTimes;
  private calls = new Uint16Array(0);

  constructor(times: AgentTimes) {
    this.times = times;
  }

  /** An agent who is idle takes the place. */
  begin(place: number, nowMs: number): void {
    if (this.times.reach(place)) this.grow();
    const { rows } = this.times;
    const at = place * rowWidth;
    this.calls.fill(0, place * buckets, (place + 1) * buckets);
    rows[at + signedInAt] = nowMs;
    rows[at + busySince] = Number.NaN;
    rows[at + busyDone] = 0;
    rows[at + newestBucket] = 0;
  }

  signIn(place: number, nowMs: number): void {
    const { rows } = this.times;
    rows[place * rowWidth + signedInAt] = nowMs;
    rows[place * rowWidth + busyDone] = 0;
  }

  /** Whether the agent has work from now on. */
  note(place: number, isBusy: boolean, nowMs: number): void {
    const { rows } = this.times;
    const at = place * rowWidth;
    const sinceMs = rows[at + busySince] as number;
    const wasBusy = !Number.isNaN(sinceMs);
    if (isBusy === wasBusy) return;
    rows[at + busySince] = isBusy ? nowMs : Number.NaN;
    if (isBusy) return;
    const signedInAtMs = rows[at + signedInAt] as number;
    rows[at + busyDone] = (rows[at + busyDone] as number) + nowMs - Math.max(sinceMs, signedInAtMs);
  }

  /** One contact more or fewer of several: what has been worked until now counts, though the work goes on. */
  goOn(place: number, nowMs: number): void {
    this.note(place, false, nowMs);
    this.note(place, true, nowMs);
  }

  answered(place: number, nowMs: number): void {
    this.turnTo(place, nowMs);
    const at = place * buckets + ((this.times.rows[place * rowWidth + newestBucket] as number) % buckets);
    this.calls[at] = (this.calls[at] as number) + 1;
  }

  signedInAtMs(place: number): number {
    return this.times.rows[place * rowWidth + signedInAt] as number;
  }

  /** Without the call in hand: only who has none is compared. Of contacts in hand, up to the last one taken or ended. */
  busyMs(place: number): number {
    return this.times.rows[place * rowWidth + busyDone] as number;
  }

  /** Calls in the last hour, in steps of five minutes. */
  callsLately(place: number, nowMs: number): number {
    this.turnTo(place, nowMs);
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) sum += this.calls[place * buckets + bucket] as number;
    return sum;
  }

  private turnTo(place: number, nowMs: number): void {
    const { rows } = this.times;
    const at = place * rowWidth + newestBucket;
    const newest = rows[at] as number;
    const bucket = Math.floor(nowMs / bucketMs);
    const passed = Math.min(buckets, bucket - newest);
    for (let step = 1; step <= passed; step += 1) this.calls[place * buckets + ((newest + step) % buckets)] = 0;
    if (passed > 0) rows[at] = bucket;
  }

  private grow(): void {
    const calls = new Uint16Array((this.times.rows.length / rowWidth) * buckets);
    calls.set(this.calls);
    this.calls = calls;
  }
}
