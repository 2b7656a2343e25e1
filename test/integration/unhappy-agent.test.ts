import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeUdpPort } from '../../lab/index.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';

/** Answers around the end of the shortest ring timeout that there is. */
const answersAfterMs = [900, 950, 980, 990, 1_000, 1_010, 1_020, 1_050] as const;
const ringTimeoutMs = 1_000;
/** Agents who answer and are gone. */
const dropsAfterMs = [1, 10, 25, 60, 150, 400] as const;

const raceQueues = answersAfterMs.map((ms) => `race${ms}`);
const dropQueues = dropsAfterMs.map((ms) => `drop${ms}`);

let site: Site;

beforeAll(async () => {
  const deadPort = await freeUdpPort();
  const races = answersAfterMs.map(
    (ms) => [`race${ms}-`, { behaviour: 'answer', answerAfterMs: ms, count: 2 }] as const,
  );
  const drops = dropsAfterMs.map(
    (ms) => [`drop${ms}-`, { behaviour: 'answerThenDrop', talkMs: ms, count: 1 }] as const,
  );
  site = await Site.open({
    phones: {
      phone: { behaviour: 'answer', answerAfterMs: 40, count: 30 },
      busy: { behaviour: 'busy', count: 2 },
      decline: { behaviour: 'decline', answerAfterMs: 30, count: 2 },
      silent: { behaviour: 'noAnswer', count: 8 },
      ...Object.fromEntries([...races, ...drops]),
    },
    phoneQueues: (kind) => [/^(race|drop)\d+/.exec(kind)?.[0] ?? 'support'],
    locals: { busy: 1, decline: 1, gone: 1, drop: 1 },
    extraConfig: { 'pjsip.conf': oddPhones(deadPort) },
    numbers: [
      { ...entry, number: '4001' },
      { ...entry, id: 'quick', number: '4002', queue: 'quick' },
      { ...entry, id: 'asked', number: '4003', queue: 'asked' },
      ...[...raceQueues, ...dropQueues].map((id, index) => ({
        ...entry,
        id,
        number: String(4_000_000_100 + index),
        queue: id,
      })),
    ],
    queues: [
      queue,
      { ...queue, id: 'quick', ringTimeoutMs },
      { ...queue, id: 'asked', ringTimeoutMs, offer: 'accept' },
      ...raceQueues.map((id) => ({ ...queue, id, ringTimeoutMs })),
      ...dropQueues.map((id) => ({ ...queue, id })),
    ],
    agents: [
      { id: 'unregistered1', endpoint: 'PJSIP/unregistered' },
      { id: 'missing1', endpoint: 'PJSIP/missing' },
      { id: 'dead1', endpoint: 'PJSIP/dead', queues: ['quick'] },
      { id: 'quiet1', endpoint: 'Local/ringout91@lab-agents', queues: ['quick'] },
      { id: 'swift1', endpoint: 'Local/answer91@lab-agents', queues: ['quick'] },
      { id: 'swift2', endpoint: 'Local/answer92@lab-agents', queues: ['quick'] },
      ...['asked1', 'asked2', 'asked3', 'asked4'].map((id, index) => ({
        id,
        endpoint: `Local/answer8${index}@lab-agents`,
        queues: ['asked'],
      })),
      ...dropQueues.map((id, index) => ({
        id: `${id}-next1`,
        endpoint: `Local/answer7${index}@lab-agents`,
        queues: [id],
      })),
    ],
  });
});

afterAll(() => site?.[Symbol.asyncDispose]());

afterEach(() => site.clear());

/** A phone that never registered, and one whose address answers no more. */
const oddPhones = (deadPort: number): string => `[unregistered](phone)
aors = unregistered
[unregistered]
type = aor
max_contacts = 1
[dead](phone)
aors = dead
[dead]
type = aor
contact = sip:dead@127.0.0.1:${deadPort}`;

const numberOf = (queueId: string): string => String(4_000_000_100 + [...raceQueues, ...dropQueues].indexOf(queueId));

describe('an agent who does not take the call', () => {
  it.each([
    ['busy', 'busy'],
    ['decline', 'declined'],
    ['local-busy', 'busy'],
    ['local-decline', 'declined'],
    ['local-gone', 'unreachable'],
    ['missing', 'unreachable'],
  ])('%s: the offer ends as %s and the next agent has it', async (kind, outcome) => {
    const first = await site.signIn(kind);
    const { id } = await site.enqueue();
    const ended = await site.see('call.offer.ended.v1', id);
    expect(ended.data).toMatchObject({ agentId: first, outcome, attempt: 1 });
    const second = await site.signIn('phone');
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.agentId).toBe(second);
    await site.command(id, 'hang-up');
    await site.ended(id);
    checkStory(site.room.ofCall(id));
  });

  it.each([
    ['quiet', ['noAnswer']],
    ['dead', ['noAnswer', 'unreachable']],
  ])('%s: our ring timeout ends it, and the next agent has the call', async (kind, outcomes) => {
    await site.signIn(kind);
    const { id } = await site.enqueue({ target: '4002' });
    const ended = await site.see('call.offer.ended.v1', id);
    expect(outcomes).toContain(ended.data.outcome);
    await site.signIn('swift');
    await site.see('call.connected.v1', id);
  });

  it('unregistered: is not offered the call at all', async () => {
    const agentId = await site.signIn('unregistered');
    await expect.poll(async () => (await site.agent(agentId)).device).toBe('unavailable');
    const { id } = await site.enqueue();
    const second = await site.signIn('phone');
    const offered = await site.see('call.offered.v1', id);
    expect(offered.data.agentId).toBe(second);
    expect(offered.data.explanation.excluded).toContainEqual({ agentId, reason: 'phoneUnavailable' });
  });

  it('on a private call that is not ours: is not offered the call until the phone is free', async () => {
    const agentId = await site.signIn('phone');
    const { endpoint } = site.endpointOf(agentId);
    const friend = site.dial({ target: endpoint.slice('PJSIP/'.length) });
    expect(await friend.sip.answered).toBe(200);
    await expect.poll(async () => (await site.agent(agentId)).device).toMatch(/inUse|busy/);
    const { id } = await site.enqueue();
    const second = await site.signIn('phone');
    const offered = await site.see('call.offered.v1', id);
    expect(offered.data.agentId).toBe(second);
    expect(offered.data.explanation.excluded).toContainEqual({ agentId, reason: 'phoneBusy' });
    const waiting = await site.enqueue();
    friend.sip.hangUp();
    expect((await site.see('call.offered.v1', waiting.id)).data.agentId).toBe(agentId);
  });

  it('declines on the desktop while the phone rings: the phone falls silent, the next agent has it', async () => {
    const agentId = await site.signIn('silent');
    const { id } = await site.enqueue();
    await site.see('call.offer.ringing.v1', id);
    await site.room.ask('POST', `/v1/calls/${id}/reject?agentId=${agentId}`);
    expect((await site.see('call.offer.ended.v1', id)).data).toMatchObject({ agentId, outcome: 'declined' });
    await expect.poll(async () => (await site.channels()).length).toBe(1);
    const second = await site.signIn('phone');
    expect((await site.see('call.connected.v1', id)).data.agentId).toBe(second);
  });

  it('signs out while the phone rings: the offer is withdrawn', async () => {
    const agentId = await site.signIn('silent');
    const { id } = await site.enqueue();
    await site.see('call.offer.ringing.v1', id);
    await site.room.signOut(agentId);
    expect((await site.see('call.offer.ended.v1', id)).data.outcome).toBe('withdrawn');
    await expect.poll(async () => (await site.channels()).length).toBe(1);
  });

  it('is hung up by the administrator while ringing: the caller waits on and is served', async () => {
    await site.signIn('silent');
    const { id } = await site.enqueue();
    await site.see('call.offer.ringing.v1', id);
    await hangUpAgent();
    await site.see('call.offer.ended.v1', id);
    const second = await site.signIn('phone');
    expect((await site.see('call.connected.v1', id)).data.agentId).toBe(second);
  });

  it('is hung up by the administrator so soon after the join that nobody has spoken: the caller goes back', async () => {
    await site.signIn('phone');
    const { id } = await site.enqueue();
    await site.see('call.connected.v1', id);
    await hangUpAgent();
    expect((await site.see('call.offer.ended.v1', id)).data.outcome).toBe('dropped');
    const second = await site.signIn('phone');
    await site.see('call.connected.v1', id, ({ data }) => data.agentId === second);
  });

  it('is hung up by the administrator while the caller is on hold: the call is over', async () => {
    await site.signIn('phone');
    const { id, sip } = await site.enqueue();
    await site.see('call.connected.v1', id);
    await site.command(id, 'hold');
    await site.see('call.held.v1', id);
    await hangUpAgent();
    expect((await site.ended(id)).data.reason).toBe('completed');
    expect((await sip.ended).endedBy).toBe('callee');
  });
});

async function hangUpAgent(): Promise<void> {
  const agent = (await site.channels()).find(({ name }) => !name.startsWith('PJSIP/anonymous'));
  await site.requestHangup(agent?.name ?? '');
}

describe('a queue that rings only after the agent accepted', () => {
  it('rings nobody before, and joins after', async () => {
    const agentId = await site.signIn('asked');
    const { id } = await site.enqueue({ target: '4003' });
    const offered = await site.see('call.offered.v1', id);
    expect(offered.data.mode).toBe('accept');
    expect(await site.channels()).toHaveLength(1);
    await site.room.ask('POST', `/v1/calls/${id}/accept?agentId=${agentId}`);
    await site.see('call.connected.v1', id);
    await site.command(id, 'hang-up');
    await site.ended(id);
    checkStory(site.room.ofCall(id));
  });

  it('goes to the next agent when one declines, and when one does not say anything', async () => {
    const [first, second] = [await site.signIn('asked'), await site.signIn('asked')];
    const { id } = await site.enqueue({ target: '4003' });
    await site.see('call.offered.v1', id);
    await site.room.ask('POST', `/v1/calls/${id}/reject?agentId=${first}`);
    await site.see('call.offered.v1', id, ({ data }) => data.agentId === second);
    const ended = await site.see('call.offer.ended.v1', id, ({ data }) => data.agentId === second);
    expect(ended.data.outcome).toBe('noAnswer');
  });
});

describe('in the moment', () => {
  it('in which the offer ends, an answer either counts or does not, and nobody is left behind', async () => {
    const agents: string[] = [];
    for (const id of raceQueues) agents.push(await site.signIn(`${id}-`), await site.signIn(`${id}-`));
    const calls = await Promise.all(
      raceQueues.flatMap((id) => [site.arrive({ target: numberOf(id) }), site.arrive({ target: numberOf(id) })]),
    );
    const firsts = await Promise.all(
      calls.map(({ id }) =>
        Promise.race([
          site.see('call.connected.v1', id).then(() => 'connected'),
          site.see('call.offer.ended.v1', id).then(({ data }) => data.outcome),
        ]),
      ),
    );
    expect(new Set(firsts)).toEqual(new Set(['connected', 'noAnswer']));
    for (const agentId of agents) await site.room.signOut(agentId);
    for (const { id, sip } of calls) {
      sip.hangUp();
      expect(['completed', 'abandoned']).toContain((await site.ended(id)).data.reason);
    }
    await site.settled();
    for (const { id } of calls) checkStory(site.room.ofCall(id));
  });

  it('in which the agent answers, a drop sends the caller back, and the next agent has the call', async () => {
    for (const id of dropQueues) {
      await site.signIn(`${id}-`);
      await site.signIn(`${id}-next`);
    }
    const calls = await Promise.all(
      dropQueues.map(async (queueId) => ({ queueId, ...(await site.arrive({ target: numberOf(queueId) })) })),
    );
    for (const { queueId, id } of calls) {
      const ended = await site.see('call.offer.ended.v1', id);
      expect(ended.data).toMatchObject({ outcome: 'dropped', agentId: `${queueId}-1` });
      const back = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'returned');
      const first = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'arrived');
      expect(back.data.call.queuedAtMs).toBe(first.data.call.queuedAtMs);
      await site.see('call.connected.v1', id, ({ data }) => data.agentId === `${queueId}-next1`);
      await site.command(id, 'hang-up');
      expect((await site.ended(id)).data.reason).toBe('completed');
      checkStory(site.room.ofCall(id));
    }
  });
});
