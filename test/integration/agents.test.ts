import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PbxWatch } from './support/pbx-watch.ts';
import { type Caller, checkStory, entry, queue, Site } from './support/site.ts';

const answerAfterMs = 120;
const rings = ['twin', 'drop', 'decline', 'late'];

let site: Site;
let watch: PbxWatch;

beforeAll(async () => {
  site = await Site.open({
    phones: {
      twin: { behaviour: 'answer', answerAfterMs, count: 12 },
      drop: { behaviour: 'answerThenDrop', answerAfterMs: 30, talkMs: 1, count: 1 },
      decline: { behaviour: 'decline', answerAfterMs: 30, count: 2 },
      late: { behaviour: 'answer', answerAfterMs: 600, count: 6 },
      phone: { behaviour: 'answer', answerAfterMs: 30, count: 3 },
    },
    phoneQueues: (kind) => (rings.includes(kind) ? ['all'] : ['support']),
    numbers: [entry, { ...entry, id: 'all', number: '4002', queue: 'all' }],
    queues: [queue, { ...queue, id: 'all', ringAll: 3 }],
    agents: [
      {
        id: 'two1',
        endpoint: 'Local/answer61@lab-agents',
        devices: [
          { id: 'desk', endpoint: 'Local/answer61@lab-agents' },
          { id: 'mobile', endpoint: 'Local/answer62@lab-agents' },
        ],
      },
    ],
    // Calls of a phone's own, that are none of ours.
    dialplan: '[from-internal](+)\nexten => 9000,1,Answer()\n same => n,Wait(3600)\n',
  });
  watch = await PbxWatch.open(site.asterisk);
});
afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});
afterEach(() => site.clear());

/** A caller to whom so many phones ring. */
async function ringing(phones: number): Promise<Caller> {
  const caller = await site.arrive({ target: '4002' });
  await site.see('call.offered.v1', caller.id, ({ data }) => data.attempt === phones);
  return caller;
}

/** Names of the channels that the PBX has to a phone. */
async function legsOf(agentId: string): Promise<string[]> {
  const { endpoint } = site.endpointOf(agentId);
  return (await site.channels()).filter(({ name }) => name.startsWith(`${endpoint}-`)).map(({ id }) => id);
}

/** Whether the PBX has seen the phone of this leg answer. */
const wasUp = (legId: string): boolean =>
  watch.events.some((event) => event.get('Uniqueid') === legId && event.get('ChannelStateDesc') === 'Up');

const outcomes = (callId: string): string[] =>
  site.room
    .ofCall(callId)
    .flatMap((event) => (event.type === 'call.offer.ended.v1' ? [`${event.data.agentId} ${event.data.outcome}`] : []));

async function finish({ id, sip }: Caller): Promise<void> {
  sip.hangUp();
  await site.ended(id);
  checkStory(site.room.ofCall(id));
}

describe('several phones ring at once', () => {
  it('two answer at once: one wins, the other leg is hung up, that agent is idle at once (asterisk#176)', async () => {
    let bothAnswered = 0;
    for (let round = 0; round < 5; round += 1) {
      const agents = [await site.signIn('twin'), await site.signIn('twin')];
      const caller = await ringing(2);
      const { data } = await site.see('call.connected.v1', caller.id);
      const loser = agents.find((agentId) => agentId !== data.agentId) ?? '';
      await site.see('call.offer.ended.v1', caller.id);
      expect(outcomes(caller.id)).toEqual([`${loser} rescinded`]);
      expect((await site.agent(loser)).routing).toBe('idle');
      await expect.poll(() => legsOf(loser)).toEqual([]);
      const bridge = (await site.bridges()).find(({ id }) => id === `${caller.id}.bridge`);
      expect(bridge?.channels.filter((leg) => leg.startsWith(caller.id))).toEqual(await legsOf(data.agentId));
      if ([1, 2].every((attempt) => wasUp(`${caller.id}.agent${attempt}`))) bothAnswered += 1;
      await finish(caller);
      await site.clear();
    }
    // Otherwise the test has not tried what it says.
    expect(bothAnswered).toBeGreaterThan(0);
  });

  it('one answers and drops before the bridge: the caller is first in line, and rings the others anew (asterisk#1557)', async () => {
    const drops = await site.signIn('drop');
    const late = await site.signIn('late');
    const caller = await ringing(2);
    const { data } = await site.see('call.connected.v1', caller.id, ({ data: { agentId } }) => agentId === late);
    expect(data.agentId).toBe(late);
    expect(outcomes(caller.id)).toEqual([`${late} rescinded`, `${drops} dropped`]);
    await site.see('call.queued.v1', caller.id, ({ data: { reason } }) => reason === 'returned');
    await finish(caller);
  });

  it('one declines: the others ring on; the caller hangs up: nobody rings any more', async () => {
    const declines = await site.signIn('decline');
    const late = [await site.signIn('late'), await site.signIn('late')];
    const caller = await ringing(3);
    await site.see('call.offer.ended.v1', caller.id);
    expect(outcomes(caller.id)).toEqual([`${declines} declined`]);
    for (const agentId of late) expect((await site.agent(agentId)).routing).toBe('offered');
    await finish(caller);
    expect(outcomes(caller.id).slice(1).sort()).toEqual(late.map((agentId) => `${agentId} callerLeft`).sort());
  });

  it('the server is killed meanwhile: all ring anew, one has the caller, nobody is left', async () => {
    const agents = [await site.signIn('late'), await site.signIn('late'), await site.signIn('late')];
    const caller = await ringing(3);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    const { data } = await site.see('call.connected.v1', caller.id);
    expect(agents).toContain(data.agentId);
    for (const agentId of agents) {
      const wanted = agentId === data.agentId ? 1 : 0;
      await expect.poll(async () => (await legsOf(agentId)).length).toBe(wanted);
      expect((await site.agent(agentId)).routing).toBe(wanted === 1 ? 'talking' : 'idle');
    }
    caller.sip.hangUp();
    await site.ended(caller.id);
  });
});

describe('an agent on a private call is not offered one, and is after it', () => {
  const busy = (agentId: string): Promise<unknown> =>
    site.room.waitFor('agent.state.v1', ({ data: { agent } }) => agent.id === agentId && agent.device === 'busy');

  it('that the agent was called by', async () => {
    const agentId = await site.signIn('phone');
    const { endpoint } = site.endpointOf(agentId);
    await site.asterisk.cli(`channel originate ${endpoint} application Wait 3600`);
    await busy(agentId);
    const caller = await site.enqueue();
    expect((await site.agent(agentId)).routing).toBe('idle');
    expect(site.room.ofCall(caller.id).some(({ type }) => type === 'call.offered.v1')).toBe(false);
    const [own] = (await site.channels()).filter(({ name }) => name.startsWith(`${endpoint}-`));
    await site.requestHangup(own?.name ?? '');
    expect((await site.see('call.connected.v1', caller.id)).data.agentId).toBe(agentId);
    await finish(caller);
  });

  it('that the agent made', async () => {
    const agentId = await site.signIn('phone');
    const other = await site.signIn('phone');
    const { sip } = site.dial({ number: site.endpointOf(agentId).endpoint.slice('PJSIP/'.length), target: '9000' });
    await sip.answered;
    await busy(agentId);
    const first = await site.arrive();
    const offered = await site.see('call.offered.v1', first.id);
    expect(offered.data.agentId).toBe(other);
    expect(offered.data.explanation.excluded).toContainEqual({ agentId, reason: 'phoneBusy' });
    const second = await site.enqueue();
    sip.hangUp();
    expect((await site.see('call.connected.v1', second.id)).data.agentId).toBe(agentId);
    await finish(first);
    await finish(second);
  });
});

it('an agent with two phones is rung at the one that was chosen, until the choice is taken back', async () => {
  await site.room.signIn('two1');
  const rung = async (): Promise<string> => {
    const caller = await site.arrive();
    await site.see('call.connected.v1', caller.id);
    const [, name = ''] =
      /^(Local\/answer6\d)@/.exec(
        (await site.channels()).map((leg) => leg.name).find((one) => one.startsWith('Local/answer6')) ?? '',
      ) ?? [];
    await finish(caller);
    await expect.poll(async () => (await site.agent('two1')).routing).toBe('idle');
    return name;
  };
  expect(await rung()).toBe('Local/answer61');
  await site.room.ask('PUT', '/v1/agents/two1/device', { device: 'mobile' });
  expect(await rung()).toBe('Local/answer62');
  await site.room.ask('PUT', '/v1/agents/two1/device', { device: null });
  expect(await rung()).toBe('Local/answer61');
});
