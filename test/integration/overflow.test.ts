import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PbxWatch } from './support/pbx-watch.ts';
import { checkStory, entry, fallback, queue, Site } from './support/site.ts';

const blocked = '13800008888';
const vip = '13800008889';

let site: Site;
let watch: PbxWatch;

beforeAll(async () => {
  site = await Site.open({
    phones: { silent: { behaviour: 'noAnswer', count: 4 } },
    phoneQueues: () => ['brief'],
    locals: { answer: 8 },
    directory: `phone,name,vip,blacklisted\n${blocked},Blocked,,yes\n${vip},王秀英,yes,\n`,
    numbers: [
      entry,
      { ...entry, id: 'tiny', number: '4002', queue: 'tiny' },
      { ...entry, id: 'brief', number: '4003', queue: 'brief' },
      { ...entry, id: 'chained', number: '4004', queue: 'chained' },
      { ...entry, id: 'ring', number: '4005', queue: 'ringA' },
      { ...entry, id: 'unpaid', number: '4006', answer: 'withAgent' },
      { ...entry, id: 'elsewhere', number: '4007', blacklisted: fallback },
    ],
    queues: [
      queue,
      { ...queue, id: 'tiny', waitingCallsMax: 1, whenFull: fallback },
      { ...queue, id: 'brief', maxWaitMs: 1_000, ringTimeoutMs: 1_500 },
      { ...queue, id: 'chained', maxWaitMs: 1_000, overflow: 'queue:support' },
      { ...queue, id: 'ringA', maxWaitMs: 1_000, overflow: 'queue:ringB' },
      {
        ...queue,
        id: 'ringB',
        waitingCallsMax: 0,
        overflow: 'queue:ringA',
        whenFull: 'dialplan:ringmaster-fallback,s,1',
      },
    ],
  });
  watch = await PbxWatch.open(site.asterisk);
});

afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

afterEach(() => site.clear());

/** Calls that the dialplan's fallback has taken over so far. */
const fallbacks = (): number => watch.events.filter((event) => event.get('UserEvent') === 'LabFallback').length;

describe('a call that waits too long', () => {
  it('goes to the dialplan, which goes on with it', async () => {
    const before = fallbacks();
    const { id, sip } = await site.enqueue({ target: '4003' });
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(overflowed.data).toMatchObject({ reason: 'maxWait', target: 'dialplan:ringmaster-fallback,s,1' });
    expect((await site.ended(id)).data.reason).toBe('overflowed');
    expect((await sip.ended).endedBy).toBe('callee');
    expect(fallbacks()).toBe(before + 1);
    checkStory(site.room.ofCall(id));
  });

  it('is not torn from a phone that rings, but goes when that does not answer', async () => {
    await site.signIn('silent');
    const { id } = await site.enqueue({ target: '4003' });
    const ended = await site.see('call.offer.ended.v1', id);
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(ended.data.outcome).toBe('noAnswer');
    expect(overflowed.sequence).toBeGreaterThan(ended.sequence);
    await site.ended(id);
    checkStory(site.room.ofCall(id));
  });

  it('goes to another queue with its age, and is served there', async () => {
    const { id } = await site.enqueue({ target: '4004' });
    const again = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'overflow');
    const first = await site.see('call.queued.v1', id, ({ data }) => data.reason === 'arrived');
    expect(again.data.call).toMatchObject({ queueId: 'support', queuedAtMs: first.data.call.queuedAtMs });
    await site.signIn('local-answer');
    const connected = await site.see('call.connected.v1', id);
    expect(connected.data.waitedMs).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a queue that is full', () => {
  it('passes the next caller on and keeps the one who waits', async () => {
    const first = await site.enqueue({ target: '4002' });
    const second = await site.arrive({ target: '4002' });
    expect((await site.see('call.overflowed.v1', second.id)).data.reason).toBe('queueFull');
    expect((await site.ended(second.id)).data.reason).toBe('overflowed');
    expect((await site.liveCalls()).map(({ id }) => id)).toEqual([first.id]);
    checkStory(site.room.ofCall(second.id));
  });

  it('does not keep a call in a ring of queues', async () => {
    const { id } = await site.enqueue({ target: '4005' });
    expect((await site.ended(id)).data.reason).toBe('overflowed');
    checkStory(site.room.ofCall(id));
  });
});

describe('who is known to the directory', () => {
  it('is refused before the answer when blacklisted', async () => {
    const { id, sip } = await site.arrive({ target: '4006', number: blocked });
    expect((await site.ended(id)).data.reason).toBe('refused');
    expect(await sip.ended).toMatchObject({ outcome: 'refused', status: 486 });
    checkStory(site.room.ofCall(id));
  });

  it('is sent where the entry says when blacklisted, and no agent is rung', async () => {
    const before = fallbacks();
    await site.signIn('local-answer');
    const { number, sip } = site.dial({ target: '4007', number: blocked });
    const { data } = await site.room.waitFor(
      'call.ended.v1',
      (event) => event.data.call.callerNumber === number && event.data.call.entryId === 'elsewhere',
    );
    expect(data).toMatchObject({ reason: 'overflowed', attempts: 0 });
    expect((await sip.ended).endedBy).toBe('callee');
    expect(fallbacks()).toBe(before + 1);
  });

  it('overtakes those who wait when a VIP', async () => {
    const ordinary = await site.enqueue();
    const important = await site.enqueue({ number: vip });
    await site.signIn('local-answer');
    const first = await site.see('call.connected.v1', important.id);
    await site.command(important.id, 'hang-up');
    const second = await site.see('call.connected.v1', ordinary.id);
    expect(second.sequence).toBeGreaterThan(first.sequence);
    expect(ordinary.id < important.id).toBe(true);
  });
});
