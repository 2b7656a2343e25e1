import { durationAt } from '../chance/distribution.ts';
import { SeededRng, seedOf } from '../chance/rng.ts';
import { arrivalTimes } from './arrivals.ts';
import type { CallerClass, Scenario } from './scenario.ts';

/** One caller with everything that chance decides of it beforehand, so that each policy meets the same callers. */
export interface Caller {
  readonly atMs: number;
  readonly callerClass: CallerClass;
  readonly vip: boolean;
  readonly handlingMs: number;
  readonly wrapUpMs: number | undefined;
  readonly patienceMs: number | undefined;
  /** In (0, 1): which agent is asked for. Undefined: any. */
  readonly asksFor: number | undefined;
  /** Decides how phones answer this caller. */
  readonly seed: number;
}

/** All callers of one replication in the order in which they come. The same seed gives the same callers. */
export function* callersOf(scenario: Scenario, replication: number): Generator<Caller> {
  const streams = scenario.classes.map((callerClass) => {
    const seed = seedOf(scenario.seed, replication, callerClass.id);
    const callers = callersOfClass(scenario, callerClass, seed);
    return { callers, next: callers.next() };
  });
  const [only] = streams;
  if (streams.length === 1 && only) yield* drained(only);
  else yield* merged(streams);
}

interface Stream {
  readonly callers: Generator<Caller>;
  next: IteratorResult<Caller>;
}

function* drained({ callers, next }: Stream): Generator<Caller> {
  if (!next.done) yield next.value;
  yield* callers;
}

function* merged(streams: readonly Stream[]): Generator<Caller> {
  for (;;) {
    let first: Stream | undefined;
    for (const stream of streams) {
      if (!stream.next.done && (!first || stream.next.value.atMs < (first.next.value as Caller).atMs)) first = stream;
    }
    if (!first || first.next.done) return;
    yield first.next.value;
    first.next = first.callers.next();
  }
}

function* callersOfClass(scenario: Scenario, callerClass: CallerClass, seed: number): Generator<Caller> {
  const { startMs, durationMs } = scenario;
  const rng = new SeededRng(seedOf(seed, 'callers'));
  for (let index = 0; index < callerClass.atStart; index += 1) yield drawCaller(callerClass, startMs, rng);
  const times = arrivalTimes(callerClass.arrivals, startMs, startMs + durationMs, new SeededRng(seedOf(seed, 'times')));
  for (const atMs of times) yield drawCaller(callerClass, atMs, rng);
}

/** Draws the same number of times for each caller, so that a change of one distribution leaves the rest of chance as it was. */
function drawCaller(callerClass: CallerClass, atMs: number, rng: SeededRng): Caller {
  const { handling, wrapUp, patience, vipShare, stickyShare } = callerClass;
  const [handle, write, wait, vip, sticky, seed] = [
    rng.next(),
    rng.next(),
    rng.next(),
    rng.next(),
    rng.next(),
    rng.next(),
  ];
  return {
    atMs,
    callerClass,
    vip: vip < vipShare,
    handlingMs: durationAt(handling, handle),
    wrapUpMs: wrapUp && durationAt(wrapUp, write),
    patienceMs: patience && durationAt(patience, wait),
    asksFor: sticky < stickyShare ? sticky / stickyShare : undefined,
    seed: Math.floor(seed * 0x1_0000_0000),
  };
}
