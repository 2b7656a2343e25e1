import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fictionalMobile, freeUdpPort, type SampleCrm, startSampleCrm } from '../../lab/index.ts';
import { PbxWatch } from './support/pbx-watch.ts';
import { RawPhone } from './support/raw-phone.ts';
import { type Caller, checkStory, entry, queue, Site } from './support/site.ts';

const vip = fictionalMobile(1);
const gold = fictionalMobile(2);

let crm: SampleCrm;
let site: Site;
let watch: PbxWatch;
let displayPort: number;

beforeAll(async () => {
  crm = await startSampleCrm();
  displayPort = await freeUdpPort();
  site = await Site.open({
    crm,
    phones: { phone: { behaviour: 'answer', answerAfterMs: 150, count: 12 } },
    locals: { answer: 20 },
    extraConfig: { 'pjsip.conf': displayPhone(displayPort) },
    numbers: [
      { ...entry, greeting: ['sound:welcome'] },
      { ...entry, id: 'plain', number: '4002' },
      { ...entry, id: 'unpaid', number: '4003', answer: 'withAgent' },
      { ...entry, id: 'short', number: '4004', queue: 'short' },
      { ...entry, id: 'long', number: '4005', queue: 'billing' },
    ],
    queues: [queue, { ...queue, id: 'billing', wrapUpMs: '60s' }, { ...queue, id: 'short', wrapUpMs: '300ms' }],
    agents: [
      { id: 'display1', endpoint: 'PJSIP/display' },
      { id: 'biller1', endpoint: 'Local/answer91@lab-agents', queues: ['billing'] },
      { id: 'biller2', endpoint: 'Local/answer92@lab-agents', queues: ['billing'] },
      { id: 'biller3', endpoint: 'Local/answer94@lab-agents', queues: ['billing'] },
      { id: 'shorty1', endpoint: 'Local/answer93@lab-agents', queues: ['short'] },
    ],
  });
  watch = await PbxWatch.open(site.asterisk);
});

afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  await crm?.stop();
});

afterEach(() => site.clear());

const displayPhone = (port: number): string => `[display](phone)
aors = display
[display]
type = aor
contact = sip:display@127.0.0.1:${port}`;

/** A call that has found its agent. */
async function talk(kind = 'local-answer', target = '4002'): Promise<Caller & { readonly agentId: string }> {
  const agentId = await site.signIn(kind);
  const caller = await site.arrive({ target });
  await site.see('call.connected.v1', caller.id);
  return { agentId, ...caller };
}

const legs = async (callId: string): Promise<readonly string[]> =>
  (await site.bridges()).find(({ id }) => id === `${callId}.bridge`)?.channels ?? [];

/** The caller's channel: the one that the bridge of a connected call holds and that we did not dial. */
const callerLeg = async (callId: string): Promise<string> =>
  (await legs(callId)).find((id) => !id.startsWith('rm-')) ?? '';

describe('a call that goes well', () => {
  it('is told step by step, in order and without holes, and pops before the phone is picked up', async () => {
    const agentId = await site.signIn('phone');
    const { id, sip } = await site.arrive({ number: vip });
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.agentId).toBe(agentId);
    sip.hangUp();
    const ended = await site.ended(id);
    const story = site.room.ofCall(id);
    expect(story.map(({ type }) => type)).toEqual([
      'call.arrived.v1',
      'call.customer.updated.v1',
      'call.queued.v1',
      'call.offered.v1',
      'call.offer.ringing.v1',
      'call.answered.v1',
      'call.connected.v1',
      'call.ended.v1',
    ]);
    checkStory(story);
    expect(ended.data).toMatchObject({ reason: 'completed', attempts: 1 });
    const offered = await site.see('call.offered.v1', id);
    const answered = await site.see('call.answered.v1', id);
    expect(offered.data.customer.customer?.name).toBe('王秀英');
    expect(offered.seenAtMs).toBeLessThan(answered.seenAtMs);
  });

  it('hears the greeting first and is looked up meanwhile', async () => {
    await site.signIn('local-answer');
    const { id } = await site.arrive();
    const updated = await site.see('call.customer.updated.v1', id);
    const queued = await site.see('call.queued.v1', id);
    // The lab's greeting is a second long.
    expect(Date.parse(queued.time) - Date.parse(updated.time)).toBeGreaterThan(500);
  });

  it('hears music while it waits and until it is joined, and carries our id on its channel', async () => {
    const { id } = await site.enqueue({ target: '4002' });
    const [channel] = await site.channels();
    expect(await site.asterisk.cli(`core show channel ${channel?.name}`)).toContain(`RINGMASTER_CALL={"id":"${id}"`);
    await expect.poll(() => watch.of(channel?.id ?? '')).toContain('MusicOnHoldStart');
    expect(watch.of(channel?.id ?? '')).not.toContain('MusicOnHoldStop');
    await site.signIn('local-answer');
    await site.see('call.connected.v1', id);
    await expect.poll(() => watch.of(channel?.id ?? '')).toContain('MusicOnHoldStop');
  });

  it('shows the caller’s number and the customer’s name on the agent’s phone', async () => {
    await using phone = await RawPhone.open(displayPort);
    await site.signIn('display');
    const { sip, id } = await site.arrive({ target: '4002', number: gold });
    expect(await phone.shownCaller()).toMatch(new RegExp(`^"李伟" <sip:${gold}@`));
    expect((await site.see('call.offer.ended.v1', id)).data.outcome).toBe('busy');
    sip.hangUp();
  });

  it('is not answered, and not paid for, before the agent answers where the entry says so', async () => {
    const { id, sip } = await site.enqueue({ target: '4003' });
    const [channel] = await site.channels();
    expect(channel?.state).toBe('Ring');
    await site.signIn('phone');
    expect(await sip.answered).toBe(200);
    await site.see('call.connected.v1', id);
    sip.hangUp();
    const { ringingMs = Infinity, answerMs = 0 } = await sip.ended;
    expect(ringingMs).toBeLessThan(answerMs);
  });

  it('carries what was attached to it to whoever takes it', async () => {
    const { id } = await site.enqueue({ target: '4002' });
    await site.room.ask('PATCH', `/v1/calls/${id}/data`, { data: { order: 'A-17' } });
    await site.signIn('local-answer');
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.call.data).toEqual({ order: 'A-17' });
    await site.command(id, 'transfer', { target: { kind: 'queue', queueId: 'billing' } });
    await site.signIn('biller');
    const second = await site.see('call.connected.v1', id, ({ data }) => data.agentId.startsWith('biller'));
    expect(second.data.call.data).toEqual({ order: 'A-17' });
  });
});

describe('in a conversation', () => {
  it('hold takes the caller out of the bridge to the music, resume brings the two together', async () => {
    const { id, agentId } = await talk();
    const caller = await callerLeg(id);
    expect(await legs(id)).toHaveLength(2);
    await site.command(id, 'hold');
    await site.see('call.held.v1', id);
    await expect.poll(() => legs(id)).toHaveLength(1);
    expect(await legs(id)).not.toContain(caller);
    await expect.poll(() => watch.of(caller).at(-1)).toBe('MusicOnHoldStart');
    await site.command(id, 'resume');
    await site.see('call.resumed.v1', id);
    await expect.poll(() => legs(id)).toHaveLength(2);
    expect(watch.of(caller)).toContain('MusicOnHoldStop');
    expect(await site.agent(agentId)).toMatchObject({ routing: 'talking', callId: id });
    await site.command(id, 'hang-up');
    const { data } = await site.ended(id);
    expect(data.reason).toBe('completed');
    expect(data.holdMs).toBeLessThanOrEqual(data.talkMs);
    checkStory(site.room.ofCall(id));
  });

  it('goes on to another queue with its age, and the agent is free at once', async () => {
    const { id, agentId } = await talk();
    await site.signIn('biller');
    await site.command(id, 'transfer', { target: { kind: 'queue', queueId: 'billing' } });
    const second = await site.see('call.connected.v1', id, ({ data }) => data.agentId !== agentId);
    const queued = site.room.ofCall(id).filter((event) => event.type === 'call.queued.v1');
    expect(queued.map((event) => event.type === 'call.queued.v1' && event.data.reason)).toEqual([
      'arrived',
      'transfer',
    ]);
    expect(new Set(queued.map(({ data }) => 'call' in data && data.call.queuedAtMs)).size).toBe(1);
    expect(second.data.call.queueId).toBe('billing');
    await expect.poll(async () => (await site.agent(agentId)).routing).toBe('idle');
    expect(await legs(id)).toHaveLength(2);
  });

  it('goes to the agent that was named, though another is free', async () => {
    const { id } = await talk();
    const [other, named] = [await site.signIn('local-answer'), await site.signIn('local-answer')];
    await site.command(id, 'transfer', { target: { kind: 'agent', agentId: named } });
    const second = await site.see('call.connected.v1', id, ({ data }) => data.agentId === named);
    expect(second.data.agentId).toBe(named);
    expect((await site.agent(other)).routing).toBe('idle');
  });

  it('goes to a number outside, and is the dialplan’s from then on', async () => {
    const { id, agentId, sip } = await talk();
    const caller = await callerLeg(id);
    await site.command(id, 'transfer', { target: { kind: 'number', number: '5000' } });
    const ended = await site.ended(id);
    expect(ended.data.reason).toBe('transferred');
    await expect.poll(async () => (await site.agent(agentId)).routing).toBe('idle');
    const { name } = (await site.channels()).find((channel) => channel.id === caller) ?? { name: '' };
    await expect.poll(() => site.asterisk.cli(`core show channel ${name}`)).toContain('Application: Wait');
    expect(await site.bridges()).toEqual([]);
    sip.hangUp();
    expect(await sip.ended).toMatchObject({ outcome: 'connected', endedBy: 'caller' });
  });

  it('goes to a number from hold without the music going on', async () => {
    const { id } = await talk();
    const caller = await callerLeg(id);
    await site.command(id, 'hold');
    await site.see('call.held.v1', id);
    await site.command(id, 'transfer', { target: { kind: 'number', number: '5000' } });
    expect((await site.ended(id)).data.reason).toBe('transferred');
    await expect
      .poll(() =>
        watch
          .of(caller)
          .filter((name) => name.startsWith('MusicOnHold'))
          .at(-1),
      )
      .toBe('MusicOnHoldStop');
  });
});

describe('wrap-up', () => {
  it('ends when the agent says so', async () => {
    const { id, agentId, sip } = await talk('biller', '4005');
    sip.hangUp();
    await site.see('call.wrapup.started.v1', id);
    expect(await site.agent(agentId)).toMatchObject({ routing: 'wrapUp', callId: id });
    await site.room.ask('POST', `/v1/agents/${agentId}/end-wrap-up`);
    expect((await site.ended(id)).data.reason).toBe('completed');
    expect((await site.agent(agentId)).routing).toBe('idle');
    checkStory(site.room.ofCall(id));
  });

  it('ends by itself when its time is over', async () => {
    const { id, agentId, sip } = await talk('shorty', '4004');
    sip.hangUp();
    const started = await site.see('call.wrapup.started.v1', id);
    const ended = await site.ended(id);
    expect(Date.parse(ended.time)).toBeGreaterThanOrEqual(started.data.untilMs);
    expect((await site.agent(agentId)).routing).toBe('idle');
  });
});
