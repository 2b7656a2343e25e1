import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ARI_CLIENT_EXCLUSIONS,
  type AriLink,
  type AriLinkChange,
  type AriLinkOptions,
  type AriMessage,
  ariErrors,
  createAriLink,
  createAriPbx,
} from '../../../src/ari/index.ts';
import type { PbxPort } from '../../../src/bridge/ports.ts';
import type { CommandResult, PbxCommand, PbxFact, PbxSnapshot } from '../../../src/call/index.ts';
import { systemClock, systemRng } from '../../../src/kernel/index.ts';
import { silentLog, until } from '../../ari/support.ts';
import { exclusive } from './exclusive.ts';

/** A PBX that the links are held against: the real one, or the model behind its socket front. */
export interface AriLab {
  readonly version: string;
  readonly ariUrl: string;
  readonly ariUser: string;
  readonly ariPassword: string;
  /** Somebody rings and enters the application by that name, unanswered, with the arguments `first` and `second`. */
  callerArrives(app: string, legId: string, lab: AriLink): Promise<void>;
  callerHangsUp(legId: string, lab: AriLink): Promise<void>;
  kill9(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Variant = Pick<AriLinkOptions, 'driver' | 'transport'> & {
  readonly name: string;
  readonly carries: string;
  /** Behaviour to the reason why this adapter does not have it. */
  readonly exclusions: Readonly<Record<string, string>>;
};

const HTTP_EXCLUSIONS = {
  'takes effect in the order of the calls without waiting': 'HTTP requests overtake one another; pbx.ts takes turns',
};

const variants: readonly Variant[] = [
  {
    name: 'ringmaster, REST over WebSocket',
    driver: 'ringmaster',
    transport: 'auto',
    carries: 'websocket',
    exclusions: {},
  },
  { name: 'ringmaster, HTTP', driver: 'ringmaster', transport: 'http', carries: 'http', exclusions: HTTP_EXCLUSIONS },
  { name: 'ari-client', driver: 'ari-client', carries: 'ari-client', exclusions: ARI_CLIENT_EXCLUSIONS },
];

const deps = { clock: systemClock, rng: systemRng, log: silentLog };
export const DEADLINE = { deadlineMs: 5_000 };

/** Every link on one PBX; `lacks` says by the name of a behaviour why that PBX does not have it. */
export function ariSuite(
  open: () => Promise<AriLab>,
  missing: readonly string[],
  lacks: Readonly<Record<string, string>> = {},
): void {
  let asterisk: AriLab;
  let appCount = 0;
  const holds = exclusive(lacks);

  beforeAll(async () => {
    if (missing.length === 0) asterisk = await open();
  }, 60_000);
  afterAll(() => asterisk?.stop());
  beforeEach((context) => {
    if (missing.length > 0) context.skip(missing.join('; '));
  });

  const optionsOf = (variant: Pick<Variant, 'driver' | 'transport'>, app: string): AriLinkOptions => ({
    nodeId: 'pbx1',
    url: asterisk.ariUrl,
    app,
    username: asterisk.ariUser,
    password: asterisk.ariPassword,
    ...(variant.driver ? { driver: variant.driver } : {}),
    ...(variant.transport ? { transport: variant.transport } : {}),
  });
  const newApp = (): string => {
    appCount += 1;
    return `conformance${'abcdefghijklmnopqrstuvwxyz'[appCount % 26]}${appCount}`;
  };

  describe.each(variants)('$name: link', (variant) => {
    /** An exclusion is data, and one that is no longer true fails its test. */
    const isExcluded = (name: string): boolean => variant.exclusions[name] !== undefined;
    let link: AriLink;
    let changes: AriLinkChange[];
    let messages: AriMessage[];

    beforeEach(async () => {
      link = createAriLink(optionsOf(variant, newApp()), deps);
      changes = [];
      messages = [];
      link.onLink((change) => changes.push(change));
      link.onEvent((message) => messages.push(message));
      link.start();
      await until('the link is up', () => link.state() === 'up');
    });
    afterEach(() => link.stop());

    it('comes up over its transport and tells version and start', () => {
      expect(changes).toMatchObject([{ state: 'up', transport: variant.carries }]);
      const [up] = changes;
      expect(up?.state === 'up' && up.version).toContain(asterisk.version.split('+')[0]);
      expect(up?.state === 'up' && Date.parse(up.startedAt)).toBeGreaterThan(0);
    });

    it('gets, sets and lists with typed answers', async () => {
      const set = await link.request('asterisk.setGlobalVar', { variable: 'ODD', value: 'a b&c=%é"\'' }, DEADLINE);
      expect(set.ok).toBe(true);
      const got = await link.request('asterisk.getGlobalVar', { variable: 'ODD' }, DEADLINE);
      expect(got).toMatchObject({ ok: true, status: 200, body: { value: 'a b&c=%é"\'' } });
      expect(await link.request('channels.list', {}, DEADLINE)).toMatchObject({ ok: true, body: [] });
      const application = await link.request('applications.get', { applicationName: link.app }, DEADLINE);
      expect(application).toMatchObject({ ok: true, body: { name: link.app, channel_ids: [] } });
    });

    holds('sends a body: variables on a channel made by us', async () => {
      const channelId = `${link.app}-1`;
      const created = await link.request(
        'channels.create',
        { endpoint: 'Local/answer@lab-agents', app: link.app, channelId, variables: { MINE: 'x "y" é' } },
        DEADLINE,
      );
      expect(created).toMatchObject({ ok: true, body: { id: channelId } });
      await until('the channel entered', () => messages.some(({ event }) => event.type === 'StasisStart'));
      const got = await link.request('channels.getChannelVar', { channelId, variable: 'MINE' }, DEADLINE);
      expect(got).toMatchObject({ ok: true, body: { value: 'x "y" é' } });
      expect(await link.request('channels.hangup', { channelId }, DEADLINE)).toMatchObject({ ok: true });
      await until('the channel ended', () => messages.some(({ event }) => event.type === 'ChannelDestroyed'));
    });

    it('gives the status of a failure as a value', async () => {
      const gone = await link.request('channels.get', { channelId: 'nobody' }, DEADLINE);
      expect(gone).toMatchObject({ ok: false, error: { code: ariErrors.refused.code, pbxStatus: 404 } });
      const wrong = await link.request('bridges.addChannel', { bridgeId: 'none', channel: ['nobody'] }, DEADLINE);
      expect(wrong).toMatchObject({ ok: false, error: { pbxStatus: 404 } });
      expect(link.stats().requestsFailed).toBe(2);
    });

    it('tells the status of a success', async ({ task }) => {
      const answer = await link.request('asterisk.setGlobalVar', { variable: 'A', value: 'b' }, DEADLINE);
      expect(answer).toMatchObject({ ok: true, status: isExcluded(task.name) ? 200 : 204 });
    });

    it('takes effect in the order of the calls without waiting', async ({ task }) => {
      expect(link.ordered).toBe(!isExcluded(task.name));
      if (!link.ordered) return;
      const all = Array.from({ length: 500 }, (_, index) =>
        link.request('asterisk.setGlobalVar', { variable: 'LAST', value: String(index) }, DEADLINE),
      );
      const last = await link.request('asterisk.getGlobalVar', { variable: 'LAST' }, DEADLINE);
      expect(last).toMatchObject({ ok: true, body: { value: '499' } });
      expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
    });

    it('serves many requests at once', async () => {
      const values = Array.from({ length: 200 }, (_, index) => String(index));
      await Promise.all(
        values.map((value) => link.request('asterisk.setGlobalVar', { variable: `MANY${value}`, value }, DEADLINE)),
      );
      const answers = await Promise.all(
        values.map((value) => link.request('asterisk.getGlobalVar', { variable: `MANY${value}` }, DEADLINE)),
      );
      expect(answers.map((answer) => answer.ok && answer.body.value)).toEqual(values);
      expect(link.stats().pending).toBe(0);
    });

    it('refuses nothing that a real Asterisk sends, and passes what no model describes', async () => {
      await link.request(
        'events.userEvent',
        { eventName: 'Hello', application: link.app, variables: { a: 'b' } },
        DEADLINE,
      );
      await until('the event came', () => messages.some(({ event }) => event.type === 'ChannelUserevent'));
      expect(link.stats().framesRefused).toBe(0);
    });

    it('steps back for good when another server takes its name', async () => {
      const other = createAriLink(optionsOf(variant, link.app), deps);
      other.start();
      await until('the older is replaced', () => link.state() === 'replaced');
      await until('the newer is up', () => other.state() === 'up');
      expect(changes.at(-1)).toMatchObject({ state: 'replaced', code: ariErrors.replaced.code });
      expect(await link.request('asterisk.ping', {}, DEADLINE)).toMatchObject({
        ok: false,
        error: { code: ariErrors.not_connected.code },
      });
      expect(other.state()).toBe('up');
      await other.stop();
    });
  });

  describe.each(variants)('$name: call control', (variant) => {
    let pbx: PbxPort;
    let app: string;
    let facts: PbxFact[];
    let snapshots: PbxSnapshot[];
    let link: AriLink;
    /** Another application, which makes callers and looks on. */
    let lab: AriLink;

    beforeAll(async () => {
      if (missing.length > 0) return;
      lab = createAriLink(optionsOf({}, newApp()), deps);
      lab.start();
      await until('the lab link is up', () => lab.state() === 'up');
    });
    afterAll(() => lab?.stop());

    beforeEach(async () => {
      app = newApp();
      ({ link, pbx, facts, snapshots } = listen(variant, app));
      pbx.start();
      await until('a snapshot came', () => snapshots.length > 0);
    });
    afterEach(async () => {
      await pbx.stop();
      const channels = await lab.request('channels.list', {}, DEADLINE);
      for (const { id } of channels.ok ? channels.body : []) {
        await lab.request('channels.hangup', { channelId: id }, DEADLINE);
      }
    });

    function listen(chosen: Variant, name: string) {
      const newLink = createAriLink(optionsOf(chosen, name), deps);
      const port = createAriPbx(newLink, {}, deps);
      const heard: PbxFact[] = [];
      const seen: PbxSnapshot[] = [];
      port.onFact((fact) => heard.push(fact));
      port.onSnapshot((snapshot) => seen.push(snapshot));
      return { link: newLink, pbx: port, facts: heard, snapshots: seen };
    }

    const send = (command: PbxCommand): Promise<CommandResult> => pbx.send('call1', command);
    const has = (kind: PbxFact['kind'], match: object = {}): boolean =>
      facts.some(
        (fact) => fact.kind === kind && Object.entries(match).every(([key, value]) => (fact as never)[key] === value),
      );
    const waitFor = (kind: PbxFact['kind'], match: object = {}): Promise<void> =>
      until(`${kind} ${JSON.stringify(match)}, got ${JSON.stringify(facts.map(({ kind: k }) => k))}`, () =>
        has(kind, match),
      );
    const dial = (legId: string, endpoint: string, timeoutMs = 10_000): PbxCommand => ({
      kind: 'dial',
      legId,
      endpoint,
      originatorLegId: `${app}-caller`,
      callerNumber: '+861380013',
      callerName: 'Frau "Li" <x>',
      timeoutMs,
      variables: { RINGMASTER_LEG: 'call1,agent1' },
    });

    async function callerArrives(): Promise<string> {
      const legId = `${app}-caller`;
      await asterisk.callerArrives(app, legId, lab);
      await waitFor('legArrived', { legId });
      return legId;
    }

    it('announces a caller with number, name and arguments, then takes it', async () => {
      const legId = await callerArrives();
      expect(facts[0]).toMatchObject({
        kind: 'legArrived',
        nodeId: 'pbx1',
        legId,
        callerNumber: '13800138000',
        callerName: 'Wang Fang',
        dialledNumber: app,
        args: ['first', 'second'],
        answered: false,
      });
      expect(await send({ kind: 'ring', legId })).toEqual({ ok: true });
      expect(await send({ kind: 'answer', legId })).toEqual({ ok: true });
      await waitFor('legAnswered', { legId });
    });

    it('plays a list and tells its end, stops one, and tells of a file that is not there', async () => {
      const legId = await callerArrives();
      await send({ kind: 'answer', legId });
      const play = (playbackId: string, ...media: string[]): PbxCommand => ({ kind: 'play', legId, playbackId, media });
      expect(await send(play(`${app}-p1`, 'tone:beep', 'sound:nothing-of-the-kind'))).toEqual({ ok: true });
      await send({ kind: 'stopPlayback', playbackId: `${app}-p1` });
      await waitFor('playbackEnded', { playbackId: `${app}-p1` });
      await send(play(`${app}-p2`, 'sound:nothing-of-the-kind'));
      await waitFor('playbackEnded', { playbackId: `${app}-p2`, failed: true });
      expect(await send({ kind: 'stopPlayback', playbackId: `${app}-p2` })).toEqual({ ok: false, failure: 'gone' });
    });

    it('plays and stops music', async () => {
      const legId = await callerArrives();
      await send({ kind: 'answer', legId });
      expect(await send({ kind: 'startMusic', legId, musicClass: 'default' })).toEqual({ ok: true });
      expect(await send({ kind: 'stopMusic', legId })).toEqual({ ok: true });
    });

    it('rings an agent, shows the caller, joins both and tells who left', async () => {
      const legId = await callerArrives();
      await send({ kind: 'answer', legId });
      const agent = `${app}-agent`;
      const results = [
        send(dial(agent, 'Local/4711@ari-shown/n')),
        send({ kind: 'createBridge', bridgeId: `${app}-b` }),
      ];
      await waitFor('legEntered', { legId: agent });
      await waitFor('legAnswered', { legId: agent });
      expect(await Promise.all(results)).toEqual([{ ok: true }, { ok: true }]);
      const shown = await lab.request('asterisk.getGlobalVar', { variable: 'SHOWN_4711' }, DEADLINE);
      expect(shown).toMatchObject({ body: { value: '+861380013/Frau Li x' } });
      expect(await send({ kind: 'join', bridgeId: `${app}-b`, legIds: [legId, agent] })).toEqual({ ok: true });
      const bridge = await lab.request('bridges.get', { bridgeId: `${app}-b` }, DEADLINE);
      expect(bridge.ok && [...bridge.body.channels].sort()).toEqual([agent, legId].sort());
      expect(await send({ kind: 'separate', bridgeId: `${app}-b`, legId: agent })).toEqual({ ok: true });
      expect(await send({ kind: 'hangup', legId: agent, reason: 'normal' })).toEqual({ ok: true });
      await waitFor('legEnded', { legId: agent, cause: 16 });
      expect(await send({ kind: 'join', bridgeId: `${app}-b`, legIds: [agent] })).toEqual({
        ok: false,
        failure: 'gone',
      });
      expect(await send({ kind: 'destroyBridge', bridgeId: `${app}-b` })).toEqual({ ok: true });
      // BridgeDestroyed comes when Asterisk drops the last reference, which may be much later: not waited for.
      await until('the bridge is gone', async () => {
        const got = await lab.request('bridges.get', { bridgeId: `${app}-b` }, DEADLINE);
        return !got.ok && got.error.pbxStatus === 404;
      });
      expect(has('legEnded', { legId })).toBe(false);
    });

    it.each([
      ['busy', 17, 5_000],
      ['decline', 21, 5_000],
      ['ringout', 19, 1_000],
      ['gone', 20, 5_000],
    ])('tells the cause when an agent is %s', async (word, cause, timeoutMs) => {
      await callerArrives();
      const legId = `${app}-agent`;
      expect(await send(dial(legId, `Local/${word}@lab-agents`, timeoutMs))).toEqual({ ok: true });
      await waitFor('legEnded', { legId });
      expect(facts.find(({ kind }) => kind === 'legEnded')).toMatchObject({ cause });
      expect(has('legRinging', { legId })).toBe(word === 'ringout');
    });

    it('tells that a phone which does not exist is refused', async () => {
      await callerArrives();
      expect(await send(dial(`${app}-agent`, 'PJSIP/nosuchphone'))).toEqual({ ok: false, failure: 'refused' });
      expect(facts.map(({ kind }) => kind)).toEqual(['legArrived']);
    });

    it('refuses to dial for a caller who is gone', async () => {
      expect(await send(dial(`${app}-agent`, 'Local/answer@lab-agents'))).toEqual({ ok: false, failure: 'refused' });
      expect(facts).toEqual([]);
    });

    it('tells when the caller hangs up, and that later commands find nobody', async () => {
      const legId = await callerArrives();
      await asterisk.callerHangsUp(legId, lab);
      await waitFor('legEnded', { legId, cause: 16 });
      expect(await send({ kind: 'answer', legId })).toEqual({ ok: false, failure: 'gone' });
      expect(await send({ kind: 'hangup', legId, reason: 'normal' })).toEqual({ ok: false, failure: 'gone' });
      expect(has('legLeft')).toBe(false);
    });

    it('gives a caller back to the dialplan and does not call that an end', async () => {
      const legId = await callerArrives();
      const target = { context: 'ari-after', extension: 's', priority: 1 };
      expect(await send({ kind: 'leave', legId, ...target })).toEqual({ ok: true });
      await waitFor('legLeft', { legId });
      await lab.request('channels.hangup', { channelId: legId }, DEADLINE);
      await until('the channel is gone', async () => {
        const got = await lab.request('channels.get', { channelId: legId }, DEADLINE);
        return !got.ok;
      });
      expect(has('legEnded')).toBe(false);
    });

    it('finds out by asking when somebody else moves the caller away', async () => {
      const legId = await callerArrives();
      const moved = { channelId: legId, context: 'ari-after', extension: 's', priority: 1 };
      expect((await lab.request('channels.continueInDialplan', moved, DEADLINE)).ok).toBe(true);
      await waitFor('legLeft', { legId });
    });

    it('keeps the order of the commands of one call', async () => {
      const legId = await callerArrives();
      const values = Array.from({ length: 30 }, (_, index) => String(index));
      const results = await Promise.all(
        values.map((value) => send({ kind: 'setVariables', legId, variables: { RINGMASTER_CALL: value, X: value } })),
      );
      expect(results.every(({ ok }) => ok)).toBe(true);
      const got = await lab.request(
        'channels.getChannelVar',
        { channelId: legId, variable: 'RINGMASTER_CALL' },
        DEADLINE,
      );
      expect(got).toMatchObject({ body: { value: '29' } });
    });

    it('finds legs, bridges and variables again after its own restart', async () => {
      const legId = await callerArrives();
      await send({ kind: 'answer', legId });
      await send({ kind: 'setVariables', legId, variables: { RINGMASTER_CALL: 'call1,{"a":"b & c"}' } });
      const agent = `${app}-agent`;
      await send(dial(agent, 'Local/answer@lab-agents'));
      await waitFor('legAnswered', { legId: agent });
      await send({ kind: 'createBridge', bridgeId: `${app}-b` });
      await send({ kind: 'join', bridgeId: `${app}-b`, legIds: [legId, agent] });
      await pbx.stop();
      ({ link, pbx, facts, snapshots } = listen(variant, app));
      pbx.start();
      await until('a snapshot came', () => snapshots.length > 0);
      const [snapshot] = snapshots;
      expect(snapshot?.bridges).toMatchObject([{ bridgeId: `${app}-b` }]);
      expect(snapshot?.legs.toSorted((a, b) => (a.legId < b.legId ? 1 : -1))).toMatchObject([
        {
          legId,
          answered: true,
          callerNumber: '13800138000',
          bridgeId: `${app}-b`,
          variables: { RINGMASTER_CALL: 'call1,{"a":"b & c"}' },
        },
        { legId: agent, answered: true, bridgeId: `${app}-b`, variables: { RINGMASTER_LEG: 'call1,agent1' } },
      ]);
      // The legs of the snapshot are known: their ends are told.
      await send({ kind: 'hangup', legId: agent, reason: 'normal' });
      await waitFor('legEnded', { legId: agent });
      expect(link.stats().framesRefused).toBe(0);
    });

    it('leaves legs that it gave back out of the snapshot', async () => {
      const legId = await callerArrives();
      await send({ kind: 'answer', legId });
      await send({ kind: 'leave', legId, context: 'ari-after', extension: 's', priority: 1 });
      await waitFor('legLeft', { legId });
      await pbx.stop();
      ({ link, pbx, facts, snapshots } = listen(variant, app));
      pbx.start();
      await until('a snapshot came', () => snapshots.length > 0);
      expect(snapshots[0]?.legs).toEqual([]);
    });
  });

  it('keeps trying while the PBX is away, and reads it anew when it is back', async () => {
    const link = createAriLink(
      { ...optionsOf({}, newApp()), limits: { reconnect: { firstDelayMs: 50, delayMaxMs: 200 } } },
      deps,
    );
    const pbx = createAriPbx(link, {}, deps);
    const states: string[] = [];
    const snapshots: PbxSnapshot[] = [];
    pbx.onLink(({ state }) => states.push(state));
    pbx.onSnapshot((snapshot) => snapshots.push(snapshot));
    pbx.start();
    await until('a snapshot came', () => snapshots.length === 1);
    await asterisk.kill9();
    await until('the loss is told', () => states.at(-1) === 'down');
    expect(await pbx.send('call1', { kind: 'answer', legId: 'x' })).toEqual({ ok: false, failure: 'unavailable' });
    await asterisk.restart();
    await until('a second snapshot came', () => snapshots.length === 2, 20_000);
    expect(states.filter((state) => state !== 'down')).toEqual(['up', 'up']);
    await pbx.stop();
  }, 60_000);
}
