import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appQueue } from '../../lab/asterisk/queues.ts';
import type { QueueViewData } from '../../src/events/catalogue/index.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';
import { TcpProxy } from './support/tcp-proxy.ts';

const wang = '13900007777';

let site: Site;
let line: TcpProxy;

beforeAll(async () => {
  line = await TcpProxy.open();
  // Phones 1001 and 1002 answer after a while, 1003 never does. Each queue of the PBX has its own.
  const queues = [
    appQueue('care', ['PJSIP/1001']),
    appQueue('whisper', ['PJSIP/1002']),
    appQueue('deaf', ['PJSIP/1003']),
  ];
  const opening = Site.open({
    phones: {
      answer: { behaviour: 'answer', answerAfterMs: 400, count: 2 },
      silent: { behaviour: 'noAnswer', count: 1 },
    },
    directory: `phone,name,vip,blacklisted\n${wang},王芳,yes,\n`,
    extraConfig: { 'queues.conf': queues.join('\n') },
    dialplan: `[lab-baselines](+)
exten => 6100,1,Queue(care)
exten => 6101,1,Queue(deaf,,,,1)
 same => n,Wait(3600)
exten => 6102,1,Queue(whisper,,,,,,lab-whisper)
[lab-whisper]
exten => s,1,Wait(3)
 same => n,Return()`,
    numbers: [entry],
    queues: [queue],
    mirror: { queues: [{ id: 'pbx-care', name: 'care' }, { id: 'whisper' }, { id: 'deaf' }] },
    ami: { port: line.port },
    server: { drainMs: '1s' },
  });
  // The PBX has its ports long before the server asks.
  site = await opening;
  line.leadTo(site.asterisk.amiPort);
  await site.room.waitFor('pbx.reconciled.v1', ({ data }) => data.routedBy === 'app_queue');
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
});

afterEach(() => site.clear());

const queueOf = async (id: string): Promise<QueueViewData> => site.room.ask('GET', `/v1/queues/${id}`);
const member = async (name: string, phone: string): Promise<string> =>
  (await site.asterisk.cli(`queue show ${name}`)).split('\n').find((text) => text.includes(phone)) ?? 'no member';

describe('beside app_queue', () => {
  it('pops the card before the phone is answered, and tells the call to its end', async () => {
    const { id, sip } = await site.arrive({ target: '6100', number: wang });
    const offered = await site.see('call.offered.v1', id);
    expect(offered.data).toMatchObject({ agentId: 'answer1', customer: { customer: { name: '王芳', vip: true } } });
    expect(offered.data.call).toMatchObject({ routedBy: 'app_queue', queueId: 'pbx-care', callerNumber: wang });
    const connected = await site.see('call.connected.v1', id);
    expect(connected.sequence).toBeGreaterThan(offered.sequence);
    expect((await site.liveCalls()).map((call) => [call.id, call.phase, call.agentId])).toEqual([
      [id, 'talking', 'answer1'],
    ]);
    await expect.poll(async () => (await queueOf('pbx-care')).members?.busy).toBe(1);
    await expect(site.command(id, 'hang-up')).rejects.toThrow('call.routed_elsewhere');
    sip.hangUp();
    const ended = await site.ended(id);
    expect(ended.data).toMatchObject({ reason: 'completed', attempts: 1 });
    checkStory(site.room.ofCall(id));
  });

  it('keeps one call while the agent hears something for three seconds before he is connected', async () => {
    const { id, number, sip } = await site.arrive({ target: '6102' });
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.agentId).toBe('answer2');
    expect(connected.data.waitedMs).toBeGreaterThan(3_000);
    sip.hangUp();
    expect((await site.ended(id)).data.reason).toBe('completed');
    checkStory(site.room.ofCall(id));
    const arrived = site.room.events.filter(
      (event) => event.type === 'call.arrived.v1' && event.data.call.callerNumber === number,
    );
    expect(arrived).toHaveLength(1);
  });

  it('pops to whose phone it is after the agents were read anew', async () => {
    const exchange = async (): Promise<void> => {
      site.server.edit(({ agents }) => {
        const [one, two] = agents.filter(({ id }) => id === 'answer1' || id === 'answer2');
        if (one && two) [one.endpoint, two.endpoint] = [two.endpoint, one.endpoint];
      });
      expect(await site.room.ask('POST', '/v1/config/reload')).toMatchObject({ outcome: 'live' });
    };
    await exchange();
    const { id, sip } = await site.arrive({ target: '6100' });
    const offered = await site.see('call.offered.v1', id);
    sip.hangUp();
    await site.ended(id);
    await exchange();
    expect(offered.data.agentId).toBe('answer2');
  });

  it('gives nobody two calls: neither ours to who talks there, nor theirs to who talks here', async () => {
    await site.room.signIn('answer1');
    const theirs = await site.arrive({ target: '6100' });
    await site.see('call.connected.v1', theirs.id);
    const ours = await site.enqueue();
    expect(await site.room.ask('GET', `/v1/calls/${ours.id}`)).toMatchObject({ call: { phase: 'waiting' } });
    theirs.sip.hangUp();
    await site.see('call.connected.v1', ours.id, ({ data }) => data.agentId === 'answer1');
    const next = await site.arrive({ target: '6100' });
    await expect.poll(async () => (await queueOf('pbx-care')).waiting).toBe(1);
    next.sip.hangUp();
    await site.ended(next.id);
    expect(site.room.ofCall(next.id).map(({ type }) => type)).not.toContain('call.offered.v1');
  });

  it('tells who gives up from whom the queue gives up', async () => {
    const quits = await site.arrive({ target: '6101' });
    await site.see('call.offered.v1', quits.id, ({ data }) => data.agentId === 'silent1');
    quits.sip.hangUp();
    expect((await site.ended(quits.id)).data.reason).toBe('abandoned');
    const stays = await site.arrive({ target: '6101' });
    expect((await site.ended(stays.id)).data.reason).toBe('overflowed');
    for (const { id } of [quits, stays]) checkStory(site.room.ofCall(id));
  });

  it('pauses in both directions, without an echo', async () => {
    const { room, asterisk } = site;
    await room.signIn('answer1');
    await room.ask('PUT', '/v1/agents/answer1/state', { state: 'paused', reason: 'lunch' });
    await expect.poll(() => member('care', 'PJSIP/1001')).toMatch(/paused:lunch/);
    await room.waitFor('agent.state.v1', ({ data }) => data.agent.pauseReason === 'lunch');
    const paused = room.events.length;
    await room.ask('PUT', '/v1/agents/answer1/state', { state: 'available' });
    await expect.poll(() => member('care', 'PJSIP/1001')).not.toMatch(/paused:/);
    // Of our own doing the event comes when it is committed, which may be after the PBX has done its part.
    await room.waitFor('agent.state.v1', (event) => room.events.indexOf(event) >= paused && isAvailable(event));
    const before = room.events.length;
    await asterisk.cli('queue pause member PJSIP/1001 queue care reason tea');
    await room.waitFor('agent.state.v1', ({ data }) => data.agent.pauseReason === 'tea');
    await asterisk.cli('queue unpause member PJSIP/1001 queue care');
    await room.waitFor('agent.state.v1', (event) => room.events.indexOf(event) > before && isAvailable(event));
    const told = room.events.slice(before).flatMap((event) => (event.type === 'agent.state.v1' ? [event] : []));
    expect(told.map(({ data }) => [data.agent.presence, data.agent.changedBy])).toEqual([
      ['paused', 'app_queue'],
      ['available', 'app_queue'],
    ]);
  });

  it('has the truth of the PBX again after its link was cut during calls', async () => {
    const [gone, stays] = [await site.arrive({ target: '6100' }), await site.arrive({ target: '6101' })];
    await site.see('call.connected.v1', gone.id);
    line.cut();
    await site.room.waitFor('pbx.link.lost.v1');
    gone.sip.hangUp();
    await gone.sip.ended;
    const fresh = site.dial({ target: '6100' });
    await fresh.sip.answered;
    line.mend();
    const ended = await site.ended(gone.id);
    expect([ended.reconciled, ended.data.reason]).toEqual([true, 'completed']);
    const id = await site.room.callFrom(fresh.number);
    const adopted = await site.see('call.connected.v1', id);
    expect([adopted.reconciled, adopted.data.agentId]).toEqual([true, 'answer1']);
    expect((await site.ended(stays.id)).data.reason).toBe('overflowed');
    for (const call of [gone.id, stays.id]) checkStory(site.room.ofCall(call));
  });

  it('goes on with the same call after kill -9, and ends it when the PBX has died', async () => {
    const { id } = await site.arrive({ target: '6100' });
    await site.see('call.connected.v1', id);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await site.room.waitFor('pbx.reconciled.v1', ({ data }) => data.routedBy === 'app_queue' && data.kept === 1);
    expect((await site.liveCalls()).map((call) => [call.id, call.phase])).toEqual([[id, 'talking']]);
    await site.asterisk.kill9();
    await site.asterisk.restart();
    const ended = await site.ended(id, 15_000);
    expect([ended.reconciled, ended.data.reason]).toEqual([true, 'completed']);
  });
});

const isAvailable = ({ data }: { data: { agent: { id: string; presence: string } } }): boolean =>
  data.agent.id === 'answer1' && data.agent.presence === 'available';
