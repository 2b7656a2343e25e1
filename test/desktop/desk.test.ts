import { describe, expect, it } from 'vitest';
import { request } from '../../src/desktop/client/api.ts';
import { backoffMs } from '../../src/desktop/client/backoff.ts';
import type { DeskFetch } from '../../src/desktop/client/ports.ts';
import { Desk } from '../../src/desktop/desk.ts';
import { choiceText } from '../../src/desktop/state/choices.ts';
import { callCommands, mayTransfer } from '../../src/desktop/state/commands.ts';
import { defaultPreferences, loadPreferences, savePreferences } from '../../src/desktop/state/preferences.ts';
import { mayExtendWrapUp } from '../../src/desktop/state/select.ts';
import { agentView, callView, HeldSocket } from './rig.ts';
import { FakeClock, t0 } from '../support/fake-clock.ts';

const answer = (status: number, body: unknown) => async () => ({ status, text: async () => JSON.stringify(body) });
const stored = (text: string | null) => ({ getItem: () => text, setItem: () => undefined });

describe('a request', () => {
  it.each<[string, DeskFetch, object]>([
    ['is answered', answer(202, { accepted: true }), { ok: true, body: { accepted: true } }],
    [
      'is refused with a code',
      answer(409, { error: { code: 'call.wrong_phase', message: 'no' } }),
      { ok: false, status: 409, code: 'call.wrong_phase', message: 'no' },
    ],
    [
      'meets something else',
      async () => ({ status: 502, text: async () => '<html>' }),
      { ok: false, code: 'desk.bad_answer' },
    ],
    [
      'is answered with nonsense',
      async () => ({ status: 200, text: async () => '<html>' }),
      { ok: false, code: 'desk.unreachable' },
    ],
    [
      'meets nobody',
      async () => {
        throw new TypeError('Failed to fetch');
      },
      { ok: false, status: 0, code: 'desk.unreachable' },
    ],
  ])('%s', async (_, fetch, expected) => {
    expect(await request(fetch, 'POST', '/v1/x', { body: {} })).toMatchObject(expected);
  });
});

describe('the wait before the next try', () => {
  it.each([
    [0, 0, 250],
    [0, 1, 500],
    [3, 0.5, 3_000],
    [10, 1, 15_000],
    [5_000, 0, 7_500],
  ])('try %i with chance %d waits %i ms', (attempt, random, expected) => {
    expect(backoffMs({ firstMs: 500, maxMs: 15_000 }, attempt, random)).toBe(expected);
  });
});

describe('preferences', () => {
  it.each([null, '{', '5', '"x"', '[]', '{"theme":"pink","pop":7,"language":{},"keys":[]}'])(
    'of %s are the default',
    (text) => {
      expect(loadPreferences(stored(text))).toEqual(defaultPreferences);
    },
  );

  it('come back as they were saved', () => {
    let text = '';
    const chosen = { ...defaultPreferences, language: 'zh', theme: 'dark', pop: 'off' } as const;
    savePreferences({ getItem: () => text, setItem: (_, value) => void (text = value) }, chosen);
    expect(loadPreferences(stored(text))).toEqual(chosen);
  });

  it('that cannot be saved are borne', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    };
    expect(() => savePreferences(full, defaultPreferences)).not.toThrow();
  });
});

describe('what can be done with the own call', () => {
  const words = (view: object, offer?: object, agentId = 'li') =>
    callCommands({ view: callView('a', { agentId: 'li', ...view }), offer: offer as never }, agentId).map(
      ({ word }) => word,
    );
  it.each<[string, object, object | undefined, string[]]>([
    ['offered, to be accepted', { phase: 'offering' }, { mode: 'accept', ringing: false }, ['accept', 'reject']],
    ['offered, accepted, ringing', { phase: 'offering' }, { mode: 'accept', ringing: true }, ['reject']],
    ['offered by ringing', { phase: 'offering' }, { mode: 'ring', ringing: false }, ['reject']],
    ['offered, found in a snapshot', { phase: 'offering' }, { ringing: false }, ['accept', 'reject']],
    ['the customer is dialled', { phase: 'dialling' }, undefined, ['hangUp']],
    ['talking', { phase: 'talking' }, undefined, ['hold', 'mute', 'hangUp']],
    ['talking, muted', { phase: 'talking', muted: true }, undefined, ['hold', 'unmute', 'hangUp']],
    ['on hold', { phase: 'held' }, undefined, ['resume', 'mute', 'hangUp']],
    ['asking', { phase: 'held', consult: { state: 'ringing' } }, undefined, ['consultCancel']],
    [
      'in private',
      { phase: 'held', consult: { state: 'private' } },
      undefined,
      ['consultComplete', 'consultSwap', 'consultMerge', 'consultCancel', 'mute'],
    ],
    [
      'back with the caller',
      { phase: 'talking', consult: { state: 'waiting' } },
      undefined,
      ['consultSwap', 'consultMerge', 'consultComplete', 'consultCancel', 'mute'],
    ],
    [
      'all three talk',
      { phase: 'talking', consult: { state: 'conference' } },
      undefined,
      ['consultComplete', 'consultCancel', 'mute', 'hangUp'],
    ],
    ['wrap-up', { phase: 'wrapUp' }, undefined, ['endWrapUp']],
    ['waiting', { phase: 'waiting' }, undefined, []],
    ['of somebody else', { phase: 'talking', agentId: 'wang' }, undefined, []],
  ])('%s', (_, view, offer, expected) => {
    expect(words(view, offer)).toEqual(expected);
  });

  it('more time for the wrap-up, as long as there is some', () => {
    const call = { view: callView('a', { agentId: 'li', phase: 'wrapUp' }) };
    const inWrapUp = (wrapUpMaxUntilMs?: number) =>
      agentView('li', { wrapUpUntilMs: 5_000, ...(wrapUpMaxUntilMs === undefined ? {} : { wrapUpMaxUntilMs }) });
    const offers = (agent: ReturnType<typeof agentView>) =>
      callCommands(call, 'li', mayExtendWrapUp(agent)).map(({ path }) => path);
    expect(offers(inWrapUp(9_000))).toEqual(['/v1/agents/li/extend-wrap-up', '/v1/agents/li/end-wrap-up']);
    expect(offers(inWrapUp(5_000))).toEqual(['/v1/agents/li/end-wrap-up']);
    expect(offers(inWrapUp())).toEqual(['/v1/agents/li/end-wrap-up']);
  });

  it.each([
    ['zh', { id: 'lunch', zh: '午餐', en: 'Lunch' }, '午餐'],
    ['en', { id: 'lunch', zh: '午餐', en: 'Lunch' }, 'Lunch'],
    ['en', { id: 'lunch', zh: '午餐' }, '午餐'],
    ['zh', { id: 'lunch' }, 'lunch'],
  ] as const)('a choice in %s: %o', (language, choice, text) => {
    expect(choiceText(choice, language)).toBe(text);
  });

  it.each([
    ['ringing', ['reject']],
    ['private', ['mute', 'hangUp']],
    ['conference', ['mute', 'hangUp']],
  ])('by who is asked, %s', (state, expected) => {
    expect(words({ phase: 'held', consult: { agentId: 'wang', state } }, undefined, 'wang')).toEqual(expected);
  });

  it('can be passed on while it is a conversation of two', () => {
    const phases = ['arriving', 'waiting', 'offering', 'talking', 'held', 'wrapUp'] as const;
    const may = phases.filter((phase) => mayTransfer({ view: callView('a', { phase, agentId: 'li' }) }, 'li'));
    expect(may).toEqual(['talking', 'held']);
    const asking = callView('a', { phase: 'held', agentId: 'li', consult: { state: 'private' } });
    expect(mayTransfer({ view: asking }, 'li')).toBe(false);
  });

  it('leaves a call alone that the PBX routes by itself', () => {
    const call = { view: callView('a', { phase: 'talking', agentId: 'li', routedBy: 'app_queue' }) };
    expect([callCommands(call, 'li'), mayTransfer(call, 'li')]).toEqual([[], false]);
  });

  it('is told by the path that the server has', () => {
    const [, mute] = callCommands({ view: callView('a/b', { phase: 'talking', agentId: 'li' }) }, 'li');
    expect(mute?.path).toBe('/v1/calls/a%2Fb/mute');
    const [end] = callCommands({ view: callView('a', { phase: 'wrapUp', agentId: 'li' }) }, 'li');
    expect(end?.path).toBe('/v1/agents/li/end-wrap-up');
  });
});

describe('the desk', () => {
  const deskWith = (fetch: DeskFetch) => {
    const sockets: HeldSocket[] = [];
    const clock = new FakeClock();
    const desk = new Desk({
      fetch,
      openSocket: () => {
        const socket = new HeldSocket();
        sockets.push(socket);
        return socket;
      },
      clock,
      random: () => 0,
      preferences: stored(null),
      browserLanguages: ['zh-CN'],
    });
    return { desk, sockets, clock };
  };

  it('does not let in a wrong key', async () => {
    const { desk, sockets } = deskWith(answer(401, { error: { code: 'http.key_wrong', message: '' } }));
    expect(await desk.signInWithKey('x')).toMatchObject({ ok: false, code: 'http.key_wrong' });
    expect(desk.signedIn).toBe(false);
    expect(sockets).toHaveLength(0);
  });

  it('knows what the server can, and forgets everything at the end', async () => {
    const { desk, sockets, clock } = deskWith(
      answer(200, { paths: { '/v1/x': { post: { operationId: 'holdCall' } } } }),
    );
    await desk.signInWithKey('rmk_x');
    expect(desk.capabilities.has('holdCall')).toBe(true);
    expect(desk.capabilities.has('flyAway')).toBe(false);
    await clock.advance(0);
    sockets[0]!.hear({
      type: 'hello',
      epoch: 'e',
      sequence: 0,
      nowMs: t0 + 4_000_000,
      principal: { id: 'x', kind: 'admin' },
    });
    await clock.advance(100);
    expect(desk.nowMs() - clock.nowMs()).toBe(4_000_000);
    await desk.signOut();
    expect(sockets[0]!.closed).toBe(true);
    expect(desk.state.viewer).toBeUndefined();
    expect(await desk.ask('GET', '/v1/x')).toMatchObject({ ok: false, status: 401 });
  });

  it('speaks the language that was chosen, else that of the browser', () => {
    const { desk } = deskWith(answer(200, {}));
    expect(desk.say('hold')).toBe('保持');
    desk.choose({ language: 'en' });
    expect(desk.say('hold')).toBe('Hold');
  });
});
