import { describe, expect, it } from 'vitest';
import type { CustomerLookup } from '../../src/bridge/ports.ts';
import type { CustomerResult } from '../../src/call/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import { PauseLane } from '../../src/mirror/pause-lane.ts';
import { MirrorDesk, QueueMirror } from '../../src/mirror/index.ts';
import type { Membership, Pause, PauseResult, QueueListener, QueuePort } from '../../src/mirror/ports.ts';
import { FakeJournal } from '../bridge/fake-neighbours.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { AppQueue, phone } from './app-queue.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const li = 'PJSIP/1001';

const known: CustomerResult = {
  status: 'fresh',
  source: 'directory',
  customer: {
    id: 'C1',
    name: '王芳',
    value: 5,
    vip: true,
    blacklisted: false,
    tags: [],
    openTickets: [],
    purchases: [],
  },
};

/** A desk with its neighbours in memory, beside an app_queue whose two phones are li's and nobody's. */
class House {
  readonly clock = new FakeClock();
  readonly journal: FakeJournal;
  readonly done: string[] = [];
  readonly desk: MirrorDesk;
  presence: 'available' | 'paused' = 'available';
  private listener: QueueListener | undefined;

  readonly warned: string[] = [];
  private readonly open: (() => void)[] = [];
  talksFails = false;
  /** Li's, after the agents have been read anew. */
  phone = li;

  constructor(journal = new FakeJournal(), late?: CustomerResult) {
    this.journal = journal;
    const limits = { callsMax: 10, membersMax: 10, ringMaxMs: 60_000, graceMs: 1_000, staleMaxMs: 600_000 };
    let ids = 0;
    const port: QueuePort = {
      nodeId: 'pbx1',
      listen: (listener) => (this.listener = listener),
      stop: () => this.done.push('stopped'),
      reread: () => this.done.push('reread'),
      figures: () => ({ readings: 1, failed: 0, readAtMs: undefined }),
      pause: (_: Membership, { paused, reason }: Pause) => {
        this.done.push(`pbx ${paused} ${reason}`);
        return Promise.resolve({ ok: false, reason: 'Permission denied', lost: false });
      },
    };
    const lookup: CustomerLookup = {
      lookup(_, settle, later) {
        settle(late ? { status: 'pending', source: 'nobody' } : known);
        if (late) later(late);
      },
    };
    this.desk = new MirrorDesk({
      tenant: 't',
      mirror: new QueueMirror({
        ...limits,
        queues: [{ id: 'care', nodeId: 'pbx1', name: 'care' }],
        agentOf: (_, dialled) => (dialled === li ? 'li' : undefined),
        shown: (dialled) => dialled,
        newId: () => `aq-${this.clock.nowMs()}-${(ids += 1)}`,
        askedForMs: 5_000,
      }),
      queueIds: ['care'],
      ports: [port],
      memberFinder: () => (_, dialled) => (dialled === this.phone ? 'li' : undefined),
      lookup,
      journal,
      agents: {
        all: () => [{ id: 'li', presence: this.presence, reason: '' }],
        pause: (agentId, { paused, reason }) => this.done.push(`${agentId} ${paused} ${reason}`),
        talks: (agentId) => {
          if (this.talksFails) throw new Error('no such agent');
          this.done.push(`${agentId} talks`);
        },
        hungUp: (agentId) => this.done.push(`${agentId} hung up`),
      },
      ...limits,
      pauseDeadlineMs: 5_000,
      clock: this.clock,
      logger: { ...silent, warn: (_: object, message: string) => void this.warned.push(message) },
    });
  }

  async start(): Promise<AppQueue> {
    await this.desk.start();
    const pbx = new AppQueue(
      { care: [phone('1001'), phone('1002')] },
      (fact) => this.listener?.fact(fact),
      () => this.clock.nowMs(),
    );
    this.read(pbx);
    return pbx;
  }

  /** A lane with room for a hundred orders, whose PBX may never answer. */
  lane(): PauseLane {
    const { clock } = this;
    const logger = silent;
    const port = { pause: () => this.order() } as unknown as QueuePort;
    const ports = [{ ...port, nodeId: 'pbx1' }];
    const failed = (): void => undefined;
    return new PauseLane({ ports, inFlightMax: 32, waitingMax: 68, deadlineMs: 5_000, clock, logger, failed });
  }

  /** The PBX answers all orders now. */
  release(): void {
    for (const answer of this.open.splice(0)) answer();
  }

  private order(): Promise<PauseResult> {
    this.done.push('order');
    return new Promise((resolve) => this.open.push(() => resolve({ ok: true })));
  }

  read(pbx: AppQueue): void {
    this.listener?.reading('pbx1');
    this.listener?.snapshot(pbx.snapshot());
  }
}

describe('the desk beside app_queue', () => {
  it('tells a call in events that fit the catalogue, with its card, and keeps it until it is over', async () => {
    const house = new House();
    const pbx = await house.start();
    const caller = pbx.join('care');
    pbx.ring(caller, li);
    pbx.ring(caller, 'PJSIP/1002');
    const [live] = house.desk.calls();
    expect(live?.call).toMatchObject({ phase: 'offering', offeredTo: ['li', 'PJSIP/1002'], routedBy: 'app_queue' });
    expect(live?.customer?.customer?.name).toBe('王芳');
    expect(house.journal.state('mirrored', live?.call.id ?? '')).toBeDefined();
    pbx.answer(caller, li);
    pbx.hangUp(caller);
    expect(house.done).toEqual(['li talks', 'li hung up']);
    expect(house.journal.state('mirrored', live?.call.id ?? '')).toBeUndefined();
    expect([house.desk.calls(), house.journal.faults]).toEqual([[], []]);
  });

  it('numbers the events of a call in the order in which they are written, also when the customer is found at once', async () => {
    const house = new House(new FakeJournal(), known);
    const pbx = await house.start();
    pbx.ring(pbx.join('care'), li);
    const own = house.journal.events.filter(({ subject }) => subject.startsWith('call/'));
    expect(own.map(({ callSequence }) => callSequence)).toEqual(own.map((_, index) => index + 1));
    const updates = own.filter(({ type }) => type === 'call.customer.updated.v1');
    expect(updates.map(({ data }) => (data as { late: boolean }).late)).toEqual([false, true]);
  });

  it('tells a queue’s figures at most once a second', async () => {
    const house = new House();
    const pbx = await house.start();
    for (let calls = 0; calls < 5; calls += 1) pbx.join('care');
    await house.clock.advance(1_000);
    const stats = house.journal.events.filter(({ type }) => type === 'queue.stats.v1');
    expect(stats.map(({ data }) => data)).toMatchObject([
      { queue: { id: 'care', waiting: 5, members: { total: 2, free: 2 }, routedBy: 'app_queue' } },
    ]);
    expect(house.journal.faults).toEqual([]);
  });

  it('sends what an agent does here to the PBX, never what he learnt from there, and counts what is refused', async () => {
    const house = new House();
    await house.start();
    const journal = house.desk.watching(house.journal);
    const say = (presence: string, changedBy?: string): void => {
      const agent = {
        id: 'li',
        presence,
        ...(changedBy ? { changedBy } : {}),
        ...(presence === 'paused' ? { pauseReason: 'tea' } : {}),
      };
      house.journal.isAway = true;
      journal.write([{ type: 'agent.state.v1', subject: 'agent/li', atMs: 0, data: { agent } }], []);
    };
    say('paused', 'app_queue');
    expect(house.done).toEqual([]);
    say('available');
    say('paused');
    expect(house.done).toEqual(['pbx true tea']);
    await house.clock.advance(0);
    expect(house.desk.figures().pausesFailed).toBe(1);
  });

  it('is not deafened by one thing that fails', async () => {
    const house = new House();
    const pbx = await house.start();
    house.talksFails = true;
    const caller = pbx.join('care');
    pbx.ring(caller, li);
    pbx.answer(caller, li);
    pbx.hangUp(caller);
    pbx.join('care');
    expect(house.desk.calls().map(({ call }) => call.phase)).toEqual(['waiting']);
    expect([house.done, house.desk.figures().errors]).toEqual([['li hung up'], 1]);
  });

  it('reads the PBX once more after orders that failed, and not again for each that fails then', async () => {
    const house = new House();
    const pbx = await house.start();
    house.presence = 'paused';
    const journal = house.desk.watching(house.journal);
    const agent = { id: 'li', presence: 'paused', pauseReason: 'tea' };
    journal.write([{ type: 'agent.state.v1', subject: 'agent/li', atMs: 0, data: { agent } }], []);
    await house.clock.advance(0);
    house.read(pbx);
    await house.clock.advance(0);
    expect(house.done).toEqual(['pbx true tea', 'reread', 'pbx true ']);
    await house.clock.advance(60_000);
    house.read(pbx);
    await house.clock.advance(0);
    expect(house.done.slice(3)).toEqual(['pbx true ', 'reread']);
  });

  it('has a few orders under way at a time, and gives up those that cannot be sent in time', async () => {
    const house = new House();
    const lane = house.lane();
    for (let orders = 0; orders < 500; orders += 1) {
      lane.add({ nodeId: 'pbx1', queue: 'care', interface: li }, { paused: true, reason: `r${orders}` });
    }
    expect([house.done.length, lane.failures]).toEqual([32, 400]);
    await house.clock.advance(5_000);
    house.release();
    await house.clock.advance(0);
    expect([house.done.length, lane.failures]).toEqual([32, 468]);
  });

  it('pops to whose phone rings by the agents as they are now', async () => {
    const house = new House();
    const pbx = await house.start();
    house.phone = 'PJSIP/1002';
    house.desk.remap();
    pbx.ring(pbx.join('care'), 'PJSIP/1002');
    expect(house.desk.calls()[0]?.call.agentId).toBe('li');
  });

  it('counts what it holds and what came to nothing', async () => {
    const house = new House();
    const pbx = await house.start();
    for (let calls = 0; calls < 12; calls += 1) pbx.join('care');
    pbx.ring(pbx.join('care'), li);
    await house.clock.advance(1_000);
    expect(house.desk.figures()).toMatchObject({
      phases: { waiting: 10 },
      stale: 0,
      shed: { calls: 3, members: 0 },
      nodes: [{ nodeId: 'pbx1', readings: 1, failed: 0 }],
    });
    expect(house.warned).toEqual(['the mirror of app_queue has no room for some: raise callsMax or membersMax']);
    await house.clock.advance(30_000);
    pbx.join('care');
    await house.clock.advance(5_000);
    expect(house.warned).toHaveLength(1);
  });

  it('tells of a reading without a gap only when it found something', async () => {
    const house = new House();
    const pbx = await house.start();
    const told = (): number => house.journal.events.filter(({ type }) => type === 'pbx.reconciled.v1').length;
    expect(told()).toBe(1);
    house.read(pbx);
    expect(told()).toBe(1);
    pbx.join('care');
    pbx.restart();
    house.read(pbx);
    expect(told()).toBe(2);
  });

  it('goes on after a crash with the calls that the store kept', async () => {
    const before = new House();
    const pbx = await before.start();
    const caller = pbx.join('care');
    pbx.ring(caller, li);
    pbx.answer(caller, li);
    const [live] = before.desk.calls();
    before.desk.stop();
    const house = new House(before.journal);
    await house.desk.start();
    expect(house.desk.calls().map(({ call }) => call.stale)).toEqual([true]);
    house.read(pbx);
    const after = house.desk.calls().map(({ call }) => [call.id, call.phase, call.stale]);
    expect(after).toEqual([[live?.call.id, 'talking', undefined]]);
    pbx.restart();
    house.read(pbx);
    const ended = house.journal.events.findLast(({ type }) => type === 'call.ended.v1');
    expect(ended).toMatchObject({ reconciled: true, subject: `call/${live?.call.id}` });
    expect(house.journal.faults).toEqual([]);
  });
});
