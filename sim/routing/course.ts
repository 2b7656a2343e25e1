import type { EndedCall } from './cell.ts';
import type { SimAgent } from './sim-agent.ts';

/** One part of the course of a day. Times of agents are in milliseconds. */
export interface CoursePart {
  offered: number;
  answered: number;
  within: number;
  abandoned: number;
  waitMs: number;
  busyMs: number;
  staffedMs: number;
}

/** How the day went, part by part; and the working times of agents in the time that counts. */
export class Course {
  readonly parts: CoursePart[];
  private readonly startMs: number;
  readonly partMs: number;
  private readonly countedFromMs: number;
  private readonly endMs: number;

  constructor(startMs: number, countedFromMs: number, endMs: number, partMs: number) {
    this.startMs = startMs;
    this.countedFromMs = countedFromMs;
    this.endMs = endMs;
    this.partMs = partMs;
    const count = Math.ceil((endMs - startMs) / partMs);
    this.parts = Array.from({ length: count }, () => ({
      offered: 0,
      answered: 0,
      within: 0,
      abandoned: 0,
      waitMs: 0,
      busyMs: 0,
      staffedMs: 0,
    }));
  }

  call(atMs: number, call: EndedCall, answerWithinMs: number): void {
    const part = this.parts[Math.floor((atMs - this.startMs) / this.partMs)];
    if (!part || call.end === 'blocked') return;
    part.offered += 1;
    part.waitMs += call.waitMs;
    if (call.end === 'abandoned') part.abandoned += 1;
    if (call.end !== 'answered') return;
    part.answered += 1;
    if (call.waitMs <= answerWithinMs) part.within += 1;
  }

  /** Books the agent's time until now; to be called before the agent changes. */
  book(agent: SimAgent, nowMs: number): void {
    const { sinceMs, busyWith, present } = agent;
    agent.sinceMs = nowMs;
    const busy = busyWith !== undefined;
    if (!busy && !present) return;
    const countedMs = Math.min(nowMs, this.endMs) - Math.max(sinceMs, this.countedFromMs);
    if (countedMs > 0) {
      agent.staffedMs += countedMs;
      if (busy) agent.busyMs += countedMs;
    }
    this.spread(sinceMs, Math.min(nowMs, this.endMs), busy);
  }

  private spread(fromMs: number, toMs: number, busy: boolean): void {
    for (let atMs = fromMs; atMs < toMs; ) {
      const index = Math.floor((atMs - this.startMs) / this.partMs);
      const untilMs = Math.min(toMs, this.startMs + (index + 1) * this.partMs);
      const part = this.parts[index];
      if (!part) return;
      part.staffedMs += untilMs - atMs;
      if (busy) part.busyMs += untilMs - atMs;
      atMs = untilMs;
    }
  }
}
