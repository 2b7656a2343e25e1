import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/index.ts';
import { type DeskSettings, type TicketEvent, TicketOffice } from '../../src/tickets/index.ts';
import type { DeskTicket, Ticket, TicketDesk, TicketStore } from '../../src/tickets/ports.ts';
import { seededRng, silent } from '../events/support.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { endedCall } from './fixtures.ts';

const deadlineMs = 2_000;
/** What a desk does with one request to make a ticket. */
const deeds = ['ok', 'down', 'lost', 'late', 'refused'] as const;
type Deed = (typeof deeds)[number];

class Refusal extends Error {}
class Refused extends Error {}

/** A desk that searches by mark, and fails as the script says; when the script is over it works. */
class ScriptedDesk implements TicketDesk {
  readonly id = 'desk';
  readonly repeats = 'search' as const;
  readonly made: string[] = [];
  readonly script: Deed[];
  private readonly clock: FakeClock;

  constructor(clock: FakeClock, script: readonly Deed[]) {
    this.clock = clock;
    this.script = [...script];
  }

  meaningOf = (error: unknown) =>
    error instanceof Refused
      ? ('refused' as const)
      : error instanceof Refusal
        ? ('notDone' as const)
        : ('unknown' as const);

  async create({ mark }: { readonly mark: string }, signal: AbortSignal): Promise<DeskTicket> {
    await settle();
    // Who is dead by now has not sent it.
    signal.throwIfAborted();
    const deed = this.script.shift() ?? 'ok';
    if (deed === 'refused') throw new Refused();
    if (deed === 'down') throw new Refusal();
    if (deed === 'late') {
      // Made while nobody listens any more, but before the deadline of the request.
      this.clock.after(deadlineMs - 1, () => this.made.push(mark));
      await untilAborted(signal);
    }
    this.made.push(mark);
    if (deed === 'lost') throw new Error('reset');
    return this.told(mark);
  }

  async find(mark: string): Promise<DeskTicket | undefined> {
    await settle();
    return this.made.includes(mark) ? this.told(mark) : undefined;
  }

  read = async () => undefined;
  close = async () => {};

  private told(mark: string): DeskTicket {
    return { deskTicketId: `T-${mark}`, status: 'new' };
  }
}

/** The store and the journal before it: what is written waits for a commit, and a crash forgets it. */
class Kept {
  readonly rows = new Map<string, Ticket>();
  readonly events: TicketEvent[] = [];
  private life = 0;
  private waiting: { events: readonly TicketEvent[]; tickets: readonly Ticket[] }[] = [];

  write(events: readonly TicketEvent[], tickets: readonly Ticket[]): void {
    this.waiting.push({ events, tickets });
  }

  commit(office: TicketOffice): void {
    for (const { events, tickets } of this.waiting.splice(0)) {
      for (const ticket of tickets) this.rows.set(ticket.id, ticket);
      this.events.push(...events);
      for (const { ticket } of events) office.committed(ticket);
    }
  }

  crash(): void {
    this.waiting = [];
    this.life += 1;
  }

  /** What one life of the server writes through; after its crash nothing comes of it. */
  journal(): Pick<Kept, 'write'> {
    const { life } = this;
    return { write: (events, tickets) => (life === this.life ? this.write(events, tickets) : undefined) };
  }

  store(): TicketStore {
    const all = () => [...this.rows.values()];
    return {
      due: async (deskId, nowMs, limit) =>
        all()
          .filter((row) => row.phase === 'waiting' && row.deskId === deskId && row.notBeforeMs <= nowMs)
          .sort((a, b) => a.attempts - b.attempts || a.createdAtMs - b.createdAtMs)
          .slice(0, limit),
      get: async (id) => this.rows.get(id),
      byDeskTickets: async () => [],
      list: async () => all(),
      open: async () => all().filter(({ phase }) => phase === 'placed'),
      cursor: async () => '',
      saveCursor: async () => {},
      prune: async () => 0,
    };
  }
}

function rig(script: readonly Deed[], giveUpAfterMs = 10_000_000) {
  const clock = new FakeClock();
  const desk = new ScriptedDesk(clock, script);
  const kept = new Kept();
  const lane = { rest: { firstMs: 100, maxMs: 1_000 }, deadlineMs, parallelMax: 2, giveUpAfterMs, sweepMs: 5_000 };
  const settings: DeskSettings = { desk, lane, pollMs: 0 };
  const rule = { id: 'r', after: [], queues: [], entries: [], tiers: [], deskId: 'desk', level: 'normal' as const };
  const rules = [{ ...rule, subject: new Map([['zh', ['来电']]]), text: new Map([['zh', ['']]]) }];
  const open = async (): Promise<TicketOffice> => {
    const journal = kept.journal();
    const office = new TicketOffice(
      { store: kept.store(), journal, clock, rng: seededRng(1), logger: silent },
      { tenant: 't', rules, desks: [settings], keepMs: 1, openMax: 100 },
    );
    await office.start();
    return office;
  };
  return { clock, desk, kept, open };
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new Error('too late'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

const endOf = (office: TicketOffice, kept: Kept, call: Call, atMs: number): void => {
  const { events, tickets } = office.after(call, atMs);
  kept.write(events, tickets);
};

const countOf = <Item>(items: readonly Item[]) => items.length - new Set(items).size;

describe('a ticket and its desk', () => {
  it('meet once, whatever fails and whenever we are killed', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
    );
    const script = fc.array(fc.constantFrom(...deeds.filter((deed) => deed !== 'refused')), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), script, async (steps, deedsToCome) => {
        const { clock, desk, kept, open } = rig(deedsToCome);
        let office = await open();
        let calls = 0;
        /** Calls whose end is not committed end again after a restart, as the comparison with the PBX finds out. */
        let unsaved: string[] = [];
        const finish = (id: string): void => endOf(office, kept, endedCall({ id }), clock.nowMs());
        for (const one of steps) {
          if (one.kind === 'end') {
            calls += 1;
            unsaved.push(`rm-${calls}`);
            finish(`rm-${calls}`);
          } else if (one.kind === 'commit') {
            kept.commit(office);
            unsaved = [];
          } else if (one.kind === 'time') {
            await clock.advance(one.ms);
          } else {
            // Nobody hears of it: the old office just stops, with its requests under way.
            void office.stop();
            kept.crash();
            office = await open();
            for (const id of unsaved) finish(id);
          }
        }
        for (let round = 0; round < 200 && !isDone(kept, calls); round += 1) {
          kept.commit(office);
          await clock.advance(1_000);
        }
        await office.stop();
        expect([...kept.rows.values()].map(({ phase }) => phase)).toEqual(Array(calls).fill('placed'));
        expect(desk.made).toHaveLength(calls);
        expect(countOf(desk.made)).toBe(0);
        const created = kept.events.filter(({ type }) => type === 'ticket.created.v1').map(({ ticket }) => ticket.id);
        expect(countOf(created)).toBe(0);
        expect(created).toHaveLength(calls);
      }),
      { numRuns: 300, verbose: true },
    );
  });

  it('is given up at once when refused, and only after long when the desk is away', async () => {
    const { clock, desk, kept, open } = rig(['refused', ...Array<Deed>(40).fill('down')], 5_000);
    const office = await open();
    endOf(office, kept, endedCall({ id: 'rm-1' }), clock.nowMs());
    endOf(office, kept, endedCall({ id: 'rm-2' }), clock.nowMs());
    for (let round = 0; round < 30; round += 1) {
      kept.commit(office);
      await clock.advance(500);
    }
    const failures = kept.events.flatMap((event) => (event.type === 'ticket.failed.v1' ? [event.code] : []));
    expect(failures.sort()).toEqual(['tickets.defect', 'tickets.given_up']);
    expect(desk.made).toEqual([]);
    desk.script.length = 0;
    const replays = ['rm-1.r', 'rm-2.r'].map((id) => office.replay(id));
    await settle();
    for (let round = 0; round < 10; round += 1) {
      kept.commit(office);
      await clock.advance(500);
    }
    await Promise.all(replays);
    expect(desk.made).toHaveLength(2);
    expect([...kept.rows.values()].map(({ phase }) => phase)).toEqual(['placed', 'placed']);
    await office.stop();
  });
});

const isDone = (kept: Kept, calls: number): boolean =>
  kept.rows.size === calls && [...kept.rows.values()].every(({ phase }) => phase === 'placed');
