import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { becomesTrue, freeUdpPort, type SippPhone, startPhone } from '../../lab/index.ts';
import type { JobViewData } from '../../src/events/catalogue/index.ts';
import type { SeenEventOf } from '../../lab/ringmaster/control-room.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';
import { RawPhone } from './support/raw-phone.ts';

/** Customers by what their phones do: each kind answers at a port of its own, whatever number is dialled. */
const kinds = {
  answers: { behaviour: 'answer', answerAfterMs: 150 },
  busy: { behaviour: 'busy' },
  silent: { behaviour: 'noAnswer' },
} as const;
type Kind = keyof typeof kinds;
/** The beginning of a number says which customer it is. */
const prefixes: Readonly<Record<Kind, string>> = { answers: '139', busy: '138', silent: '137' };

let site: Site;
let customers: SippPhone[] = [];
let seen: RawPhone;
let dialled = 0;

beforeAll(async () => {
  const ports = Object.fromEntries(
    await Promise.all(Object.keys(kinds).map(async (kind) => [kind, await freeUdpPort()] as const)),
  ) as Record<Kind, number>;
  const rawPort = await freeUdpPort();
  customers = await Promise.all(
    (Object.keys(kinds) as Kind[]).map((kind) => startPhone({ ...kinds[kind], port: ports[kind] })),
  );
  seen = await RawPhone.open(rawPort);
  const trunk = (name: string, port: number): string => `[${name}](phone)
aors = ${name}
[${name}]
type = aor
contact = sip:${name}@127.0.0.1:${port}`;
  site = await Site.open({
    phones: { phone: { behaviour: 'answer', answerAfterMs: 60, count: 12 }, mute: { behaviour: 'noAnswer', count: 3 } },
    agents: [{ id: 'display1', endpoint: 'PJSIP/display' }],
    extraConfig: {
      'pjsip.conf': [
        ...(Object.keys(kinds) as Kind[]).map((kind) => trunk(`trunk-${kind}`, ports[kind])),
        trunk('display', rawPort),
      ].join('\n'),
    },
    schedules: [{ id: 'always', timeZone: 'Asia/Shanghai', weekly: { 'mon-sun': ['00:00-24:00'] } }],
    numbers: [entry],
    queues: [{ ...queue, ringTimeoutMs: '3s' }],
    outbound: {
      routes: (Object.keys(kinds) as Kind[]).map((kind) => ({
        id: kind,
        prefixes: [`+86${prefixes[kind]}`],
        node: 'pbx1',
        endpoint: `PJSIP/{number}@trunk-${kind}`,
        callerId: '4001',
      })),
      ringTimeoutMs: '4s',
      agentWaitMs: '5s',
      clickToDial: { agentHeaders: { 'Alert-Info': '<http://ringmaster>;info=alert-autoanswer' } },
      callingHours: [{ regions: ['CN'], schedule: 'always' }],
      retry: { attemptsMax: 3, busy: { attemptsMax: 2, delayMs: '1s' }, noAnswer: { attemptsMax: 1 } },
      restMs: '300ms',
      tickMs: '100ms',
    },
  });
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await seen?.[Symbol.asyncDispose]();
  await Promise.all(customers.map((phone) => phone.stop()));
});

afterEach(async () => {
  for (const { id, phase } of await site.liveCalls()) if (phase !== 'wrapUp') await site.command(id, 'hang-up');
  await site.clear();
});

function numberOf(kind: Kind): string {
  dialled += 1;
  return `${prefixes[kind]}${String(80_000_000 + dialled)}`;
}

const dial = async (agentId: string, number: string): Promise<string> =>
  (await site.room.ask<{ callId: string }>('POST', '/v1/calls', { agentId, number })).callId;

const request = (body: object): Promise<JobViewData> => site.room.ask<JobViewData>('POST', '/v1/outbound', body);
const jobEvents = (jobId: string): string[] =>
  site.room.events
    .filter(({ subject }) => subject === `outbound/${jobId}`)
    .map(({ type }) => type.replace('outbound.', '').replace('.v1', ''));
const finished = (jobId: string, deadlineMs = 10_000): Promise<SeenEventOf<'outbound.job.finished.v1'>> =>
  site.room.waitFor('outbound.job.finished.v1', ({ subject }) => subject === `outbound/${jobId}`, deadlineMs);
const attempts = (jobId: string): [string, boolean][] =>
  site.room.events.flatMap((event) =>
    event.type === 'outbound.attempt.ended.v1' && event.subject === `outbound/${jobId}`
      ? [[event.data.outcome, event.data.dialled] as [string, boolean]]
      : [],
  );

describe('click-to-dial', () => {
  it('rings the agent, then the customer; hold, resume and hangup are as on any call', async () => {
    const agent = await site.signIn('phone');
    const number = numberOf('answers');
    const callId = await dial(agent, number);
    const connected = await site.see('call.connected.v1', callId);
    expect(connected.data.call).toMatchObject({
      direction: 'outbound',
      callerNumber: `+86${number}`,
      dialledNumber: '4001',
      phase: 'talking',
    });
    const [bridge] = await site.bridges();
    expect(bridge?.channels).toHaveLength(2);
    await site.command(callId, 'hold');
    await site.see('call.held.v1', callId);
    await site.command(callId, 'resume');
    await site.see('call.resumed.v1', callId);
    await site.command(callId, 'hang-up');
    const ended = await site.ended(callId);
    expect(ended.data.reason).toBe('completed');
    checkStory(site.room.ofCall(callId), 'call.placed.v1');
    // The ringing tone for the agent was begun and ended, and nothing else was refused.
    expect(readFileSync(site.server.logPath, 'utf8')).not.toContain('a command to the PBX failed');
  });

  it('shows the customer on the agent’s phone, with the header that makes it answer', async () => {
    await site.room.signIn('display1');
    const number = numberOf('answers');
    const callId = await dial('display1', number);
    expect(await seen.shownCaller()).toContain(`<sip:+86${number}@`);
    expect(await seen.header('alert-info')).toBe('<http://ringmaster>;info=alert-autoanswer');
    const ended = await site.see('call.dial.ended.v1', callId);
    expect(ended.data).toMatchObject({ outcome: 'noAgent', dialled: false });
  });

  it.each([
    ['busy', 'busy'],
    ['silent', 'noAnswer'],
  ] as const)('a customer who is %s: the agent is free at once', async (kind, outcome) => {
    const agent = await site.signIn('phone');
    const callId = await dial(agent, numberOf(kind));
    const ended = await site.see('call.dial.ended.v1', callId);
    expect(ended.data).toMatchObject({ agentId: agent, outcome, dialled: true });
    expect((await site.ended(callId)).data.reason).toBe('unreached');
    expect((await site.agent(agent)).routing).toBe('idle');
  });

  it('an agent who does not pick up, and one who gives up while the customer rings', async () => {
    const mute = await site.signIn('mute');
    const first = await dial(mute, numberOf('answers'));
    expect((await site.see('call.dial.ended.v1', first)).data).toMatchObject({ outcome: 'noAgent', dialled: false });
    const agent = await site.signIn('phone');
    const second = await dial(agent, numberOf('silent'));
    await site.see('call.dial.ringing.v1', second);
    await site.command(second, 'hang-up');
    expect((await site.see('call.dial.ended.v1', second)).data).toMatchObject({ outcome: 'cancelled', dialled: true });
    await site.settled();
  });

  it.each(['&PJSIP/1002', ',1', '/n', '@evil', '${EXTEN}', '\r\nX: y', ';a=b'])(
    'refuses %j in a number',
    async (text) => {
      await expect(dial('phone1', `13900000000${text}`)).rejects.toThrow('outbound.number_refused');
      await expect(request({ queueId: 'support', number: `${text}13900000000` })).rejects.toThrow(
        'outbound.number_refused',
      );
    },
  );
});

describe('a triggered call', () => {
  it('sent twice is one job and one call, which ends once', async () => {
    await site.signIn('phone');
    const wish = { queueId: 'support', number: numberOf('answers'), reason: 'renewal', idempotencyKey: 'twice' };
    const [first, again] = await Promise.all([request(wish), request(wish)]);
    expect(again.id).toBe(first.id);
    expect((await finished(first.id)).data).toMatchObject({ outcome: 'answered', attempts: 1 });
    expect((await request(wish)).id).toBe(first.id);
    const placed = site.room.events.filter(({ type }) => type === 'call.placed.v1');
    expect(placed.filter((event) => JSON.stringify(event.data).includes(wish.number))).toHaveLength(1);
    expect(jobEvents(first.id)).toEqual([
      'job.accepted',
      'attempt.started',
      'attempt.dialling',
      'attempt.ended',
      'job.finished',
    ]);
    await expect(request({ ...wish, reason: 'other' })).rejects.toThrow('outbound.key_reused');
  });

  it('is dialled again after busy, by the rules, and then given up', async () => {
    await site.signIn('phone');
    const { id } = await request({ queueId: 'support', number: numberOf('busy') });
    await site.room.waitFor('outbound.attempt.ended.v1', ({ subject }) => subject === `outbound/${id}`);
    const job = await site.room.ask<JobViewData>('GET', `/v1/outbound/${id}`);
    expect(job).toMatchObject({ status: 'pending', attempts: 1, lastOutcome: 'busy' });
    expect((await finished(id)).data).toMatchObject({ outcome: 'busy', attempts: 2 });
    expect(attempts(id)).toEqual([
      ['busy', true],
      ['busy', true],
    ]);
  });

  it('does not take an agent who is on a call that Ringmaster knows nothing of', async () => {
    const agent = await site.signIn('phone');
    const name = site.endpointOf(agent).endpoint.replace('PJSIP/', '');
    const { sip } = site.dial({ target: name });
    await becomesTrue(async () => ['inUse', 'busy'].includes((await site.agent(agent)).device), 5_000);
    const { id } = await request({ queueId: 'support', number: numberOf('answers') });
    await site.room.waitFor('outbound.job.accepted.v1', ({ subject }) => subject === `outbound/${id}`);
    // Six looks of the dialler, and nothing comes of them.
    expect(await becomesTrue(() => jobEvents(id).length > 1, 600)).toBe(false);
    sip.hangUp();
    expect((await finished(id)).data.outcome).toBe('answered');
  });

  it('to a number on the do-not-call list is refused', async () => {
    const number = numberOf('answers');
    await site.room.ask('POST', '/v1/do-not-call', { number, reason: 'wish' });
    await expect(request({ queueId: 'support', number })).rejects.toThrow('outbound.do_not_call');
    const agent = await site.signIn('phone');
    await expect(dial(agent, number)).rejects.toThrow('outbound.do_not_call');
    expect(await site.room.ask('POST', '/v1/do-not-call/remove', { number })).toEqual({ removed: true });
  });

  it('is cancelled while the agent rings, or the customer', async () => {
    await site.signIn('mute');
    const first = await request({ queueId: 'support', number: numberOf('answers') });
    await site.see('call.offer.ringing.v1', await callOf(first.id));
    await site.room.ask('POST', `/v1/outbound/${first.id}/cancel`);
    expect((await finished(first.id)).data).toMatchObject({ outcome: 'cancelled', attempts: 0 });
    await site.clear();
    await site.signIn('phone');
    const second = await request({ queueId: 'support', number: numberOf('silent') });
    await site.see('call.dial.ringing.v1', await callOf(second.id));
    await site.room.ask('POST', `/v1/outbound/${second.id}/cancel`);
    expect((await finished(second.id)).data).toMatchObject({ outcome: 'cancelled', attempts: 1 });
    await site.settled();
  });
});

describe('the server is killed', () => {
  it('while the customer rings: found by its id, not dialled again, its outcome told once', async () => {
    await site.signIn('phone');
    const { id } = await request({ queueId: 'support', number: numberOf('silent') });
    await site.see('call.dial.ringing.v1', await callOf(id));
    const before = (await site.channels()).map((channel) => channel.id).sort();
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    // The job may have been written down last as about to be dialled; the call that is found says more.
    const isFound = async (): Promise<boolean> =>
      (await site.room.ask<JobViewData>('GET', `/v1/outbound/${id}`)).status === 'active';
    expect(await becomesTrue(isFound, 5_000)).toBe(true);
    expect((await site.channels()).map((channel) => channel.id).sort()).toEqual(before);
    // The phone stops by itself; its outcome is the job's, once.
    expect((await finished(id)).data).toMatchObject({ outcome: 'noAnswer', attempts: 1 });
    await site.settled();
  });

  it('while the agent rings: tried again afterwards, and the customer was called once', async () => {
    await site.signIn('mute');
    const { id } = await request({ queueId: 'support', number: numberOf('answers') });
    await site.see('call.offer.ringing.v1', await callOf(id));
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await site.room.signOut('mute1', 'mute2', 'mute3');
    await site.signIn('phone');
    expect((await finished(id)).data).toMatchObject({ outcome: 'answered', attempts: 1 });
  });
});

/** The call that is made for a job. */
async function callOf(jobId: string): Promise<string> {
  const started = await site.room.waitFor(
    'outbound.attempt.started.v1',
    ({ subject }) => subject === `outbound/${jobId}`,
  );
  return started.data.callId;
}
