import type { Customer, CustomerResult } from '../../../src/call/index.ts';
import type { AdapterAnswer, CustomerAdapter, CustomerQuery } from '../../../src/crm/index.ts';
import {
  createCustomerLookup,
  type CustomerLookupOptions,
  defaultNumberPlan,
  Directory,
  type ManagedLookup,
  memoryDirectoryStore,
} from '../../../src/crm/index.ts';
import type { Clock, Logger } from '../../../src/kernel/index.ts';

/** The clock that vitest's fake timers turn; cockatiel reads the same time. */
export const timersClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export const customer = (id: string, more: Partial<Customer> = {}): Customer => ({
  id,
  name: `Customer ${id}`,
  value: 10,
  vip: false,
  blacklisted: false,
  tags: [],
  purchases: [],
  openTickets: [],
  ...more,
});

export const hit = (id: string, sourceUpdatedAtMs?: number): AdapterAnswer => ({
  kind: 'hit',
  customer: customer(id),
  ...(sourceUpdatedAtMs === undefined ? {} : { sourceUpdatedAtMs }),
});

/** A CRM that answers as the test says, and remembers what it was asked. */
export class FakeCrm implements CustomerAdapter {
  readonly id = 'fake';
  readonly revision = 'r1';
  readonly queries: CustomerQuery[] = [];
  readonly signals: AbortSignal[] = [];
  answer: (query: CustomerQuery) => Promise<AdapterAnswer>;

  constructor(answer: (query: CustomerQuery) => Promise<AdapterAnswer> = () => Promise.resolve(hit('1'))) {
    this.answer = answer;
  }

  find(query: CustomerQuery, signal: AbortSignal): Promise<AdapterAnswer> {
    this.queries.push(query);
    this.signals.push(signal);
    return this.answer(query);
  }

  stats(): Readonly<Record<string, number>> {
    return {};
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export const later = <Value>(delayMs: number, value: Value): Promise<Value> =>
  new Promise((resolve) => setTimeout(() => resolve(value), delayMs));

export type RigOptions = Partial<Omit<CustomerLookupOptions, 'directory'>> & {
  readonly known?: Readonly<Record<string, Customer>>;
};

/** A lookup over a fake CRM; no jitter unless asked for. */
export async function rig(options: RigOptions = {}): Promise<ManagedLookup> {
  const { known = {}, ...rest } = options;
  const rows = Object.entries(known).map(([number, one]) => ({ numbers: [number], customer: one }));
  const directory = new Directory(defaultNumberPlan, memoryDirectoryStore({ t: rows }));
  await directory.load('t');
  return createCustomerLookup({
    directory,
    keySecret: 'secret',
    clock: timersClock,
    rng: { next: () => 0.5 },
    logger: silent,
    ...rest,
  });
}

export interface Heard {
  readonly settled: CustomerResult[];
  readonly late: CustomerResult[];
  readonly settledAtMs: number[];
}

/** Asks for a number and writes down what comes, and when. */
export function ask(lookup: ManagedLookup, callerNumber = '13900000001', callId = 'c1'): Heard {
  const heard: Heard = { settled: [], late: [], settledAtMs: [] };
  const fromMs = Date.now();
  lookup.lookup(
    { callId, tenant: 't', callerNumber, dialledNumber: '4001' },
    (result) => {
      heard.settled.push(result);
      heard.settledAtMs.push(Date.now() - fromMs);
    },
    (result) => heard.late.push(result),
  );
  return heard;
}
