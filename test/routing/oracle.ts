import type { AgentProfile } from '../../src/agents/index.ts';
import type { QueuePolicy, RoutingRequest, SelectionStrategy } from '../../src/routing/index.ts';

type Needs = Readonly<Record<string, number>>;

/** A step of the wait, as far as the oracle knows them: what it asks, and minutes ahead on entering it. */
export interface PlainStep {
  readonly needs: Needs;
  readonly expiresAfterMs: number;
  readonly priorityDelta: number;
}

export interface PlainQueue {
  readonly policy: QueuePolicy;
  readonly steps: readonly PlainStep[];
}

interface Person {
  readonly place: number;
  readonly profile: AgentProfile;
  isFree: boolean;
  idleSinceMs: number;
  busySinceMs: number;
  busyMs: number;
  calls: number;
}

interface Waiting {
  readonly request: RoutingRequest;
  readonly queue: PlainQueue;
  readonly arrival: number;
  step: number;
  stepEndsMs: number;
  aheadMs: number;
}

const minuteMs = 60_000;

/**
 * Who should be asked, worked out from the rules as they are written for people: everybody is compared with everybody,
 * each time anew. Whoever is asked answers at once. Knows nothing of signatures, heaps or sets.
 */
export class Oracle {
  readonly people: readonly Person[];
  private readonly queues: ReadonlyMap<string, PlainQueue>;
  private readonly startedMs: number;
  private waiting: Waiting[] = [];
  private readonly lastPlaces = new Map<string, number>();
  private arrivals = 0;

  constructor(queues: readonly PlainQueue[], profiles: readonly AgentProfile[], nowMs: number) {
    this.queues = new Map(queues.map((queue) => [queue.policy.id, queue]));
    this.startedMs = nowMs;
    const start = { isFree: true, idleSinceMs: nowMs, busySinceMs: 0, busyMs: 0, calls: 0 };
    this.people = profiles.map((profile, place) => ({ ...start, place, profile }));
  }

  arrive(request: RoutingRequest, nowMs: number): string[] {
    const queue = this.queues.get(request.queueId) as PlainQueue;
    const call = { request, queue, arrival: (this.arrivals += 1), step: 0, stepEndsMs: 0, aheadMs: 0 };
    this.enter(call, 0, nowMs);
    this.waiting.push(call);
    return this.lookFor(call, nowMs);
  }

  leave(callId: string): void {
    this.waiting = this.waiting.filter(({ request }) => request.callId !== callId);
  }

  /** Steps that end until then, each at its own time. */
  pass(untilMs: number): string[] {
    const next = [...this.waiting].sort((a, b) => a.stepEndsMs - b.stepEndsMs)[0];
    if (!next || next.stepEndsMs > untilMs) return [];
    const atMs = next.stepEndsMs;
    this.enter(next, next.step + 1, atMs);
    return [...this.lookFor(next, atMs), ...this.pass(untilMs)];
  }

  /** The agent comes free: of all calls that he may take, the first. */
  free(person: Person, nowMs: number): string[] {
    person.isFree = true;
    person.idleSinceMs = nowMs;
    if (person.busySinceMs > 0) person.busyMs += nowMs - person.busySinceMs;
    person.busySinceMs = 0;
    return this.serve(person, nowMs);
  }

  private serve(person: Person, nowMs: number): string[] {
    const [first] = this.waiting
      .filter((call) => this.able(call).includes(person))
      .sort((a, b) => priority(a, person) - priority(b, person) || order(a, b));
    if (!first) return [];
    if (first.queue.policy.vipReserve === undefined || first.request.vip) return this.give(first, person, nowMs);
    // Others were kept back for want of this one: it may be their turn.
    const given = this.lookFor(first, nowMs);
    return person.isFree ? [...given, ...this.serve(person, nowMs)] : given;
  }

  private lookFor(call: Waiting, nowMs: number): string[] {
    const rank = this.ranks(call, nowMs)[call.queue.policy.selection ?? 'longestIdle'];
    const [best] = this.able(call).sort(
      (a, b) =>
        penalty(call, a) - penalty(call, b) ||
        rank(a) - rank(b) ||
        a.idleSinceMs - b.idleSinceMs ||
        (a.profile.id < b.profile.id ? -1 : 1),
    );
    return best ? this.give(call, best, nowMs) : [];
  }

  /** Who is free and fits; nobody while no more of them are free than must stay so for VIPs. */
  private able({ queue, request, step }: Waiting): Person[] {
    const needs = queue.steps[step]?.needs;
    const fits = ({ profile }: Person): boolean =>
      profile.queues.includes(queue.policy.id) &&
      (needs ? has(profile, needs) : has(profile, queue.policy.needs) && has(profile, request.needs));
    const able = this.people.filter((person) => person.isFree && fits(person));
    return !request.vip && able.length <= (queue.policy.vipReserve ?? 0) ? [] : able;
  }

  private ranks(call: Waiting, nowMs: number): Record<SelectionStrategy, (person: Person) => number> {
    const asked = call.queue.steps[call.step]?.needs ?? { ...call.queue.policy.needs, ...call.request.needs };
    const last = this.lastPlaces.get(call.queue.policy.id) ?? -1;
    const count = this.people.length;
    return {
      longestIdle: ({ idleSinceMs }) => idleSinceMs,
      leastOccupied: ({ busyMs }) => busyMs / Math.max(1, nowMs - this.startedMs),
      fewestCalls: ({ calls }) => calls,
      bestProficiency: ({ profile }) =>
        -Object.keys(asked).reduce((sum, skill) => sum + (profile.skills[skill] ?? 0), 0),
      leastSkilled: ({ profile }) => Object.keys(profile.skills).length,
      roundRobin: ({ place }) => (place - last - 1 + count) % count,
      weighted: () => 0,
      linear: ({ place }) => place,
    };
  }

  private give(call: Waiting, person: Person, nowMs: number): string[] {
    this.leave(call.request.callId);
    person.isFree = false;
    person.busySinceMs = nowMs;
    person.calls += 1;
    this.lastPlaces.set(call.queue.policy.id, person.place);
    return [`${call.request.callId}>${person.profile.id}`];
  }

  private enter(call: Waiting, step: number, nowMs: number): void {
    const entered = call.queue.steps[step];
    call.step = step;
    call.stepEndsMs = nowMs + (entered?.expiresAfterMs ?? Number.POSITIVE_INFINITY);
    call.aheadMs += minuteMs * (entered?.priorityDelta ?? 0);
  }
}

const has = ({ skills }: AgentProfile, needs: Needs): boolean =>
  Object.entries(needs).every(([skill, level]) => (skills[skill] ?? -1) >= level);

const edge = ({ queue }: Waiting, { profile }: Person) => queue.policy.edges?.[profile.id];
const priority = (call: Waiting, person: Person): number => edge(call, person)?.priority ?? 50;
const penalty = (call: Waiting, person: Person): number => edge(call, person)?.penalty ?? 0;

/** A class that always goes first, then virtual arrival, then arrival. */
function order(a: Waiting, b: Waiting): number {
  return strictClass(b) - strictClass(a) || virtualArrivalMs(a) - virtualArrivalMs(b) || a.arrival - b.arrival;
}

const strictClass = ({ queue, request }: Waiting): number =>
  queue.policy.ordering?.kind === 'strict' && request.vip ? 1 : 0;

function virtualArrivalMs({ queue: { policy }, request, aheadMs }: Waiting): number {
  const { urgency } = request;
  const urgencyMs = urgency === 'high' || urgency === 'critical' ? policy.urgencyBoostMs[urgency] : 0;
  const minutes = request.priority + policy.priority;
  const vipMs = request.vip ? policy.vipBoostMs : 0;
  return request.queuedAtMs - minutes * minuteMs - vipMs - request.value * policy.valueBoostMs - urgencyMs - aheadMs;
}
