import { describe, expect, it } from 'vitest';
import type { CustomerLookup } from '../../src/bridge/ports.ts';
import type { CustomerResult } from '../../src/call/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import { MirrorDesk, QueueMirror } from '../../src/mirror/index.ts';
import type { Membership, Pause, QueueListener, QueuePort } from '../../src/mirror/ports.ts';
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

  constructor(journal = new FakeJournal(), late?: CustomerResult) {
    this.journal = journal;
    const limits = { callsMax: 10, membersMax: 10, ringMaxMs: 60_000, graceMs: 1_000, staleMaxMs: 600_000 };
    let ids = 0;
    const port: QueuePort = {
      nodeId: 'pbx1',
      listen: (listener) => (this.listener = listener),
      stop: () => this.done.push('stopped'),
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
        newId: () => `aq-${this.clock.nowMs()}-${(ids += 1)}`,
        askedForMs: 5_000,
      }),
      queueIds: ['care'],
      ports: [port],
      lookup,
      journal,
      agents: {
        all: () => [{ id: 'li', presence: this.presence, reason: '' }],
        pause: (agentId, { paused, reason }) => this.done.push(`${agentId} ${paused} ${reason}`),
        talks: (agentId) => this.done.push(`${agentId} talks`),
        hungUp: (agentId) => this.done.push(`${agentId} hung up`),
      },
      ...limits,
      clock: this.clock,
      logger: silent,
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
    expect(house.desk.pausesFailed).toBe(1);
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
