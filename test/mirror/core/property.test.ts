import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MirroredTold, MirrorInput, MirrorOutput } from '../../../src/mirror/core/index.ts';
import { QueueMirror } from '../../../src/mirror/index.ts';
import type { QueueFact } from '../../../src/mirror/ports.ts';
import { AppQueue, phone } from '../app-queue.ts';
import { agents } from './rig.ts';

const phones = ['PJSIP/1001', 'PJSIP/1002', 'Local/1003@agents'];
const queues = ['care', 'sales'];

interface Op {
  readonly kind: number;
  readonly call: number;
  readonly phone: number;
  readonly queue: number;
  /** What becomes of the facts: told, late, twice, lost. */
  readonly fate: number;
  readonly waitMs: number;
}

const op = fc.record<Op>({
  kind: fc.nat(17),
  call: fc.nat(5),
  phone: fc.nat(2),
  queue: fc.nat(1),
  fate: fc.nat(9),
  waitMs: fc.constantFrom(0, 0, 10, 600, 70_000),
});

/** A day of app_queue whose news come late, twice or never, with gaps and readings in between. */
class Day {
  readonly told: MirroredTold[] = [];
  readonly outputs: MirrorOutput[] = [];
  readonly pbx: AppQueue;
  readonly mirror: QueueMirror;
  private nowMs = 1_000_000;
  private fate = 0;
  private late: QueueFact[] = [];
  private ids = 0;

  constructor() {
    this.mirror = new QueueMirror({
      queues: queues.map((name) => ({ id: name, nodeId: 'pbx1', name })),
      agentOf: (_, dialled) => agents[dialled],
      shown: (dialled) => dialled,
      newId: () => `aq-${(this.ids += 1)}`,
      callsMax: 1_000,
      membersMax: 50,
      ringMaxMs: 60_000,
      graceMs: 1_000,
      staleMaxMs: 600_000,
      askedForMs: 5_000,
    });
    const members = phones.map((name) => phone(name, { interface: name, stateInterface: name }));
    this.pbx = new AppQueue(
      { care: members, sales: members },
      (fact) => this.hear(fact),
      () => this.nowMs,
    );
  }

  play({ kind, call, phone: which, queue, fate, waitMs }: Op): void {
    this.fate = fate;
    const callers = [...this.pbx.rounds.keys()];
    const caller = callers[call % callers.length] ?? '';
    const dialled = phones[which] ?? '';
    const name = queues[queue] ?? '';
    const { pbx } = this;
    if (kind <= 1) pbx.join(name);
    else if (kind <= 3) pbx.ring(caller, dialled);
    else if (kind === 4) pbx.unanswered(caller, dialled, [0, 17, 21][call % 3]);
    else if (kind <= 6) pbx.answer(caller, dialled);
    else if (kind === 7) pbx.hangUp(caller);
    else if (kind === 8) pbx.timeout(caller);
    else if (kind === 9) pbx.rejoin(caller, name);
    else if (kind === 10) pbx.release(caller, call % 2 === 0 ? 'agent' : 'transfer');
    else if (kind === 11) pbx.pause(dialled, call % 2 === 0, 'tea');
    else this.playLong(kind - 12, call, { caller, dialled, name });
    this.nowMs += waitMs;
    this.step({ kind: 'tick' });
  }

  /** What takes several facts, and what is no caller's doing. */
  private playLong(
    kind: number,
    call: number,
    { caller, dialled, name }: { readonly caller: string; readonly dialled: string; readonly name: string },
  ): void {
    const { pbx } = this;
    if (kind === 0) pbx.pickUp(caller, dialled);
    else if (kind === 1) pbx.connect(caller);
    else if (kind === 2) pbx.passOn(caller, 'PJSIP/1002');
    else if (kind === 3) this.talk(caller, dialled);
    else if (kind === 4) this.again(caller, name, dialled);
    else if (call === 0) this.gap();
    else if (call === 1) this.optimise(caller);
    else pbx.remove(name, dialled);
  }

  private talk(caller: string, dialled: string): void {
    this.pbx.ring(caller, dialled);
    this.pbx.answer(caller, dialled);
  }

  /** Passed on to a queue and answered there: told, or lost altogether. */
  private again(caller: string, name: string, dialled: string): void {
    this.pbx.release(caller, 'transfer');
    this.pbx.rejoin(caller, name);
    this.talk(caller, dialled);
  }

  /** A conversation of which nobody has heard looks, without its Local channel, as one that was passed on in person. */
  private optimise(caller: string): void {
    const legId = this.mirror.book.ofChannel('pbx1', caller)?.talk?.legId;
    if (legId !== undefined && legId === this.pbx.rounds.get(caller)?.talksWith?.legId)
      this.pbx.optimise(caller, 'PJSIP/9999');
  }

  /** The link breaks and comes back; what was late is lost with it. */
  gap(): void {
    this.late = [];
    this.step({ kind: 'linkLost', nodeId: 'pbx1' });
    this.read();
  }

  read(): void {
    this.step({ kind: 'reading', nodeId: 'pbx1' });
    this.step({ kind: 'snapshot', snapshot: this.pbx.snapshot() });
  }

  private hear(fact: QueueFact): void {
    if (this.fate === 9) return;
    if (this.fate === 8) return void this.late.push(fact);
    for (const one of [fact, ...this.late.splice(0).reverse()]) this.step({ kind: 'fact', fact: one });
    if (this.fate === 7) this.step({ kind: 'fact', fact });
  }

  private step(input: MirrorInput): void {
    const outputs = [...this.mirror.step(input, this.nowMs)];
    this.outputs.push(...outputs);
    for (const output of outputs) if (output.kind === 'call') this.told.push(...output.told);
    for (const output of outputs) {
      if (output.kind !== 'lookup') continue;
      const customer = { status: 'none' as const, source: 'directory' };
      this.step({ kind: 'customer', callId: output.call.id, customer, late: false });
    }
  }
}

/** Who waits where, and who talks with whom, as the PBX has it and as the mirror has it. */
function truthOf({ rounds }: AppQueue): string[] {
  const held = [...rounds.values()].filter(({ outside, passedTo }) => !outside && !passedTo);
  return held.map(({ caller, queue, ringing, talksWith }) =>
    talksWith
      ? `${caller.uniqueId} talks ${agents[talksWith.interface] ?? 'a stranger'}`
      : `${caller.uniqueId} ${queue} ${[...ringing.values()].sort().join()}`,
  );
}

/** Who was passed on in person while nobody listened talks with somebody, too: left out, as in the truth. */
function mirrored({ book }: QueueMirror, { rounds }: AppQueue): string[] {
  const own = [...book.calls.values()].filter(({ uniqueId }) => !rounds.get(uniqueId)?.passedTo);
  return own.map(({ uniqueId, queueId, talk, offers }) =>
    talk
      ? `${uniqueId} talks ${talk.party.agentId ?? 'a stranger'}`
      : `${uniqueId} ${queueId} ${offers
          .map(({ legId }) => legId)
          .sort()
          .join()}`,
  );
}

/** What is wrong with the story of a call; nothing when it is sound. */
function faultsOf(told: readonly MirroredTold[]): string[] {
  const open = new Set<string>();
  return told.flatMap(({ call, event }, index) => {
    const isLast = index === told.length - 1;
    if (call.version !== index + 1) return ['a version is missing'];
    if ((event.type === 'call.arrived.v1') !== (index === 0)) return ['it does not begin with its coming'];
    if (event.type === 'call.offered.v1') open.add(event.offer.legId);
    if (event.type === 'call.offer.ended.v1' && !open.delete(event.offer.legId)) return ['an offer ends unseen'];
    if (event.type === 'call.connected.v1') {
      const seen = open.delete(call.talk?.legId ?? '');
      if (!seen || open.size > 0 || call.offers.length > 0) return ['it connects beside offers that stand'];
    }
    if (event.type === 'call.ended.v1' && (!isLast || open.size > 0)) return ['its end is not the end'];
    return [];
  });
}

it('has the truth of the PBX after a reading, whatever was late, told twice or lost before', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60, size: 'max' }), (ops) => {
      const day = new Day();
      for (const one of ops) day.play(one);
      // Between the answer and the connection app_queue lists nobody: whoever is there connects.
      for (const caller of day.pbx.rounds.keys()) day.pbx.connect(caller);
      day.gap();
      expect(mirrored(day.mirror, day.pbx).sort()).toEqual(truthOf(day.pbx).sort());
      for (const { id, members } of day.mirror.floor.all()) {
        const theirs = [...(day.pbx.members.get(id)?.values() ?? [])].map((one) => `${one.interface} ${one.paused}`);
        expect([...members.values()].map((one) => `${one.interface} ${one.paused}`).sort()).toEqual(theirs.sort());
      }
      const stories = Map.groupBy(day.told, ({ call }) => call.id);
      expect([...stories.values()].flatMap(faultsOf)).toEqual([]);
      // Nothing that comes from the PBX is ever sent back to it.
      expect(day.outputs.filter(({ kind }) => kind === 'memberPause')).toEqual([]);
      // Who was told to talk was told to have hung up, but for those who still do.
      const talks = day.outputs.filter(({ kind }) => kind === 'talks').length;
      const hungUp = day.outputs.filter(({ kind }) => kind === 'hungUp').length;
      const stillTalk = [...day.mirror.book.calls.values()].filter(({ talk }) => talk?.party.agentId !== undefined);
      expect(talks - hungUp).toBe(stillTalk.length);
    }),
    { numRuns: 300 },
  );
});

it('says nothing more when nothing has happened: a second reading changes nothing', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40, size: 'max' }), (ops) => {
      const day = new Day();
      for (const one of ops) day.play(one);
      day.gap();
      const before = day.told.length;
      day.read();
      expect(day.told.length).toBe(before);
    }),
    { numRuns: 100 },
  );
});
