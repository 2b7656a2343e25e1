import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeUdpPort, SipCaller } from '../../lab/index.ts';
import { DeskPhone } from './support/desk-phone.ts';
import { type Caller, checkStory, entry, queue, Site } from './support/site.ts';

let site: Site;
let deskPort: number;

/** When phones hang up so long after the answer; their callers do so a little earlier or later. */
const talkMs = 1_200;

beforeAll(async () => {
  deskPort = await freeUdpPort();
  site = await Site.open({
    phones: {
      phone: { behaviour: 'answer', answerAfterMs: 40, count: 30 },
      silent: { behaviour: 'noAnswer', count: 12 },
      brief: { behaviour: 'answer', talkMs, count: 12 },
    },
    numbers: [
      { ...entry, greeting: ['sound:welcome'] },
      { ...entry, id: 'plain', number: '4002' },
      { ...entry, id: 'written', number: '4003', queue: 'written' },
      { ...entry, id: 'unpaid', number: '4004', answer: 'withAgent' },
    ],
    queues: [queue, { ...queue, id: 'written', wrapUpMs: '60s' }],
    agents: [
      { id: 'writer1', endpoint: 'Local/answer91@lab-agents', queues: ['written'] },
      { id: 'desk1', endpoint: 'PJSIP/1900' },
    ],
    extraConfig: { 'pjsip.conf': deskPhone(deskPort) },
  });
});

afterAll(() => site?.[Symbol.asyncDispose]());

afterEach(() => site.clear());

const deskPhone = (port: number): string =>
  `[1900](phone)\naors = 1900\n[1900]\ntype = aor\ncontact = sip:1900@127.0.0.1:${port}`;

async function talking(): Promise<Caller> {
  await site.signIn('phone');
  const caller = await site.enqueue({ target: '4002' });
  await site.see('call.connected.v1', caller.id);
  return caller;
}

/** Ways to bring a caller into each phase; the agents that take part are signed in by them. */
const phases = {
  arriving: () => site.arrive({ target: '4001' }),
  waiting: () => site.enqueue({ target: '4002' }),
  'waiting, unanswered': () => site.enqueue({ target: '4004' }),
  offering: async () => {
    await site.signIn('silent');
    const caller = await site.enqueue({ target: '4002' });
    await site.see('call.offer.ringing.v1', caller.id);
    return caller;
  },
  'offering, unanswered': async () => {
    await site.signIn('silent');
    const caller = await site.enqueue({ target: '4004' });
    await site.see('call.offer.ringing.v1', caller.id);
    return caller;
  },
  talking,
  held: async () => {
    const caller = await talking();
    await site.command(caller.id, 'hold');
    await site.see('call.held.v1', caller.id);
    return caller;
  },
} as const satisfies Record<string, () => Promise<Caller>>;

const reasons: Readonly<Record<keyof typeof phases, string>> = {
  arriving: 'abandoned',
  waiting: 'abandoned',
  'waiting, unanswered': 'abandoned',
  offering: 'abandoned',
  'offering, unanswered': 'abandoned',
  talking: 'completed',
  held: 'completed',
};

describe.each(Object.keys(phases) as (keyof typeof phases)[])('a caller who is %s', (phase) => {
  it('hangs up', async () => {
    const { id, sip } = await phases[phase]();
    sip.hangUp();
    expect((await site.ended(id)).data.reason).toBe(reasons[phase]);
    await site.settled();
    checkStory(site.room.ofCall(id));
  });

  it('is hung up by the PBX’s administrator', async () => {
    const { id, sip } = await phases[phase]();
    await hangUpCaller();
    expect((await site.ended(id)).data.reason).toBe(reasons[phase]);
    await sip.ended;
    await site.settled();
    checkStory(site.room.ofCall(id));
  });

  it('is hung up by the API', async () => {
    const { id, sip } = await phases[phase]();
    await site.command(id, 'hang-up');
    expect((await site.ended(id)).data.reason).toBe(reasons[phase]);
    await sip.ended;
    await site.settled();
    checkStory(site.room.ofCall(id));
  });
});

async function hangUpCaller(): Promise<void> {
  const caller = (await site.channels()).find(({ name }) => name.startsWith('PJSIP/anonymous'));
  await site.requestHangup(caller?.name ?? '');
}

describe('a caller whose agent uses the transfer key of the phone', () => {
  async function talkingAtTheDesk(): Promise<Caller> {
    await site.room.signIn('desk1');
    const caller = await site.enqueue({ target: '4002' });
    await site.see('call.connected.v1', caller.id);
    return caller;
  }
  const legsOf = async (callId: string): Promise<number | undefined> =>
    (await site.bridges()).find(({ id }) => id.startsWith(callId))?.channels.length;
  async function handedOn({ id }: Caller): Promise<object> {
    const { agentId, target, attended } = (await site.see('call.transferred.v1', id)).data;
    const { routing } = await site.agent('desk1');
    return { agentId, target, attended, routing, legs: await legsOf(id) };
  }
  const toNumber = { agentId: 'desk1', target: 'number', attended: undefined, routing: 'idle', legs: 2 };

  it('goes on with the number dialled, until that one hangs up', async () => {
    await using phone = await DeskPhone.open(deskPort);
    const caller = await talkingAtTheDesk();
    const { endpoint } = site.endpointOf('phone30');
    phone.transfer(endpoint.slice('PJSIP/'.length));
    expect(await handedOn(caller)).toEqual(toNumber);
    await expect.poll(async () => (await site.channels()).map(({ name }) => name).join()).toContain(`${endpoint}-`);
    const party = (await site.channels()).find(({ name }) => name.startsWith(`${endpoint}-`));
    await site.requestHangup(party?.name ?? '');
    expect((await site.ended(caller.id)).data.reason).toBe('transferred');
    expect((await caller.sip.ended).endedBy).toBe('callee');
    await site.settled();
    checkStory(site.room.ofCall(caller.id));
  });

  it('waits in the queue of a number of ours, by a call of its own', async () => {
    await using phone = await DeskPhone.open(deskPort);
    const caller = await talkingAtTheDesk();
    phone.transfer('4003');
    expect(await handedOn(caller)).toEqual(toNumber);
    expect((await site.liveCalls()).map(({ phase }) => phase).sort()).toEqual(['outside', 'waiting']);
    caller.sip.hangUp();
    expect((await site.ended(caller.id)).data.reason).toBe('transferred');
    await site.settled();
  });

  it.each(['5000', '4003'])(
    'is joined with whom the agent has asked at %s by a second call of the phone',
    async (number) => {
      await using phone = await DeskPhone.open(deskPort);
      await using own = await SipCaller.open(site.asterisk);
      const caller = await talkingAtTheDesk();
      const second = own.call({ target: number, callerNumber: '1900' });
      await second.answered;
      phone.transfer('second', second.replaces);
      expect(await handedOn(caller)).toEqual({ ...toNumber, attended: true });
      await second.ended;
      expect(await legsOf(caller.id)).toBe(2);
      caller.sip.hangUp();
      expect((await site.ended(caller.id)).data.reason).toBe('transferred');
      await site.settled();
    },
  );
});

describe('around the end of a conversation', () => {
  it('a caller who is gone leaves the agent to the wrap-up', async () => {
    await site.signIn('writer');
    const { id, sip } = await site.arrive({ target: '4003' });
    await site.see('call.connected.v1', id);
    sip.hangUp();
    await site.see('call.wrapup.started.v1', id);
    await expect.poll(async () => (await site.channels()).length).toBe(0);
    expect(await site.agent('writer1')).toMatchObject({ routing: 'wrapUp' });
    await site.room.ask('POST', '/v1/agents/writer1/end-wrap-up');
    await site.ended(id);
    checkStory(site.room.ofCall(id));
  });

  it('an agent who hangs up ends the call', async () => {
    const agentId = await site.signIn('brief');
    const { id, sip } = await site.arrive({ target: '4002' });
    expect((await site.ended(id)).data.reason).toBe('completed');
    expect((await sip.ended).endedBy).toBe('callee');
    expect((await site.agent(agentId)).routing).toBe('idle');
  });

  it('both hang up together: the call ends once', async () => {
    const delays = [-20, -10, -5, 0, 0, 5, 10, 20];
    for (const _delay of delays) await site.signIn('brief');
    const calls = await Promise.all(delays.map((delay) => site.arrive({ target: '4004', holdMs: talkMs + delay })));
    for (const { id } of calls) expect((await site.ended(id)).data).toMatchObject({ reason: 'completed', attempts: 1 });
    await site.settled();
    for (const { id } of calls) checkStory(site.room.ofCall(id));
  });

  it('a caller whom somebody sends round to the hotline is another call, and is served', async () => {
    const { id, sip, number } = await talking();
    const next = await site.signIn('phone');
    const name = (await site.channels()).find((one) => one.name.startsWith('PJSIP/anonymous'))?.name ?? '';
    await site.asterisk.cli(`channel redirect ${name} from-trunk,4002,1`);
    expect((await site.ended(id)).data.reason).toBe('completed');
    const again = await site.room.waitFor(
      'call.connected.v1',
      ({ data }) => data.call.callerNumber === number && data.call.id !== id,
    );
    expect(again.data.agentId).toBe(next);
    sip.hangUp();
    await site.ended(again.data.call.id);
    await site.settled();
  });

  it('callers who give up around the moment of the answer leave nobody behind', async () => {
    // The phones ring 40 ms before they answer.
    const delays = [20, 30, 35, 40, 42, 45, 50, 60];
    for (const _delay of delays) await site.signIn('phone');
    const callers = delays.map((delay) => ({ delay, ...site.dial({ target: '4004' }) }));
    for (const { number, sip, delay } of callers) {
      void site.room
        .waitFor('call.offered.v1', ({ data }) => data.call.callerNumber === number)
        .then(() => setTimeout(() => sip.hangUp(), delay));
    }
    const ids = await Promise.all(callers.map(({ number }) => site.room.callFrom(number)));
    for (const id of ids) expect(['abandoned', 'completed']).toContain((await site.ended(id)).data.reason);
    await site.settled();
    for (const id of ids) checkStory(site.room.ofCall(id));
  });
});
