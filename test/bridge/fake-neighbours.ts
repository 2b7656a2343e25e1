import { Compile, type Validator } from 'typebox/compile';
import type {
  CallbackWish,
  CustomerLookup,
  Journal,
  LookupRequest,
  NewEvent,
  OutboundCall,
  OutboundPort,
  StateWrite,
} from '../../src/bridge/ports.ts';
import type { CallbackVerdict, CustomerResult, DialOutcome, DialVerdict } from '../../src/call/index.ts';
import { catalogue } from '../../src/events/catalogue/index.ts';

const validators = new Map<string, Validator>(
  Object.entries(catalogue).map(([type, { data }]) => [type, Compile(data)]),
);

/** What does not fit the catalogue, in words; undefined when all is well. */
function misfit({ type, data }: NewEvent): string | undefined {
  const validator = validators.get(type);
  if (!validator) return `${type} is not in the catalogue`;
  // As it will be read: what JSON drops or changes must fit too.
  const read: unknown = JSON.parse(JSON.stringify(data));
  if (validator.Check(read) && validator.Check(data)) return undefined;
  return `${type}: ${JSON.stringify([...validator.Errors(data)])} in ${JSON.stringify(data)}`;
}

/** The log in memory. Refuses to be silent: a misfit or a hole in a call's sequence is kept as a fault. */
export class FakeJournal implements Journal {
  readonly events: NewEvent[] = [];
  readonly faults: string[] = [];
  private readonly states = new Map<string, StateWrite>();
  private readonly sequences = new Map<string, number>();
  private isLost = false;
  /** What is written waits for the store, and dies with the server. */
  isAway = false;

  write(events: readonly NewEvent[], states: readonly StateWrite[]): boolean {
    if (this.isAway) return true;
    for (const event of events) this.check(event);
    this.events.push(...events);
    for (const write of states) this.keep(write);
    return true;
  }

  load(): Promise<readonly StateWrite[]> {
    return Promise.resolve(JSON.parse(JSON.stringify([...this.states.values()])) as StateWrite[]);
  }

  endedLately(): Promise<readonly string[]> {
    const ends = this.events.filter(({ type }) => type === 'call.ended.v1');
    return Promise.resolve(this.isLost ? [] : ends.map(({ subject }) => subject.slice('call/'.length)));
  }

  /** Forgets all state, as a store that was lost. */
  lose(): void {
    this.isLost = true;
    this.states.clear();
    this.sequences.clear();
  }

  /** The state of a thing as last written. */
  state(kind: StateWrite['kind'], id: string): object | undefined {
    return this.states.get(`${kind}/${id}`)?.state ?? undefined;
  }

  types(prefix = ''): string[] {
    return this.events.map(({ type }) => type).filter((type) => type.startsWith(prefix));
  }

  private check(event: NewEvent): void {
    const fault = misfit(event);
    if (fault !== undefined) this.faults.push(fault);
    if (event.callSequence === undefined) return;
    const expected = (this.sequences.get(event.subject) ?? 0) + 1;
    if (event.callSequence !== expected) this.faults.push(`${event.subject}: ${event.callSequence}, not ${expected}`);
    this.sequences.set(event.subject, event.callSequence);
  }

  private keep(write: StateWrite): void {
    const key = `${write.kind}/${write.id}`;
    if (write.state === null) this.states.delete(key);
    else this.states.set(key, JSON.parse(JSON.stringify(write)) as StateWrite);
  }
}

/** Answers at once, from inside the question, unless told to hold. */
export class FakeLookup implements CustomerLookup {
  readonly known = new Map<string, CustomerResult>();
  readonly asked: LookupRequest[] = [];
  readonly held: { settle: (result: CustomerResult) => void; late: (result: CustomerResult) => void }[] = [];
  holds = false;

  lookup(
    request: LookupRequest,
    settle: (result: CustomerResult) => void,
    late: (result: CustomerResult) => void,
  ): void {
    this.asked.push(request);
    if (this.holds) this.held.push({ settle, late });
    else settle(this.known.get(request.callerNumber) ?? { status: 'none', source: 'directory' });
  }
}

/** Lets everybody be dialled at once, unless told to hold or refuse; notes what came of each call. */
export class FakeOutbound implements OutboundPort {
  verdict: DialVerdict = { ok: true };
  holds = false;
  readonly held: ((verdict: DialVerdict) => void)[] = [];
  readonly asked: OutboundCall[] = [];
  callback: CallbackVerdict = { ok: true, callbackId: 'job1' };
  readonly wishes: CallbackWish[] = [];
  readonly heldCallbacks: ((verdict: CallbackVerdict) => void)[] = [];
  readonly cancelled: string[] = [];
  readonly outcomes: [callId: string, outcome: DialOutcome, dialled: boolean][] = [];

  clear(call: OutboundCall, settle: (verdict: DialVerdict) => void): void {
    this.asked.push(call);
    if (this.holds) this.held.push(settle);
    else settle(this.verdict);
  }

  ended(callId: string, outcome: DialOutcome, dialled: boolean): void {
    this.outcomes.push([callId, outcome, dialled]);
  }

  requestCallback(wish: CallbackWish, settle: (verdict: CallbackVerdict) => void): void {
    this.wishes.push(wish);
    if (this.holds) this.heldCallbacks.push(settle);
    else settle(this.callback);
  }

  cancelCallback(callbackId: string): void {
    this.cancelled.push(callbackId);
  }
}

export const customer = (part: object = {}): CustomerResult => ({
  status: 'fresh',
  source: 'crm:test',
  fetchedAtMs: 1_799_999_999_000,
  customer: {
    id: 'c1',
    name: 'Wang',
    tier: 'gold',
    value: 80,
    vip: false,
    blacklisted: false,
    tags: ['a'],
    purchases: [{ id: 'p1', title: 'Lamp' }],
    openTickets: [{ id: 't1', title: 'Broken', urgency: 'high' }],
    ...part,
  },
});
