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
  /** Neither rung nor in a call; may have chats in hand. */
  isFree: boolean;
  chats: number;
  restUntilMs: number;
  idleSinceMs: number;
  busySinceMs: number;
  busyMs: number;
  calls: number;
}

interface Waiting {
  readonly request: RoutingRequest;
  readonly queue: PlainQueue;
  readonly arrival: number;
  readonly enteredMs: number;
  readonly declined: Set<Person>;
  /** Whose phones ring. */
  ringing: readonly Person[];
  step: number;
  stepEndsMs: number;
  aheadMs: number;
}

/** What a queue remembers of whom it has asked. */
interface Turns {
  last: number;
  shareOfLast: number;
  readonly shares: Map<Person, number>;
}

/** What must still be heard in the world outside: a phone rings, or does not ring any more. */
type News = { readonly person: Person; readonly call: Waiting | undefined };

const minuteMs = 60_000;
const never = Number.POSITIVE_INFINITY;

/**
 * Who should be asked, worked out from the rules as they are written for people: everybody is compared with everybody,
 * each time anew. Whoever is asked answers at once, but for the first where the test says that he declines. Knows
 * nothing of signatures, heaps or sets.
 */
export class Oracle {
  readonly people: readonly Person[];
  private readonly queues: ReadonlyMap<string, PlainQueue>;
  private readonly startedMs: number;
  private waiting: Waiting[] = [];
  private readonly turns = new Map<string, Turns>();
  private readonly down = new Set<string>();
  private arrivals = 0;
  private nowMs: number;
  private news: News[] = [];

  constructor(queues: readonly PlainQueue[], profiles: readonly AgentProfile[], nowMs: number) {
    this.queues = new Map(queues.map((queue) => [queue.policy.id, queue]));
    this.startedMs = nowMs;
    this.nowMs = nowMs;
    const start = {
      isFree: true,
      chats: 0,
      restUntilMs: nowMs,
      idleSinceMs: nowMs,
      busySinceMs: 0,
      busyMs: 0,
      calls: 0,
    };
    this.people = profiles.map((profile, place) => ({ ...start, place, profile }));
  }

  arrive(request: RoutingRequest, nowMs: number, declines: boolean): string[] {
    this.nowMs = nowMs;
    const call: Waiting = {
      request,
      queue: this.queues.get(request.queueId) as PlainQueue,
      arrival: (this.arrivals += 1),
      enteredMs: nowMs,
      declined: new Set(),
      ringing: [],
      step: 0,
      stepEndsMs: 0,
      aheadMs: 0,
    };
    this.enter(call, 0, nowMs);
    this.waiting.push(call);
    this.lookFor(call);
    return this.hear(declines);
  }

  leave(callId: string): void {
    this.waiting = this.waiting.filter(({ request }) => request.callId !== callId);
  }

  /** What time brings until then: ends of steps, of delays and of rests, and deadlines; each at its own moment. */
  pass(untilMs: number): string[] {
    const words: string[] = [];
    for (let next = this.nextMs(); next <= untilMs; next = this.nextMs()) {
      this.nowMs = next;
      for (const call of this.waiting.filter((one) => endsMs(one).includes(next))) {
        if (call.stepEndsMs === next) this.enter(call, call.step + 1, next);
        this.lookFor(call);
      }
      for (const person of this.people) if (person.restUntilMs === next) this.lookForWork(person);
      words.push(...this.hear(false));
    }
    this.nowMs = untilMs;
    return words;
  }

  private nextMs(): number {
    const times = this.waiting.flatMap(endsMs);
    for (const { restUntilMs } of this.people) times.push(restUntilMs);
    return Math.min(never, ...times.filter((atMs) => atMs > this.nowMs));
  }

  /** The agent comes free: of all calls that he may take, the first. */
  free(person: Person, channel: string | undefined, nowMs: number, declines: boolean): string[] {
    this.nowMs = nowMs;
    if (channel === 'chat') person.chats -= 1;
    else person.isFree = true;
    if (person.chats === 0) person.idleSinceMs = nowMs;
    this.worked(person, person.chats > 0);
    this.lookForWork(person);
    return this.hear(declines);
  }

  private worked(person: Person, goesOn: boolean): void {
    if (person.busySinceMs > 0) person.busyMs += this.nowMs - person.busySinceMs;
    person.busySinceMs = goesOn ? this.nowMs : 0;
  }

  /** A PBX comes back: its calls have their turn in order, and whoever could take one takes the first that he may. */
  turn(nodeId: string, isUp: boolean, nowMs: number, declines: boolean): string[] {
    this.nowMs = nowMs;
    const wasDown = this.down.has(nodeId);
    if (!isUp) this.down.add(nodeId);
    else if (this.down.delete(nodeId) && wasDown) {
      this.serve(this.waiting.filter(({ request }) => request.nodeId === nodeId));
    }
    return this.hear(declines);
  }

  private serve(calls: readonly Waiting[]): void {
    for (const call of [...calls].sort((a, b) => order(a, b, this.nowMs))) {
      while (call.ringing.length === 0 && this.waiting.includes(call)) {
        const [first] = this.choice(call);
        if (!first) break;
        this.lookForWork(first);
      }
    }
  }

  private lookForWork(person: Person): void {
    const { nowMs } = this;
    while (this.isFree(person, 'voice') || this.isFree(person, 'chat')) {
      const [first] = this.waiting
        .filter((call) => this.able(call).includes(person))
        .sort(
          (a, b) =>
            Number(isStarved(b, nowMs)) - Number(isStarved(a, nowMs)) ||
            priority(a, person) - priority(b, person) ||
            order(a, b, nowMs),
        );
      // One more is free than must stay so: calls that this one declined may have another.
      if (!first) return this.serve(this.waiting.filter((call) => call.declined.has(person)));
      // With a reserve others were kept back for want of this one: it may be their turn.
      if (first.queue.policy.ringAll !== undefined || this.reserveOf(first) > 0) this.lookFor(first);
      else this.ring(first, [person]);
    }
  }

  private lookFor(call: Waiting): void {
    const { ringAll = 1 } = call.queue.policy;
    const most = Math.min(ringAll, this.freeFor(call).length - this.reserveOf(call));
    const chosen = this.choice(call).slice(0, Math.max(0, most));
    if (chosen.length > 0) this.ring(call, chosen);
  }

  /** Who could take the call, the first choice first. */
  private choice(call: Waiting): Person[] {
    const rank = this.ranks(call)[strategyOf(call)];
    return this.able(call).sort(
      (a, b) =>
        penalty(call, a) - penalty(call, b) ||
        rank(a) - rank(b) ||
        a.idleSinceMs - b.idleSinceMs ||
        (a.profile.id < b.profile.id ? -1 : 1),
    );
  }

  /** Who is free, fits and has not declined it while another could be waited for; nobody of those kept for VIPs. */
  private able(call: Waiting): Person[] {
    if (call.ringing.length > 0 || this.down.has(call.request.nodeId)) return [];
    const free = this.freeFor(call);
    if (free.length <= this.reserveOf(call)) return [];
    const others = this.people.filter((person) => this.fits(call, person) && !call.declined.has(person));
    return others.length === 0 ? free : free.filter((person) => !call.declined.has(person));
  }

  private reserveOf(call: Waiting): number {
    const { vipReserve } = call.queue.policy;
    return call.request.vip || isStarved(call, this.nowMs) || vipReserve === undefined ? 0 : vipReserve;
  }

  private freeFor(call: Waiting): Person[] {
    return this.people.filter((person) => this.isFree(person, channelOf(call)) && this.fits(call, person));
  }

  /** A call needs an agent with nothing else in hand, a chat one with room for it. */
  private isFree({ isFree, restUntilMs, chats, profile }: Person, channel: 'voice' | 'chat'): boolean {
    const hasRoom = channel === 'voice' ? chats === 0 : chats < (profile.capacity?.chat ?? 0);
    return isFree && hasRoom && restUntilMs <= this.nowMs;
  }

  private fits(call: Waiting, person: Person): boolean {
    const { queue, request, step, enteredMs } = call;
    const { profile } = person;
    if (this.nowMs - enteredMs < (edge(call, person)?.delayMs ?? 0)) return false;
    const needs = queue.steps[step]?.needs;
    if (channelOf(call) === 'chat' && !profile.capacity?.chat) return false;
    if (!profile.queues.includes(queue.policy.id)) return false;
    return needs ? has(profile, needs) : has(profile, queue.policy.needs) && has(profile, request.needs);
  }

  private ranks(call: Waiting): Record<SelectionStrategy, (person: Person) => number> {
    const asked = call.queue.steps[call.step]?.needs ?? { ...call.queue.policy.needs, ...call.request.needs };
    const turns = this.turnsOf(call);
    const count = this.people.length;
    return {
      // Chats in hand count before the time: of calls, nobody who is free has any.
      longestIdle: ({ idleSinceMs, chats }) => chats * 10 * this.nowMs + idleSinceMs,
      leastOccupied: ({ busyMs }) => busyMs / Math.max(1, this.nowMs - this.startedMs),
      fewestCalls: ({ calls }) => calls,
      bestProficiency: ({ profile }) =>
        -Object.keys(asked).reduce((sum, skill) => sum + (profile.skills[skill] ?? 0), 0),
      leastSkilled: ({ profile }) => Object.keys(profile.skills).length,
      roundRobin: ({ place }) => (place - turns.last - 1 + count) % count,
      weighted: (person) => shareOf(turns, person),
      linear: ({ place }) => place,
    };
  }

  private turnsOf({ queue }: Waiting): Turns {
    const { id } = queue.policy;
    const turns = this.turns.get(id) ?? { last: -1, shareOfLast: 0, shares: new Map() };
    this.turns.set(id, turns);
    return turns;
  }

  private ring(call: Waiting, people: readonly Person[]): void {
    call.ringing = people;
    const turns = this.turnsOf(call);
    for (const person of people) {
      person.isFree = false;
      turns.last = person.place;
      if (strategyOf(call) === 'weighted') {
        turns.shareOfLast = shareOf(turns, person);
        turns.shares.set(person, turns.shareOfLast + 1 / (edge(call, person)?.weight ?? 1));
      }
      this.news.push({ person, call });
    }
  }

  /** What the phones that ring lead to, one after another; in words. */
  private hear(declines: boolean): string[] {
    const words: string[] = [];
    let mayDecline = declines;
    for (let next = this.news.shift(); next; next = this.news.shift()) {
      const { person, call } = next;
      if (!call) {
        person.isFree = true;
        this.lookForWork(person);
        continue;
      }
      words.push(`${call.request.callId}>${person.profile.id}`);
      if (!this.waiting.includes(call)) continue;
      if (mayDecline) this.decline(call, person);
      else this.answer(call, person);
      mayDecline = false;
    }
    return words;
  }

  private decline(call: Waiting, person: Person): void {
    person.isFree = true;
    person.idleSinceMs = this.nowMs;
    person.restUntilMs = this.nowMs + call.queue.policy.cooldownMs.declined;
    call.declined.add(person);
    call.ringing = call.ringing.filter((other) => other !== person);
    if (call.ringing.length === 0) this.lookFor(call);
  }

  private answer(call: Waiting, person: Person): void {
    this.leave(call.request.callId);
    person.calls += 1;
    this.worked(person, true);
    for (const other of call.ringing) if (other !== person) this.news.push({ person: other, call: undefined });
    if (channelOf(call) === 'voice') return;
    person.chats += 1;
    person.isFree = true;
    person.idleSinceMs = this.nowMs;
    this.lookForWork(person);
  }

  private enter(call: Waiting, step: number, nowMs: number): void {
    const entered = call.queue.steps[step];
    call.step = step;
    call.stepEndsMs = nowMs + (entered?.expiresAfterMs ?? never);
    call.aheadMs += minuteMs * (entered?.priorityDelta ?? 0);
  }
}

const shareOf = ({ shareOfLast, shares }: Turns, person: Person): number =>
  Math.max(shareOfLast, shares.get(person) ?? 0);

const has = ({ skills }: AgentProfile, needs: Needs): boolean =>
  Object.entries(needs).every(([skill, level]) => (skills[skill] ?? -1) >= level);

const channelOf = ({ request }: Waiting): 'voice' | 'chat' => (request.channel === 'chat' ? 'chat' : 'voice');
const strategyOf = ({ queue }: Waiting): SelectionStrategy => queue.policy.selection ?? 'longestIdle';
const edge = ({ queue }: Waiting, { profile }: Person) => queue.policy.edges?.[profile.id];
const priority = (call: Waiting, person: Person): number => edge(call, person)?.priority ?? 50;
const penalty = (call: Waiting, person: Person): number => edge(call, person)?.penalty ?? 0;

const deadlineMs = ({ queue, request }: Waiting): number => request.queuedAtMs + (queue.policy.deadlineMs ?? never);
const isStarved = (call: Waiting, nowMs: number): boolean => deadlineMs(call) <= nowMs;

/** When something of its wait is over. */
function endsMs(call: Waiting): number[] {
  const delays = Object.values(call.queue.policy.edges ?? {}).map(({ delayMs }) => call.enteredMs + delayMs);
  return [call.stepEndsMs, deadlineMs(call), ...delays];
}

/** Past the deadline, then a class that always goes first, then what has been gathered, then arrival. */
function order(a: Waiting, b: Waiting, nowMs: number): number {
  return (
    Number(isStarved(b, nowMs)) - Number(isStarved(a, nowMs)) ||
    strictClass(b) - strictClass(a) ||
    gatheredMs(b, nowMs) - gatheredMs(a, nowMs) ||
    a.arrival - b.arrival
  );
}

const strictClass = ({ queue, request }: Waiting): number =>
  queue.policy.ordering?.kind === 'strict' && request.vip ? 1 : 0;

function gatheredMs(call: Waiting, nowMs: number): number {
  const { queue, request } = call;
  const { ordering } = queue.policy;
  const rates = ordering?.kind === 'accumulating' && !isStarved(call, nowMs) ? ordering.rates : [];
  return (rates[request.vip ? 1 : 0] ?? 1) * (nowMs - virtualArrivalMs(call));
}

function virtualArrivalMs({ queue: { policy }, request, aheadMs }: Waiting): number {
  const { urgency } = request;
  const urgencyMs = urgency === 'high' || urgency === 'critical' ? policy.urgencyBoostMs[urgency] : 0;
  const minutes = request.priority + policy.priority;
  const vipMs = request.vip ? policy.vipBoostMs : 0;
  return request.queuedAtMs - minutes * minuteMs - vipMs - request.value * policy.valueBoostMs - urgencyMs - aheadMs;
}
