import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PbxWatch } from './support/pbx-watch.ts';
import { type Caller, entry, Site } from './support/site.ts';
import { StreamReader } from './support/stream-reader.ts';

let site: Site;
let watch: PbxWatch;

beforeEach(async () => {
  site = await Site.open({
    phones: { silent: { behaviour: 'noAnswer', count: 2 } },
    locals: { answer: 8 },
    numbers: [
      { ...entry, greeting: ['sound:welcome'] },
      { ...entry, id: 'plain', number: '4002' },
    ],
  });
  watch = await PbxWatch.open(site.asterisk);
});

afterEach(async () => {
  await watch?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

const talk = async (): Promise<Caller> => {
  await site.signIn('local-answer');
  const caller = await site.arrive({ target: '4002' });
  await site.see('call.connected.v1', caller.id);
  return caller;
};

const readiness = async (): Promise<unknown> => (await fetch(`${site.server.url}/readyz`)).json();

describe('a server that is told to stop', () => {
  it('sends the waiting on to the fallback, leaves the talking joined, ends well, and finds them again', async () => {
    const talking = [await talk(), await talk()];
    const waiting = [
      await site.enqueue({ target: '4002' }),
      await site.enqueue({ target: '4002' }),
      await site.arrive({ target: '4001' }),
    ];
    const offered = await site.enqueue({ target: '4002' });
    await site.signIn('silent');
    await site.room.waitFor('call.offer.ringing.v1');
    let dropped = 0;
    for (const { sip } of talking) void sip.ended.then(() => (dropped += 1));
    const place = site.room.events.at(-1);

    expect(await site.server.terminate()).toBe(0);
    for (const { sip } of [...waiting, offered]) {
      expect(await sip.ended).toMatchObject({ outcome: 'connected', endedBy: 'callee' });
    }
    expect(watch.events.filter((event) => event.get('UserEvent') === 'LabFallback')).toHaveLength(4);
    expect((await site.bridges()).map(({ channels }) => channels.length)).toEqual([2, 2]);
    expect(dropped).toBe(0);

    await site.server.start();
    await site.reopen();
    const resume = { epoch: place?.epoch ?? '', sequence: place?.sequence ?? 0 };
    await using reader = await StreamReader.open(site.server.url, site.server.key, { resume });
    expect(await reader.frame('subscribed')).toMatchObject({ recovered: true });
    await reader.event('pbx.reconciled.v1');
    const types = reader.events.map(({ type }) => type);
    expect(types).not.toContain('stream.gap.v1');
    expect(types.filter((type) => type === 'call.overflowed.v1')).toHaveLength(4);
    expect((await site.liveCalls()).map(({ phase }) => phase)).toEqual(['talking', 'talking']);
    expect(dropped).toBe(0);
    for (const { id } of talking) {
      await site.command(id, 'hang-up');
      expect((await site.ended(id)).data.reason).toBe('completed');
    }
    await site.clear();
  });

  it('ends well though the PBX does not answer any more', async () => {
    const { sip } = await talk();
    process.kill(site.asterisk.pid, 'SIGSTOP');
    try {
      const ended = site.server.terminate();
      await expect.poll(readiness, { interval: 20 }).toMatchObject({
        ok: false,
        checks: expect.arrayContaining([
          { name: 'server', ok: false, optional: false, code: 'server.draining' },
        ]) as object,
      });
      expect(await ended).toBe(0);
    } finally {
      process.kill(site.asterisk.pid, 'SIGCONT');
    }
    await site.server.start();
    await site.reopen();
    expect((await site.liveCalls()).map(({ phase }) => phase)).toEqual(['talking']);
    sip.hangUp();
    await site.clear();
  });
});
