import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, checkStory, entry, queue, Site } from './support/site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    phones: {
      phone: { behaviour: 'answer', answerAfterMs: 30, count: 24 },
      expert: { behaviour: 'answer', answerAfterMs: 30, count: 16 },
      busy: { behaviour: 'busy', count: 1 },
      silent: { behaviour: 'noAnswer', count: 3 },
    },
    phoneQueues: (kind) => [kind === 'phone' ? 'support' : kind],
    numbers: [entry],
    queues: [queue, ...['expert', 'busy', 'silent'].map((id) => ({ ...queue, id, wrapUpMs: 0 }))],
  });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});
afterEach(() => site.clear());

type Talk = Caller & { readonly agentId: string };

async function talk(): Promise<Talk> {
  const agentId = await site.signIn('phone');
  const caller = await site.arrive();
  await site.see('call.connected.v1', caller.id);
  return { agentId, ...caller };
}

/** The channel of the phone of an agent who is on this call. */
const legOf = async (agentId: string): Promise<{ id: string; name: string }> => {
  const name = `${site.endpointOf(agentId).endpoint}-`;
  const found = (await site.channels()).find((channel) => channel.name.startsWith(name));
  if (!found) throw new Error(`no channel of ${agentId}`);
  return found;
};

/** Who hears whom in the bridge of the call, as the PBX says: ids of channels, without the caller's. */
async function inBridge({ id }: Caller): Promise<{ legs: string[]; withCaller: boolean }> {
  const members = (await site.bridges()).find((bridge) => bridge.id === `${id}.bridge`)?.channels ?? [];
  const legs = members.filter((leg) => leg.startsWith(id)).sort();
  return { legs, withCaller: members.length > legs.length };
}

async function ask(call: Talk, target: object): Promise<void> {
  await site.command(call.id, 'consult', { target });
}

async function inPrivate(): Promise<{ call: Talk; expert: string; asked: string; asker: string }> {
  const call = await talk();
  const expert = await site.signIn('expert');
  await ask(call, { kind: 'agent', agentId: expert });
  await site.see('call.consult.answered.v1', call.id);
  const [asker, asked] = [(await legOf(call.agentId)).id, (await legOf(expert)).id];
  await expect.poll(() => inBridge(call)).toEqual({ legs: [asker, asked].sort(), withCaller: false });
  return { call, expert, asker, asked };
}

const storyOf = async (call: Caller): Promise<void> => {
  await site.ended(call.id);
  checkStory(site.room.ofCall(call.id));
};

describe('an agent asks another one', () => {
  it('who sees the same card, and takes the call over', async () => {
    const { call, expert, asked } = await inPrivate();
    const pop = await site.see('call.offered.v1', call.id, ({ data }) => data.askedBy === call.agentId);
    expect(pop.data).toMatchObject({ agentId: expert, call: { callerNumber: call.number, dialledNumber: '4001' } });
    await site.command(call.id, 'consult/complete');
    await site.see('call.transferred.v1', call.id);
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asked], withCaller: true });
    expect(await site.agent(expert)).toMatchObject({ routing: 'talking', callId: call.id });
    call.sip.hangUp();
    await storyOf(call);
  });

  it('toggles, makes it three, and is back alone with the caller', async () => {
    const { call, asker, asked } = await inPrivate();
    await site.command(call.id, 'consult/swap');
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker], withCaller: true });
    await site.command(call.id, 'consult/swap');
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker, asked].sort(), withCaller: false });
    await site.command(call.id, 'consult/merge');
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker, asked].sort(), withCaller: true });
    await site.command(call.id, 'consult/cancel');
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker], withCaller: true });
    call.sip.hangUp();
    await storyOf(call);
  });

  it.each([
    ['busy', 'busy'],
    ['silent', 'cancelled'],
  ])('who is %s: the agent is with the caller again', async (kind, outcome) => {
    const call = await talk();
    await site.signIn(kind);
    await ask(call, { kind: 'queue', queueId: kind });
    if (outcome === 'cancelled') {
      await site.see('call.consult.ringing.v1', call.id);
      await site.command(call.id, 'consult/cancel');
    }
    const over = await site.see('call.consult.ended.v1', call.id);
    expect(over.data.outcome).toBe(outcome);
    const asker = await legOf(call.agentId);
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker.id], withCaller: true });
    call.sip.hangUp();
    await storyOf(call);
  });

  it('and the phone of the first goes: the other has the caller', async () => {
    const { call, expert, asked } = await inPrivate();
    await site.requestHangup((await legOf(call.agentId)).name);
    await site.see('call.transferred.v1', call.id);
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asked], withCaller: true });
    expect((await site.agent(expert)).routing).toBe('talking');
    call.sip.hangUp();
    await storyOf(call);
  });

  it('and the caller hangs up: all are free', async () => {
    const { call } = await inPrivate();
    call.sip.hangUp();
    await storyOf(call);
    expect(await site.liveCalls()).toEqual([]);
  });
});

describe('a number outside', () => {
  it('is asked, takes over, and the call ends with it', async () => {
    const call = await talk();
    await ask(call, { kind: 'number', number: '5000' });
    await site.see('call.consult.answered.v1', call.id);
    await site.command(call.id, 'consult/complete');
    await expect.poll(async () => (await inBridge(call)).withCaller).toBe(true);
    expect(await site.liveCalls()).toMatchObject([{ id: call.id, phase: 'outside' }]);
    expect((await site.agent(call.agentId)).routing).toBe('idle');
    call.sip.hangUp();
    expect((await site.ended(call.id)).data.reason).toBe('transferred');
  });

  it('is busy: the agent is with the caller again', async () => {
    const call = await talk();
    await ask(call, { kind: 'number', number: '5002' });
    const over = await site.see('call.consult.ended.v1', call.id);
    expect(over.data).toMatchObject({ party: 'number', outcome: 'busy' });
    await expect.poll(async () => (await inBridge(call)).withCaller).toBe(true);
  });
});

describe('beside the conversation', () => {
  it('the agent is silenced, and tones go to the caller', async () => {
    const call = await talk();
    for (const [verb, type] of [
      ['mute', 'call.muted.v1'],
      ['unmute', 'call.unmuted.v1'],
    ] as const) {
      await site.command(call.id, verb);
      await site.see(type, call.id);
    }
    await site.command(call.id, 'keypad', { digits: '12#' });
    expect((await site.see('call.keys.sent.v1', call.id)).data.count).toBe(3);
    const log = readFileSync(site.server.logPath, 'utf8');
    expect(log).not.toMatch(/"command":"(mute|unmute|sendKeys)"/);
    expect(log).not.toContain('12#');
  });
});

describe('a server that is killed', () => {
  it('in a consultation: the two go on, the caller waits, and the transfer is completed after the start', async () => {
    const { call, expert, asked, asker } = await inPrivate();
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asker, asked].sort(), withCaller: false });
    expect(await site.liveCalls()).toMatchObject([{ id: call.id, consult: { agentId: expert, state: 'private' } }]);
    await site.command(call.id, 'consult/complete');
    await expect.poll(() => inBridge(call)).toEqual({ legs: [asked], withCaller: true });
    expect(await site.agent(expert)).toMatchObject({ routing: 'talking', callId: call.id });
  });

  it('while the other rings, and the agent hangs up meanwhile: the caller waits again', async () => {
    const call = await talk();
    await site.signIn('silent');
    await ask(call, { kind: 'queue', queueId: 'silent' });
    await site.see('call.consult.ringing.v1', call.id);
    const leg = await legOf(call.agentId);
    let hasEnded = false;
    void call.sip.ended.then(() => (hasEnded = true));
    await site.server.kill9();
    await site.requestHangup(leg.name);
    await site.server.start();
    await site.reopen();
    // Offered again, or answered again before we looked; not still with the leg that has gone.
    const isServedAnew = async (): Promise<boolean> => {
      const [{ phase, agentId } = {}] = await site.liveCalls();
      return phase === 'offering' || (phase === 'talking' && (await legOf(agentId ?? '')).name !== leg.name);
    };
    await expect.poll(isServedAnew).toBe(true);
    expect(hasEnded).toBe(false);
  });
});
