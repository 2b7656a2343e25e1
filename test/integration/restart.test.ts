import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { becomesTrue } from '../../lab/index.ts';
import { PbxWatch } from './support/pbx-watch.ts';
import { type Caller, checkStory, entry, Site } from './support/site.ts';
import { StreamReader } from './support/stream-reader.ts';

const talkingCalls = 20;
const waitingCalls = 10;

let site: Site;
let watch: PbxWatch;
/** A durable consumer: nothing that the log holds passes it by, whatever happens to the server. */
let archive: StreamReader;
/** Everything that the archive was given, over all of its connections. */
let archived: Map<string, StreamReader['events'][number]>;

beforeAll(async () => {
  site = await Site.open({
    phones: {
      silent: { behaviour: 'noAnswer', count: 4 },
      later: { behaviour: 'answer', answerAfterMs: 600, count: 2 },
    },
    locals: { answer: 90 },
    numbers: [entry, { ...entry, id: 'unpaid', number: '4003', answer: 'withAgent' }],
  });
  watch = await PbxWatch.open(site.asterisk);
});

afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  archived = new Map();
  archive = await openArchive();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await site.clear();
});

const openArchive = (): Promise<StreamReader> =>
  StreamReader.open(site.server.url, site.server.key, { consumer: 'archive' });

const keep = (): void => {
  for (const event of archive.events) archived.set(event.sequence, event);
};

async function kill(): Promise<void> {
  await site.server.kill9();
  keep();
}

/** Starts the server again; everybody connects anew. */
async function revive(): Promise<void> {
  await site.server.start();
  await site.reopen();
  await archive[Symbol.asyncDispose]();
  archive = await openArchive();
}

/** What the archive knows of a call, in the order of the log. */
function storyOf(callId: string): readonly StreamReader['events'][number][] {
  keep();
  return [...archived.values()]
    .filter(({ subject }) => subject === `call/${callId}`)
    .sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
}

async function archivedEvent(type: string, callId?: string): Promise<StreamReader['events'][number]> {
  const find = () => {
    keep();
    const fits = (event: { type: string; subject: string }) =>
      event.type === type && (callId === undefined || event.subject === `call/${callId}`);
    return [...archived.values()].findLast(fits);
  };
  await becomesTrue(() => find() !== undefined, 10_000);
  const found = find();
  if (!found) throw new Error(`the archive has no ${type}`);
  return found;
}

async function talk(): Promise<Caller & { readonly agentId: string }> {
  const agentId = await site.signIn('local-answer');
  const caller = await site.arrive();
  await site.see('call.connected.v1', caller.id);
  return { agentId, ...caller };
}

/** Counts the callers whose calls have ended. */
function countEnds(callers: readonly Caller[]): () => number {
  let ends = 0;
  for (const { sip } of callers) void sip.ended.then(() => (ends += 1));
  return () => ends;
}

describe.each(['with its store', 'with an empty store'])('a server that was killed and starts again %s', (store) => {
  it('drops nobody, and serves the waiting ones in their order', async () => {
    const talking: (Caller & { readonly agentId: string })[] = [];
    while (talking.length < talkingCalls) talking.push(await talk());
    const waiting: Caller[] = [];
    while (waiting.length < waitingCalls) waiting.push(await site.enqueue());
    const ends = countEnds([...talking, ...waiting]);
    await kill();
    if (store === 'with an empty store') site.server.loseStore();
    await revive();

    const calls = await site.liveCalls();
    expect(calls.map(({ id }) => id).sort()).toEqual([...talking, ...waiting].map(({ id }) => id).sort());
    expect(calls.filter(({ phase }) => phase === 'talking')).toHaveLength(talkingCalls);
    expect(calls.filter(({ phase }) => phase === 'waiting')).toHaveLength(waitingCalls);
    for (const { agentId, id } of talking) {
      expect(await site.agent(agentId)).toMatchObject({ routing: 'talking', callId: id, presence: 'available' });
    }
    expect(ends()).toBe(0);

    for (const [index, { id }] of waiting.entries()) {
      await site.command(talking[index]?.id ?? '', 'hang-up');
      await site.see('call.connected.v1', id);
    }
    const served = site.room.events.filter(({ type }) => type === 'call.connected.v1');
    expect(served.map(({ subject }) => subject)).toEqual(waiting.map(({ id }) => `call/${id}`));
  });
});

describe('the events of a server that was killed', () => {
  it('go on with the gap announced, and a durable consumer misses none', async () => {
    const { id, sip } = await talk();
    const before = site.room.events.at(-1);
    await kill();
    await revive();
    const gap = await archivedEvent('stream.gap.v1');
    expect(gap.data).toMatchObject({ lost: 0, reason: 'uncleanStop' });
    expect((await archivedEvent('pbx.reconciled.v1')).data).toMatchObject({ kept: 1, adopted: 0, ended: 0 });
    sip.hangUp();
    await archivedEvent('call.ended.v1', id);
    const sequences = [...archived.keys()].map(Number).sort((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_, index) => (sequences[0] ?? 0) + index));
    expect(Number(gap.sequence)).toBeGreaterThan(before?.sequence ?? Infinity);
    expect(gap.epoch).toBe(before?.epoch);
    expect(storyOf(id).map(({ callseq }) => callseq)).toEqual(storyOf(id).map((_, index) => index + 1));
  });

  it('are given to a subscriber who comes back with an older place, each once, with the gap in its place', async () => {
    await talk();
    const last = site.room.events.at(-1);
    await kill();
    await revive();
    const resume = { epoch: last?.epoch ?? '', sequence: last?.sequence ?? 0 };
    await using reader = await StreamReader.open(site.server.url, site.server.key, { resume });
    expect(await reader.frame('subscribed')).toMatchObject({ recovered: true, sequence: resume.sequence });
    await reader.event('pbx.reconciled.v1');
    const sequences = reader.events.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(sequences.map((_, index) => resume.sequence + 1 + index));
    expect(reader.events.map(({ type }) => type)).toContain('stream.gap.v1');
  });
});

describe('while the server is dead', () => {
  it('callers and agents hang up: it is found out, and said to be inferred', async () => {
    const [callerGone, agentGone, stays] = [await talk(), await talk(), await talk()];
    const [gaveUp, patient] = [await site.enqueue(), await site.enqueue()];
    const agentLeg = (await site.bridges()).find((bridge) => bridge.id === `${agentGone.id}.bridge`);
    const { name = '' } =
      (await site.channels()).find(
        (channel) => agentLeg?.channels.includes(channel.id) && channel.name.startsWith('Local'),
      ) ?? {};
    await kill();
    callerGone.sip.hangUp();
    gaveUp.sip.hangUp();
    await Promise.all([callerGone.sip.ended, gaveUp.sip.ended]);
    await site.requestHangup(name);
    await expect.poll(async () => (await site.channels()).map((channel) => channel.name)).not.toContain(name);
    await revive();

    for (const { id } of [callerGone, gaveUp]) {
      expect(await archivedEvent('call.ended.v1', id)).toMatchObject({ reconciled: true });
    }
    // So soon after the join that nobody has spoken: the caller of the lost agent waits again, or the call is over.
    const after = await site.liveCalls();
    expect(after.map(({ id }) => id)).toContain(stays.id);
    expect(after.map(({ id }) => id)).toContain(patient.id);
    expect(storyOf(agentGone.id).some(({ reconciled }) => reconciled === true)).toBe(true);
    expect((await site.agent(stays.agentId)).routing).toBe('talking');
    // Two agents are free again: who waits is served.
    await archivedEvent('call.connected.v1', patient.id);
  });

  it('a new caller is taken by the dialplan’s fallback, since no application takes the call', async () => {
    const stays = await talk();
    await kill();
    const before = watch.events.length;
    const { sip } = site.dial();
    expect(await sip.ended).toMatchObject({ outcome: 'connected', endedBy: 'callee' });
    const told = watch.events.slice(before).find((event) => event.get('UserEvent') === 'LabFallback');
    expect(told?.get('StasisStatus')).toBe('FAILED');
    await revive();
    expect((await site.liveCalls()).map(({ id }) => id)).toEqual([stays.id]);
  });

  it('a phone rings on: the offer is taken back and made anew', async () => {
    await site.signIn('silent');
    const { id } = await site.enqueue();
    await site.see('call.offer.ringing.v1', id);
    await kill();
    await revive();
    expect(await archivedEvent('call.offer.ended.v1', id)).toMatchObject({ data: { outcome: 'withdrawn' } });
    expect(await archivedEvent('call.queued.v1', id)).toMatchObject({ data: { reason: 'recovered' } });
    const second = await site.signIn('local-answer');
    await site.room.signOut('silent1');
    await site.see('call.connected.v1', id, ({ data }) => data.agentId === second);
  });

  it('a phone is answered: the two are joined as soon as the server is back', async () => {
    const agentId = await site.signIn('later');
    const { id } = await site.enqueue();
    await site.see('call.offer.ringing.v1', id);
    await kill();
    const isUp = async () => (await site.channels()).every(({ state }) => state === 'Up');
    expect(await becomesTrue(isUp, 5_000)).toBe(true);
    await revive();
    expect(await archivedEvent('call.connected.v1', id)).toMatchObject({ data: { agentId } });
    expect((await site.bridges()).map((bridge) => bridge.channels.length)).toEqual([2]);
    await site.command(id, 'hang-up');
    await archivedEvent('call.ended.v1', id);
    checkStory(storyOf(id));
  });

  it('a caller who heard the greeting, and one whom nobody has answered yet, wait on', async () => {
    const unpaid = await site.enqueue({ target: '4003' });
    await kill();
    await revive();
    const agentId = await site.signIn('local-answer');
    expect((await site.see('call.connected.v1', unpaid.id)).data.agentId).toBe(agentId);
    expect(await unpaid.sip.answered).toBe(200);
  });
});
