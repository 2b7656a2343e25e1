import type { NewEvent, StateWrite } from '../../src/bridge/ports.ts';
import type { AgentViewData, CallViewData, EventType } from '../../src/events/catalogue/index.ts';
import { EventLog, type EventLogOptions, type EventStore, EventStream } from '../../src/events/index.ts';
import { AppError, type Clock, type Logger, type Rng, systemClock } from '../../src/kernel/index.ts';
import { createEventStore, storageErrors } from '../../src/storage/index.ts';

export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};

/** A small deterministic source of chance (mulberry32). */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A clock turned by hand. */
export class ManualClock implements Clock {
  private now = 1_790_000_000_000;
  private timers: { readonly dueMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void) {
    const timer = { dueMs: this.now + delayMs, run };
    this.timers.push(timer);
    return { cancel: () => void (this.timers = this.timers.filter((other) => other !== timer)) };
  }

  /** Runs what is due within the time, in order. */
  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.dueMs <= until).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.now = due.dueMs;
      due.run();
    }
    this.now = until;
  }
}

/** A store that can be taken away: while `away` every method rejects as a driver's would. */
export function breakable(store: EventStore) {
  const state = { away: false };
  const guarded = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        if (state.away && name !== 'close') return Promise.reject(new AppError(storageErrors.unavailable, 'test'));
        return Reflect.apply(method, target, args);
      };
    },
  });
  return Object.assign(state, { store: guarded });
}

export function memoryStore(clock: Clock = systemClock, rng: Rng = seededRng(1)): EventStore {
  return createEventStore({ url: 'sqlite::memory:' }, { clock, rng, logger: silent });
}

export interface TestLog {
  readonly log: EventLog;
  readonly stream: EventStream;
  readonly store: EventStore;
}

export async function openLog(
  options: Partial<EventLogOptions> & { store?: EventStore; clock?: Clock; recentMax?: number } = {},
): Promise<TestLog> {
  const { store: given, clock = systemClock, recentMax = 64, ...rest } = options;
  const store = given ?? memoryStore(clock);
  const log = await EventLog.open({ store, clock, rng: seededRng(2), logger: silent }, { validate: true, ...rest });
  return { log, stream: new EventStream(log, store, { recentMax }), store };
}

/** Resolves when the log has nothing on its way. */
export async function settled(log: EventLog): Promise<void> {
  while (log.lastCommitted < log.lastAssigned) await new Promise(setImmediate);
}

export function callView(id: string, over: Partial<CallViewData> = {}): CallViewData {
  return {
    id,
    version: 1,
    phase: 'arriving',
    phaseSinceMs: 1,
    nodeId: 'n1',
    callerNumber: '13800138000',
    dialledNumber: '4008001234',
    entryId: 'main',
    priority: 0,
    enteredAtMs: 1,
    data: {},
    ...over,
  };
}

export function agentView(id: string, version = 1): AgentViewData {
  return {
    id,
    version,
    name: 'Agent',
    presence: 'available',
    routing: 'idle',
    device: 'notInUse',
    sinceMs: 1,
    skills: {},
    queues: [],
  };
}

export function callEvent(id: string, over: Partial<CallViewData> = {}, callSequence = 1): NewEvent {
  return event('call.arrived.v1', `call/${id}`, { call: callView(id, over) }, callSequence);
}

export function agentEvent(id: string, version = 1): NewEvent {
  return event('agent.state.v1', `agent/${id}`, { agent: agentView(id, version) });
}

export function event(type: EventType, subject: string, data: object, callSequence?: number): NewEvent {
  return { type, subject, atMs: 1_790_000_000_000, data, ...(callSequence === undefined ? {} : { callSequence }) };
}

export function callState(id: string, state: object | null): StateWrite {
  return { kind: 'call', id, state };
}
