import {
  CallbackDesk,
  Compliance,
  Dialler,
  JobDesk,
  type JobWish,
  type OutboundRoute,
  progressive,
} from '../../src/campaigns/index.ts';
import type {
  DoNotCallEntry,
  DoNotCallStore,
  Hours,
  Job,
  JobEvent,
  JobFilter,
  JobLog,
  JobStore,
} from '../../src/campaigns/ports.ts';
import { targetOf } from '../../src/campaigns/ports.ts';
import type { CallbackVerdict, DialOutcome, DialVerdict } from '../../src/call/index.ts';
import type { CallbackWish, OutboundCall, OutboundPort } from '../../src/bridge/ports.ts';
import { readDialNumber } from '../../src/crm/index.ts';
import { defaultNumberPlan } from '../../src/crm/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import { House, type HouseOptions } from '../bridge/house.ts';
import { settle, t0 } from '../support/fake-clock.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export const route: OutboundRoute = {
  id: 'trunk',
  prefixes: ['*'],
  nodeId: 'pbx1',
  endpoint: 'PJSIP/{number}@trunk',
  format: 'national',
  dialPrefix: '',
  callerId: '4001',
  concurrentMax: 10,
};

export const customerNumber = '13800000001';
export const wish = (part: Partial<JobWish> = {}): JobWish => {
  const number = readDialNumber(customerNumber, defaultNumberPlan);
  if (!number) throw new Error('not a number');
  return { number, queueId: 'sales', createdBy: 'crm', ...part };
};

/** Jobs in memory, committed or not: what is written is read only when the log has said so. */
export class FakeJobs implements JobStore, JobLog {
  readonly rows = new Map<string, Job>();
  readonly events: JobEvent[] = [];
  /** While true nothing reaches the store, and nobody hears of it. */
  away = false;
  /** Lets a test look at, or stop the world, right before a write. */
  onSave: (job: Job, events: readonly JobEvent[]) => void = () => {};

  async save(job: Job, events: readonly JobEvent[]): Promise<boolean> {
    this.onSave(job, events);
    const wasAway = this.away;
    await settle();
    if (wasAway) return false;
    this.rows.set(job.id, JSON.parse(JSON.stringify(job)) as Job);
    this.events.push(...events);
    return true;
  }

  get types(): string[] {
    return this.events.map(({ type }) => type.replace('outbound.', '').replace('.v1', ''));
  }

  /** Outcomes of attempts, in order. */
  get attempts(): [DialOutcome, boolean][] {
    return this.events.flatMap((event) =>
      event.type === 'outbound.attempt.ended.v1' ? [[event.data.outcome, event.data.dialled] as const] : [],
    ) as [DialOutcome, boolean][];
  }

  get finals(): string[] {
    return this.events.flatMap((event) => (event.type === 'outbound.job.finished.v1' ? [event.data.outcome] : []));
  }

  async get(id: string): Promise<Job | undefined> {
    return this.rows.get(id);
  }
  async byKey(key: string): Promise<Job | undefined> {
    return [...this.rows.values()].find(({ idempotencyKey }) => idempotencyKey === key);
  }
  async list({ status, queueId, callbacks, limit }: JobFilter): Promise<readonly Job[]> {
    return [...this.rows.values()]
      .filter((job) => status === undefined || job.status === status)
      .filter((job) => queueId === undefined || job.queueId === queueId)
      .filter((job) => !callbacks || job.callback !== undefined)
      .slice(0, limit);
  }
  async active(): Promise<readonly Job[]> {
    return [...this.rows.values()].filter(({ status }) => status === 'active');
  }
  async dueTargets(nowMs: number): Promise<readonly string[]> {
    return [...new Set(this.due(nowMs).map(targetOf))];
  }
  async dueOf(target: string, nowMs: number, limit: number): Promise<readonly Job[]> {
    return this.due(nowMs)
      .filter((job) => targetOf(job) === target)
      .sort((a, b) => b.priority - a.priority || a.dueAtMs - b.dueAtMs)
      .slice(0, limit);
  }
  async nextDueMs(): Promise<number | undefined> {
    const pending = [...this.rows.values()].filter(({ status }) => status === 'pending');
    return pending.length === 0 ? undefined : Math.min(...pending.map(({ dueAtMs }) => dueAtMs));
  }
  async prune(): Promise<number> {
    return 0;
  }

  private due(nowMs: number): Job[] {
    return [...this.rows.values()].filter(({ status, dueAtMs }) => status === 'pending' && dueAtMs <= nowMs);
  }
}

export class FakeDoNotCall implements DoNotCallStore {
  readonly numbers = new Set<string>();
  /** `down`: fails; `hangs`: never answers. */
  mode: 'up' | 'down' | 'hangs' = 'up';

  has(number: string): Promise<boolean> {
    if (this.mode === 'hangs') return new Promise(() => {});
    return this.mode === 'down' ? Promise.reject(new Error('away')) : Promise.resolve(this.numbers.has(number));
  }
  async add({ number }: DoNotCallEntry): Promise<void> {
    this.numbers.add(number);
  }
  async remove(number: string): Promise<boolean> {
    return this.numbers.delete(number);
  }
  async list(): Promise<readonly DoNotCallEntry[]> {
    return [...this.numbers].map((number) => ({ number, reason: '', addedAtMs: 0 }));
  }
}

const hour = 3_600_000;
/** Open for twelve hours, then closed for twelve, from the beginning of the test on. */
export const halfDays: Hours = {
  isOpen: (atMs) => (atMs - t0) % (24 * hour) < 12 * hour,
  nextChangeMs: (atMs) => t0 + (Math.floor((atMs - t0) / (12 * hour)) + 1) * 12 * hour,
};

/** The switchboard with everything around it in memory, and those who call out on top of it. */
export class CallingHouse implements OutboundPort {
  readonly house: House;
  readonly jobs = new FakeJobs();
  readonly doNotCall = new FakeDoNotCall();
  dialler!: Dialler;
  desk!: JobDesk;
  callbacks!: CallbackDesk;
  routes: readonly OutboundRoute[] = [route];
  limits = { ratePerSecond: 100, concurrentMax: 100, queueConcurrentMax: 100 };
  private ids = 0;

  private constructor(options: HouseOptions) {
    this.house = new House({ ...options, outbound: this });
  }

  static async open(options: HouseOptions = {}, signedIn: readonly string[] = ['ann', 'bob']): Promise<CallingHouse> {
    const calling = new CallingHouse(options);
    await calling.start();
    for (const agentId of signedIn) calling.house.desk.signIn(agentId);
    return calling;
  }

  async start(): Promise<void> {
    this.build();
    await this.dialler.load();
    await this.house.start();
    this.dialler.start();
    this.house.up();
    this.house.phones.link('up');
  }

  /** kill -9 and a new start on the same store and PBX. */
  async restart(): Promise<void> {
    this.kill();
    await this.start();
    await this.advance(1);
  }

  /** Turns the clock, and lets everything happen that has begun. */
  async advance(ms: number): Promise<void> {
    await this.house.clock.advance(ms);
    for (let turn = 0; turn < 8; turn += 1) await settle();
  }

  kill(): void {
    this.dialler.stop();
    this.house.kill();
  }

  clear(call: OutboundCall, settle: (verdict: DialVerdict) => void): void {
    void this.dialler.clear(call, settle);
  }

  ended(callId: string, outcome: DialOutcome, dialled: boolean): void {
    this.dialler.ended(callId, outcome, dialled);
  }

  requestCallback(wish: CallbackWish, settle: (verdict: CallbackVerdict) => void): void {
    void this.callbacks.ask(wish).then(settle);
  }

  cancelCallback(callbackId: string): void {
    void this.dialler.cancel(callbackId);
  }

  async request(part: Partial<JobWish> = {}): Promise<Job> {
    const { job } = await this.desk.request(wish(part));
    await this.advance(1);
    return job;
  }

  async job(id: string): Promise<Job> {
    return this.desk.get(id);
  }

  private build(): void {
    const { clock } = this.house;
    const board = this.house.out;
    const options = { listed: new Set<string>(), hoursOf: () => halfDays, deadlineMs: 2_000 };
    const compliance = new Compliance(this.doNotCall, clock, options);
    const retry = {
      attemptsMax: 4,
      busy: { attemptsMax: 3, delayMs: 60_000 },
      noAnswer: { attemptsMax: 2, delayMs: hour },
      failed: { attemptsMax: 2, delayMs: 600_000 },
    };
    const entryNumbers = new Map([['hotline', '4001']]);
    this.dialler = new Dialler(
      {
        board,
        store: this.jobs,
        log: this.jobs,
        compliance,
        readNumber: (text) => readDialNumber(text, defaultNumberPlan),
        clock,
        logger: silent,
      },
      {
        ...this.limits,
        routes: this.routes,
        entryNumbers,
        pacing: progressive,
        ringTimeoutMs: 30_000,
        agentWaitMs: 15_000,
        restMs: 5_000,
        tickMs: 500,
        saveDeadlineMs: 2_000,
        keepMs: 86_400_000,
        newCallId: () => `rm-out${(this.ids += 1)}`,
      },
    );
    this.desk = new JobDesk(
      { board, store: this.jobs, keeper: this.dialler, compliance, clock },
      {
        routes: this.routes,
        entryNumbers,
        retry,
        bounds: { attemptsMax: 5, delayMinMs: 1_000 },
        jobMaxAgeMs: 30 * hour,
        newId: () => `job-${(this.ids += 1)}`,
      },
    );
    const terms = new Map(
      (this.house.queues ?? []).flatMap(({ id, callback }) => (callback ? [[id, callback] as const] : [])),
    );
    const readNumber = (text: string) => readDialNumber(text, defaultNumberPlan);
    this.callbacks = new CallbackDesk({ desk: this.desk, store: this.jobs, readNumber, terms });
  }
}
