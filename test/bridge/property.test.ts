import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Agent } from '../../src/agents/index.ts';
import { bridgeLegsOf, offerTo, type Call, partyAgentId } from '../../src/call/index.ts';
import { entry } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { customer } from './fake-neighbours.ts';
import { House } from './house.ts';

const seed = 20_260_103;
const agents = ['ann', 'bob', 'cat'];
const options = {
  agents: agents.map((id) => profile(id, { queues: ['sales', 'service', 'all', 'asked'] })),
  queues: [
    queue('sales', { maxWaitMs: 60_000, overflow: { kind: 'queue', queueId: 'service' }, waitingCallsMax: 3 }),
    queue('service', { offer: 'accept', wrapUpMs: 0, maxWaitMs: 90_000 }),
    queue('all', { ringAll: 3, maxWaitMs: 60_000, overflow: { kind: 'queue', queueId: 'service' } }),
    queue('asked', { ringAll: 2, offer: 'accept', maxWaitMs: 60_000 }),
  ],
  entries: [
    { ...entry, greeting: [] },
    { ...entry, id: 'help', number: '4002', queueId: 'service', answer: 'withAgent' as const },
    { ...entry, id: 'all', number: '4003', queueId: 'all' },
    { ...entry, id: 'asked', number: '4004', queueId: 'asked' },
  ],
  callsMax: 6,
  recording: {
    rule: { kind: 'share', percent: 50 },
    format: 'wav',
    announcement: ['sound:notice'],
    announcementMaxMs: 2_000,
    pauseMaxMs: 30_000,
    lengthMaxMs: 3_600_000,
  } as const,
};

const move = fc.record({
  kind: fc.constantFrom(
    'arrive',
    'arrive',
    'arrive',
    'ring',
    'answer',
    'answer',
    'answer',
    'busy',
    'callerHangsUp',
    'agentHangsUp',
    'accept',
    'accept',
    'reject',
    'hold',
    'resume',
    'transfer',
    'consult',
    'consult',
    'partyAnswers',
    'partyAnswers',
    'partyHangsUp',
    'consultAction',
    'consultAction',
    'beside',
    'hangUp',
    'sign',
    'sign',
    'pause',
    'wait',
    'wait',
    'device',
    'refuse',
    'blink',
    'gap',
    'restart',
    'signIn',
    'endWrapUp',
    'bridgeLost',
  ),
  pick: fc.nat(59),
});
type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;
/** A day on which people are at work, answer, and ask one another. */
const busyMove = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant<MoveKind>('arrive') },
    { weight: 30, arbitrary: fc.constantFrom<MoveKind>('answer', 'signIn') },
    { weight: 40, arbitrary: fc.constantFrom<MoveKind>('consult', 'partyAnswers', 'consultAction') },
    { weight: 8, arbitrary: fc.constantFrom<MoveKind>('partyHangsUp', 'agentHangsUp', 'callerHangsUp', 'beside') },
    { weight: 6, arbitrary: fc.constantFrom<MoveKind>('hold', 'resume', 'transfer', 'wait', 'endWrapUp') },
    { weight: 3, arbitrary: fc.constantFrom<MoveKind>('blink', 'gap', 'restart', 'refuse', 'bridgeLost') },
  ),
  pick: fc.nat(59),
});
type MoveKind = Move['kind'];
/** What a move is about: some call, some agent, and the agent's leg of that call. */
interface Scene {
  readonly pick: number;
  readonly call: Call | undefined;
  readonly agentId: string;
  readonly legId: string;
}

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** One of those who are rung. */
function offered({ offers = [] }: Call, pick: number): string {
  return offers[pick % offers.length]?.token.agentId ?? '';
}

class Play {
  house!: House;
  private callers = 0;
  /** A command was refused: who hears whom is not certain any more. */
  private refused = false;

  async open(): Promise<this> {
    this.house = await House.open(options, agents);
    this.house.lookup.known.set('138', customer({ vip: true }));
    this.house.lookup.known.set('139', customer({ blacklisted: true }));
    return this;
  }

  async move({ kind, pick }: { readonly kind: MoveKind; readonly pick: number }): Promise<void> {
    const { calls } = this.house;
    const call = calls[pick % Math.max(1, calls.length)];
    const agentId = agents[pick % agents.length] as string;
    const offers = call?.offers ?? [];
    const legId = offers[pick % Math.max(1, offers.length)]?.legId ?? call?.talk?.legId ?? '';
    await this.moves[kind]({ pick, call, agentId, legId });
    await settle();
  }

  private readonly moves: Record<MoveKind, (at: Scene) => unknown> = {
    arrive: ({ pick }) => {
      this.house.pbx.arrive(
        `caller-${(this.callers += 1)}`,
        ['138', '139', '137'][pick % 3],
        ['4002', '4001', '4003', '4001', '4003', '4004'][pick % 6],
      );
    },
    ring: ({ legId }) => {
      if (this.house.pbx.legs.has(legId)) this.house.pbx.ring(legId);
    },
    answer: ({ legId }) => {
      if (this.house.pbx.legs.has(legId)) this.house.pbx.answer(legId);
    },
    busy: ({ pick, call, legId }) => {
      if (call?.offers) this.house.pbx.hangUp(legId, [17, 19, 21, 20][pick % 4]);
    },
    callerHangsUp: ({ call }) => {
      if (call) this.house.pbx.hangUp(call.callerLegId);
    },
    agentHangsUp: ({ call }) => {
      if (call?.talk) this.house.pbx.hangUp(call.talk.legId);
    },
    accept: ({ call, pick }) => {
      if (call?.offers) this.house.desk.accept(call.id, offered(call, pick));
    },
    reject: ({ call, pick }) => {
      if (call?.offers) this.house.desk.reject(call.id, offered(call, pick));
    },
    hold: ({ call }) => {
      if (call) this.house.desk.hold(call.id);
    },
    resume: ({ call }) => {
      if (call) this.house.desk.resume(call.id);
    },
    transfer: ({ pick, call, agentId }) => {
      if (call)
        this.house.desk.transfer(
          call.id,
          pick % 2 ? { kind: 'queue', queueId: 'service' } : { kind: 'agent', agentId },
        );
    },
    consult: ({ pick, call, agentId }) => {
      if (!call) return;
      const targets = [
        { kind: 'agent', agentId },
        { kind: 'queue', queueId: 'service' },
        { kind: 'agent', agentId },
        { kind: 'number', number: '10086' },
      ] as const;
      this.house.desk.control.consult(call.id, targets[pick % 4] ?? targets[0]);
    },
    partyAnswers: ({ call }) => {
      if (call?.consult && this.house.pbx.legs.has(call.consult.legId)) this.house.pbx.answer(call.consult.legId);
    },
    partyHangsUp: ({ pick, call }) => {
      if (call?.consult) this.house.pbx.hangUp(call.consult.legId, [16, 17, 21, 20][pick % 4]);
    },
    consultAction: ({ pick, call }) => {
      const actions = ['complete', 'cancel', 'swap', 'merge'] as const;
      if (call) this.house.desk.control.consultAction(call.id, actions[pick % 4] ?? 'swap');
    },
    beside: ({ pick, call, agentId }) => {
      if (!call) return;
      if (pick % 3 === 0) this.house.desk.hangUp(call.id, agentId);
      else if (pick % 5 < 3)
        this.house.desk.control.record(call.id, (['start', 'pause', 'resume', 'stop'] as const)[pick % 4] ?? 'start');
      else if (pick % 3 === 1) this.house.desk.control.mute(call.id, pick % 2 === 0, agentId);
      else this.house.desk.control.sendKeys(call.id, '1#');
    },
    hangUp: ({ call }) => {
      if (call) this.house.desk.hangUp(call.id);
    },
    sign: ({ pick, agentId }) => {
      if (pick % 4 === 0) this.house.desk.signOut(agentId);
      else if (pick % 4 === 1) this.house.desk.setAvailable(agentId);
      else this.house.desk.signIn(agentId);
    },
    signIn: ({ agentId }) => this.house.desk.signIn(agentId),
    endWrapUp: ({ agentId }) => this.house.desk.endWrapUp(agentId),
    bridgeLost: ({ call }) => {
      if (!call || !this.house.pbx.isUp) return;
      if (this.house.pbx.bridges.delete(`${call.id}.bridge`))
        this.house.pbx.tell({ kind: 'bridgeEnded', bridgeId: `${call.id}.bridge` });
    },
    pause: ({ pick, agentId }) => {
      if (pick % 3 === 0) this.house.desk.pause(agentId, 'lunch');
      else this.house.desk.endWrapUp(agentId);
    },
    device: ({ pick, agentId }) => {
      this.house.phones.set(
        `PJSIP/${agentId}`,
        (['notInUse', 'inUse', 'unavailable', 'notInUse'] as const)[pick % 4] ?? 'unknown',
      );
    },
    refuse: ({ pick }) => {
      this.refused = true;
      this.house.pbx.refusals.set((['dial', 'join', 'startMusic', 'createBridge'] as const)[pick % 4] ?? 'dial', {
        ok: false,
        failure: (['gone', 'refused', 'timeout', 'unavailable'] as const)[pick % 4] ?? 'gone',
      });
    },
    blink: () => {
      this.house.pbx.down();
      this.house.pbx.up();
    },
    gap: async ({ pick, call, legId }) => {
      this.house.pbx.down();
      if (this.house.pbx.legs.has(legId) && pick % 2 === 0) this.house.pbx.answer(legId);
      else if (call) this.house.pbx.hangUp(pick % 4 === 1 ? call.callerLegId : legId);
      await this.house.clock.advance(pick * 500);
      this.house.pbx.up();
    },
    restart: async ({ pick }) => {
      if (pick % 3 === 0) await this.house.restart();
    },
    wait: ({ pick }) => this.house.clock.advance(pick * 700),
  };

  /** The board, its routing and the PBX tell the same story. */
  check(): void {
    const { house } = this;
    must(house.journal.faults.length === 0, house.journal.faults.join('\n'));
    must(house.board.stats.defects === 0, 'a defect was caught');
    for (const agent of house.board.desk.engine.allAgents()) this.checkAgent(agent);
    for (const call of house.calls) this.checkCall(call);
  }

  private checkAgent({ routing, callId, profile: { id } }: Agent): void {
    const call = this.house.calls.find((one) => one.id === callId);
    const offer = call && offerTo(call, id)?.stage;
    const asked = call && partyAgentId(call) === id ? call.consult?.stage : undefined;
    const stage = offer ?? asked;
    if (routing === 'offered') must(stage !== undefined && stage !== 'answered', `${id} is reserved for nothing`);
    if (routing === 'talking') must(call?.talk?.agentId === id || stage === 'answered', `${id} talks to nobody`);
  }

  private checkCall(call: Call): void {
    const { pbx, board } = this.house;
    const inBridge = pbx.bridges.get(`${call.id}.bridge`);
    const isSure = pbx.isUp && !this.refused;
    for (const legId of isSure ? bridgeLegsOf(call) : []) {
      must(inBridge?.has(legId) === true || !pbx.legs.has(legId), `${legId} is not in the bridge, ${call.phase}`);
    }
    const isRecorded = call.recording !== undefined && call.recording.stage !== 'announcing';
    must(!isRecorded || ['talking', 'held', 'outside'].includes(call.phase), `${call.id} is recorded, ${call.phase}`);
    const agent = call.talk && board.desk.engine.agent(call.talk.agentId);
    if (call.phase === 'talking' || call.phase === 'held')
      must(agent?.callId === call.id, `${call.id} talks without its agent`);
    if (call.phase === 'wrapUp')
      must(agent?.routing === 'wrapUp' && agent.callId === call.id, `${call.id} is wrapped up by nobody`);
  }

  /** Everybody hangs up and goes home: nothing may be left, on the PBX or with us. */
  async close(): Promise<void> {
    const { house } = this;
    house.pbx.refusals.clear();
    house.pbx.down();
    house.pbx.up();
    await settle();
    for (const legId of house.pbx.legs.keys()) if (legId.startsWith('caller')) house.pbx.hangUp(legId);
    await settle();
    await settle();
    await house.clock.advance(600_000);
    must(
      house.calls.length === 0,
      `${house.calls.length} calls are left: ${house.calls.map(({ phase }) => phase).join()}`,
    );
    must(house.pbx.legs.size === 0, `legs are left: ${[...house.pbx.legs.keys()].join()}`);
    must(house.pbx.recordings.size === 0, `recordings go on: ${[...house.pbx.recordings.keys()].join()}`);
    must(house.pbx.bridges.size === 0, `bridges are left: ${[...house.pbx.bridges.keys()].join()}`);
    for (const {
      routing,
      profile: { id },
    } of house.board.desk.engine.allAgents())
      must(routing === 'idle', `${id} is left ${routing}`);
  }
}

async function live(list: readonly Move[]): Promise<void> {
  const play = await new Play().open();
  for (const step of list) {
    await play.move(step);
    play.check();
  }
  await play.close();
  play.check();
  play.house.kill();
}

describe('a house keeps one story, publishes only what fits, and leaves nothing behind', () => {
  // In parts, each with days of its own, so that none is near a test's time limit on a busy machine. The first days of a
  // part are short: 70 make a tenth more moves in all than 300 at once.
  const parts = [0, 1, 2, 3, 4];
  const kinds = [
    ['random days', move],
    ['busy days', busyMove],
  ] as const;
  it.each(kinds.flatMap(([name, moves]) => parts.map((part) => [name, part, moves] as const)))(
    'under %s, part %i',
    async (_name, part, moves) => {
      const days = fc.array(moves, { minLength: 1, maxLength: 200, size: 'max' });
      await fc.assert(fc.asyncProperty(days, live), { seed: seed + part, numRuns: 70 });
    },
  );
});
