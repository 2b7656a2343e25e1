import { afterEach, describe, expect, it } from 'vitest';
import { SipCaller, startAsterisk } from '../../lab/index.ts';
import { startRingmaster } from '../../lab/ringmaster/start.ts';
import { readiness } from './support/readiness.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';

const agents = ['ann', 'bob', 'cat'].map((id, index) => ({
  id,
  name: id,
  endpoint: `Local/answer${index}@lab-agents`,
  queues: ['support'],
}));
const settings = { numbers: [entry], queues: [queue], agents };
const deadline = { timeout: 15_000, interval: 50 };

const stack: AsyncDisposable[] = [];

afterEach(async () => {
  for (const part of stack.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

function use<Part extends AsyncDisposable>(part: Part): Part {
  stack.push(part);
  return part;
}

describe('a PBX', () => {
  it('that is away at the start: the server listens, says what is missing, and is ready when it comes', async () => {
    const asterisk = use(await startAsterisk({ phones: 1 }));
    await asterisk.kill9();
    const server = use(await startRingmaster({ ...settings, asterisk }, 'listening'));
    await expect
      .poll(() => readiness(server), deadline)
      .toMatchObject({ status: 503, ok: false, checks: { 'ari:pbx1': 'ari.connect_failed' } });
    await asterisk.restart();
    await expect
      .poll(() => readiness(server), deadline)
      .toMatchObject({ status: 200, ok: true, checks: { 'ari:pbx1': 'up', 'ami:pbx1': 'up' } });
    await using room = await server.open();
    await using caller = await SipCaller.open(asterisk);
    await room.signIn('ann');
    const call = caller.call({ target: '4001', callerNumber: '13900020001' });
    await room.waitFor('call.connected.v1');
    call.hangUp();
    await room.waitFor('call.ended.v1');
  });

  it('that dies with calls up: they end in the log, the agents are free, and the next call is served', async () => {
    const site = use(await Site.open({ locals: { answer: 3 } }));
    const agentId = await site.signIn('local-answer');
    const talking = await site.arrive();
    await site.see('call.connected.v1', talking.id);
    const waiting = await site.enqueue();
    await site.asterisk.kill9();
    const lost = await site.room.waitFor('pbx.link.lost.v1', ({ data }) => data.link === 'ari');
    expect(lost.data.code).toBe('ari.link_lost');
    expect((await readiness(site.server)).ok).toBe(false);
    await site.asterisk.restart();
    expect((await site.see('call.ended.v1', talking.id, undefined, 15_000)).reconciled).toBe(true);
    expect((await site.ended(waiting.id)).reconciled).toBe(true);
    await site.room.waitFor('pbx.restarted.v1', undefined, 15_000);
    expect((await site.agent(agentId)).routing).toBe('idle');
    for (const { id } of [talking, waiting]) checkStory(site.room.ofCall(id));
    await expect.poll(() => readiness(site.server), deadline).toMatchObject({ ok: true });
    const next = await site.arrive();
    await site.see('call.connected.v1', next.id);
    await site.clear();
  });

  it('that hangs for a while: calls wait, and go on when it answers again', async () => {
    const site = use(await Site.open({ locals: { answer: 3 } }));
    const waiting = await site.enqueue();
    process.kill(site.asterisk.pid, 'SIGSTOP');
    await site.room.waitFor('pbx.link.lost.v1', ({ data }) => data.link === 'ari', 20_000);
    process.kill(site.asterisk.pid, 'SIGCONT');
    await site.room.waitFor('pbx.link.restored.v1', ({ data }) => data.link === 'ari', 15_000);
    await site.signIn('local-answer');
    const connected = await site.see('call.connected.v1', waiting.id);
    expect(connected.data.call.queuedAtMs).toBe((await site.see('call.queued.v1', waiting.id)).data.call.queuedAtMs);
    await site.clear();
  });

  it.each([
    [{ ari: { user: 'nobody' } }, 'ari:pbx1', 'ari.auth_failed', 503],
    [{ ami: { secret: 'wrong' } }, 'ami:pbx1', 'ami.login_refused', 200],
  ])('that refuses us (%j): readiness says so', async (wrong, name, code, status) => {
    const asterisk = use(await startAsterisk({ phones: 1 }));
    const server = use(await startRingmaster({ ...settings, ...wrong, asterisk }, 'listening'));
    await expect.poll(async () => (await readiness(server)).checks[name], deadline).toBe(code);
    await expect.poll(async () => (await readiness(server)).status, deadline).toBe(status);
  });
});

describe('a second server under the same application name', () => {
  it('takes over: the older one steps back and does not fight, and no call is lost', async () => {
    const site = use(await Site.open({ locals: { answer: 3 } }));
    const agentId = await site.signIn('local-answer');
    const talking = await site.arrive();
    await site.see('call.connected.v1', talking.id);
    const waiting = await site.enqueue();

    const second = use(await startRingmaster({ ...settings, asterisk: site.asterisk, agents: site.profiles }));
    const lost = await site.room.waitFor('pbx.link.lost.v1', ({ data }) => data.link === 'ari');
    expect(lost.data.code).toBe('ari.replaced');
    expect(await readiness(site.server)).toMatchObject({ status: 503, checks: { 'ari:pbx1': 'ari.replaced' } });
    expect(await site.liveCalls()).toEqual([]);

    await using room = await second.open();
    const calls = await room.ask<{ calls: { id: string; phase: string }[] }>('GET', '/v1/calls');
    const inOrder = calls.calls.toSorted((a, b) => (a.phase < b.phase ? -1 : 1));
    expect(inOrder).toMatchObject([
      { id: talking.id, phase: 'talking', agentId },
      { id: waiting.id, phase: 'waiting' },
    ]);
    await room.ask('POST', `/v1/calls/${talking.id}/hang-up`);
    await room.waitFor('call.connected.v1', ({ data }) => data.call.id === waiting.id);
    await room.ask('POST', `/v1/calls/${waiting.id}/hang-up`);
    await room.waitFor('call.ended.v1', ({ data }) => data.call.id === waiting.id);
    expect(await readiness(second)).toMatchObject({ ok: true });
    expect((await readiness(site.server)).checks['ari:pbx1']).toBe('ari.replaced');
  });
});
