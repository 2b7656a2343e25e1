import { describe, expect, it } from 'vitest';
import { type AriLinkChange, type AriLinkOptions, type AriMessage, createAriLink } from '../../src/ari/index.ts';
import { type FakePbx, type FakePbxOptions, startFakePbx } from './fake-pbx.ts';
import { halfRng, ManualClock, silentLog, until } from './support.ts';

/** A link to a fake PBX, with a clock that only the test turns. */
async function linked(pbxOptions: FakePbxOptions = {}, options: Partial<AriLinkOptions> = {}) {
  const pbx = await startFakePbx(pbxOptions);
  const clock = new ManualClock();
  const link = createAriLink(
    { nodeId: 'n1', url: pbx.url, app: 'ring', username: 'me', password: 's3cret', ...options },
    { clock, rng: halfRng, log: silentLog },
  );
  const changes: AriLinkChange[] = [];
  const messages: AriMessage[] = [];
  link.onLink((change) => changes.push(change));
  link.onEvent((message) => messages.push(message));
  link.start();
  return {
    pbx,
    clock,
    link,
    changes,
    messages,
    isUp: () => until('the link is up', () => link.state() === 'up'),
    end: async () => {
      await pbx[Symbol.asyncDispose]();
      await link.stop();
    },
  };
}

const ping = (link: { request: ReturnType<typeof createAriLink>['request'] }) =>
  link.request('asterisk.getInfo', {}, { deadlineMs: 100 });
const replaced = (application: string) => ({ type: 'ApplicationReplaced', application, timestamp: 'now' });
const sizeOf = (pbx: FakePbx) => pbx.upgrades.length;

describe('the ARI link', () => {
  it('keeps credentials out of the URL and never subscribes to everything', async () => {
    const { pbx, isUp, end } = await linked();
    await isUp();
    expect(pbx.upgrades).toEqual([
      { url: '/ari/events?app=ring', authorization: `Basic ${Buffer.from('me:s3cret').toString('base64')}` },
    ]);
    await end();
  });

  it('takes REST over WebSocket where the PBX has it', async () => {
    const { link, changes, pbx, isUp, end } = await linked();
    await isUp();
    expect(changes).toMatchObject([{ state: 'up', transport: 'websocket', version: '22.10.1', startedAt: 't' }]);
    expect(await ping(link)).toMatchObject({ ok: true });
    expect([link.ordered, pbx.httpRequests]).toEqual([true, []]);
    await end();
  });

  it('sends what may be slow over HTTP all the same', async () => {
    const { link, pbx, isUp, end } = await linked();
    await isUp();
    await link.request('sounds.list', { lang: 'zh' }, { deadlineMs: 100 });
    expect(pbx.httpRequests).toEqual(['GET /ari/sounds?lang=zh']);
    await end();
  });

  it('takes HTTP when a frame stays unanswered', async () => {
    const { link, changes, clock, pbx, isUp, end } = await linked({ restOverWs: false });
    await until('the probe was sent', () => pbx.wsRequests.length > 0);
    clock.advance(1_000);
    await isUp();
    expect(changes).toMatchObject([{ state: 'up', transport: 'http' }]);
    expect(await ping(link)).toMatchObject({ ok: true });
    expect([link.ordered, pbx.httpRequests.length]).toEqual([false, 2]);
    await end();
  });

  it('is not up when neither way answers, and tries again', async () => {
    const { link, changes, clock, pbx, end } = await linked({ restOverWs: false, httpStatus: 404 });
    await until('the probe was sent', () => pbx.wsRequests.length > 0);
    clock.advance(1_000);
    await until('it is told', () => changes.length > 0);
    expect(changes).toMatchObject([{ state: 'down', code: 'ari.connect_failed' }]);
    expect(link.state()).toBe('connecting');
    clock.advance(200);
    await until('it tries again', () => sizeOf(pbx) === 2);
    await end();
  });

  it('goes to the PBX under its name only when it may, at the start and after each loss', async () => {
    let may = false;
    let heardAtMs: number | undefined;
    const mayConnect = (atMs: number): boolean => {
      heardAtMs = atMs;
      return may;
    };
    const { pbx, clock, link, isUp, end } = await linked({}, { mayConnect });
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect([sizeOf(pbx), link.state()]).toEqual([0, 'connecting']);
    expect(heardAtMs).toBe(Number.NEGATIVE_INFINITY);
    may = true;
    clock.advance(50);
    await isUp();
    const upAtMs = clock.nowMs();
    may = false;
    pbx.socket().terminate();
    await until('the loss is noticed', () => link.state() === 'connecting');
    clock.advance(20_000);
    await new Promise(setImmediate);
    expect(sizeOf(pbx)).toBe(1);
    expect(heardAtMs).toBe(upAtMs);
    may = true;
    clock.advance(50);
    await isUp();
    expect(sizeOf(pbx)).toBe(2);
    await end();
  });

  it('says so when the user is refused, once, and keeps trying', async () => {
    const { changes, clock, pbx, end } = await linked({ upgradeStatus: 401 });
    await until('it is told', () => changes.length === 1);
    clock.advance(200);
    await until('it tries again', () => sizeOf(pbx) === 2);
    await until('that failed too', () => clock.nextInMs() === 300);
    expect(changes).toMatchObject([{ state: 'down', code: 'ari.auth_failed' }]);
    await end();
  });

  it('notices a PBX that answers no pings', async () => {
    const { changes, clock, pbx, isUp, end } = await linked({ autoPong: false });
    await isUp();
    clock.advance(3_000);
    expect(changes).toHaveLength(1);
    clock.advance(3_000);
    await until('it is told', () => changes.length === 2);
    expect(changes[1]).toMatchObject({ state: 'down', code: 'ari.half_open' });
    clock.advance(200);
    await until('it connects again', () => sizeOf(pbx) === 2);
    await end();
  });

  it('fails what waits when the link breaks, refuses meanwhile, and comes back', async () => {
    const { link, changes, clock, pbx, isUp, end } = await linked();
    await isUp();
    const waiting = ping(link);
    pbx.socket().terminate();
    await until('it is told', () => changes.length === 2);
    expect(changes[1]).toMatchObject({ state: 'down', code: 'ari.link_lost' });
    expect((await waiting).ok || (await waiting)).not.toBe(true);
    expect(await ping(link)).toMatchObject({ ok: false, error: { code: 'ari.not_connected' } });
    clock.advance(200);
    await isUp();
    expect(await ping(link)).toMatchObject({ ok: true });
    expect(link.stats()).toMatchObject({ connects: 2, pending: 0 });
    await end();
  });

  it('waits longer and longer between attempts, up to a limit', async () => {
    const { clock, pbx, end } = await linked({ upgradeStatus: 503 });
    // Half of the chance: three quarters of 200, 400, 800 ms.
    for (const [index, waitMs] of [150, 300, 600].entries()) {
      await until('the attempt failed', () => clock.nextInMs() === waitMs);
      expect(sizeOf(pbx)).toBe(index + 1);
      clock.advance(waitMs);
      await until('the next attempt', () => sizeOf(pbx) === index + 2);
    }
    await end();
  });

  it('a PBX that does not read: what may wait to be written is bounded, and the rest is refused', async () => {
    const { link, pbx, isUp, end } = await linked();
    await isUp();
    pbx.socket().pause();
    const params = { channelId: 'c', variable: 'v', value: 'x'.repeat(16_000) };
    // In one turn nothing is written out: 4 MiB may wait.
    const asked = Array.from({ length: 300 }, () =>
      link.request('channels.setChannelVar', params, { deadlineMs: 60_000 }),
    );
    expect(await asked.at(-1)).toMatchObject({ ok: false, error: { code: 'ari.not_connected' } });
    expect(link.stats().pending).toBeLessThan(300);
    await end();
    expect(await asked[0]).toMatchObject({ ok: false });
  });

  it('counts hostile frames and does nothing else', async () => {
    const { link, messages, pbx, isUp, end } = await linked({}, { limits: { frameBytesMax: 1_000 } });
    await isUp();
    const hostile = [
      'garbage',
      '[]',
      '{"type":1}',
      '{"type":"StasisStart","application":"ring"}',
      '{"type":"RESTResponse"}',
      Buffer.from([0xff, 0x00, 0xfe]),
      `{"type":"Huge","x":"${'x'.repeat(1_000)}"}`,
    ];
    for (const frame of hostile) pbx.emit(frame);
    pbx.emit({ type: 'NewThing', n: 1 });
    await until('the last one came', () => messages.length > 0);
    expect(messages).toEqual([{ known: false, event: { type: 'NewThing', n: 1 } }]);
    expect(link.stats()).toMatchObject({ framesRefused: hostile.length, eventsUnknown: 1, connects: 1 });
    expect(await ping(link)).toMatchObject({ ok: true });
    await end();
  });

  it('takes an answer that nobody waits for as late', async () => {
    const { link, messages, pbx, isUp, end } = await linked();
    await isUp();
    pbx.emit({ type: 'RESTResponse', request_id: 'unknown', status_code: 200 });
    pbx.emit({ type: 'Marker' });
    await until('the marker came', () => messages.length > 0);
    expect(link.stats().answersLate).toBe(1);
    await end();
  });

  it('breaks the connection over a frame of absurd size, and comes back', async () => {
    const { changes, clock, pbx, isUp, end } = await linked({}, { limits: { frameBytesHardMax: 10_000 } });
    await isUp();
    pbx.emit(Buffer.alloc(20_000, 0x20));
    await until('it is told', () => changes.length === 2);
    clock.advance(200);
    await isUp();
    expect(sizeOf(pbx)).toBe(2);
    await end();
  });

  it('steps back for good when it is replaced', async () => {
    const { link, changes, clock, messages, pbx, isUp, end } = await linked();
    await isUp();
    pbx.emit(replaced('another'));
    await until('the event of another application came', () => messages.length === 1);
    expect(link.state()).toBe('up');
    pbx.emit(replaced('ring'));
    await until('it is told', () => changes.length === 2);
    expect(changes[1]).toMatchObject({ state: 'replaced', code: 'ari.replaced' });
    clock.advance(600_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([link.state(), sizeOf(pbx)]).toEqual(['replaced', 1]);
    await end();
  });

  it('does not come back after it was stopped', async () => {
    const { link, changes, clock, pbx, isUp, end } = await linked();
    await isUp();
    await link.stop();
    clock.advance(600_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([link.state(), sizeOf(pbx), changes.length]).toEqual(['stopped', 1, 1]);
    expect(await ping(link)).toMatchObject({ error: { code: 'ari.not_connected' } });
    await end();
  });

  it.each(['pbx:8088', 'ftp://pbx/ari', 'http://u:p@pbx/ari', 'http://pbx/ari?api_key=x'])(
    'does not take %s',
    (url) => {
      const options = { nodeId: 'n', url, app: 'a', username: 'u', password: 'p' };
      expect(() => createAriLink(options, { clock: new ManualClock(), rng: halfRng, log: silentLog })).toThrow(
        /address/,
      );
    },
  );
});
