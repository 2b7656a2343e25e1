/** What the expected wait of one call is told from, at one moment. */
export interface LineFacts {
  /** Calls of its queue that go first. */
  readonly ahead: number;
  /** Agents at work who can take it, each counted by the share of him that its queue gets; 0 when there is none. */
  readonly share: number;
  /** Of these, who could take a call now. */
  readonly free: number;
}

/** How fast a queue has been moving. */
export interface QueuePace {
  /** How long an agent is busy with one call, wrap-up included. */
  readonly handlingMs: number;
  /** For how long those who were served last had waited per place in line; absent before the first. */
  readonly turnMs?: number;
}

/** More than this is told to nobody and helps nobody to decide. */
const waitMaxMs = 24 * 3_600_000;
/** How far the turn that follows from handling time and agents may be from the one that callers have really met. */
const saneFactor = 2;
/** How much the newest call weighs in what is learnt. */
const newest = 0.25;

/**
 * How long a call will wait: (calls ahead + 1) turns, where a turn is the handling time divided among the agents, held
 * within a factor of two of the turns that those met who were served last; none while somebody is free for it.
 * Undefined while nobody is at work for it.
 */
export function expectedWaitMs(
  { ahead, free, share }: LineFacts,
  { handlingMs, turnMs }: QueuePace,
): number | undefined {
  if (!(share > 0)) return undefined;
  if (ahead < free) return 0;
  const turn = handlingMs / share;
  const sane = turnMs === undefined ? turn : Math.min(Math.max(turn, turnMs / saneFactor), turnMs * saneFactor);
  return Math.min(waitMaxMs, Math.max(0, Math.round((ahead + 1) * sane)));
}

/** An agent is free again after a call. */
export function handled(pace: QueuePace, handlingMs: number): QueuePace {
  return { ...pace, handlingMs: mean(pace.handlingMs, handlingMs) };
}

/** A call was served so long after it had been told to have so many calls ahead. */
export function served(pace: QueuePace, delayMs: number, ahead: number): QueuePace {
  const turnMs = Math.max(0, delayMs) / (ahead + 1);
  return { ...pace, turnMs: pace.turnMs === undefined ? turnMs : mean(pace.turnMs, turnMs) };
}

/** A second at least: a row of calls that were answered and dropped at once must not stop the clock. */
const mean = (before: number, now: number): number => Math.max(1_000, before + newest * (now - before));
