import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeZone } from '../../src/calendar/index.ts';
import {
  type Call,
  type CallInput,
  type CallStep,
  type MenuPolicy,
  parseChannelRecord,
  reduceCall,
  type Target,
} from '../../src/call/index.ts';
import {
  arrival,
  asked,
  callerLeg,
  callId,
  ended,
  fact,
  failed,
  found,
  greeting,
  menuFlow,
  policyWith,
  run as runBy,
  t0,
  told,
} from './fixtures.ts';

const menu: Omit<MenuPolicy, 'kind'> = {
  prompt: ['sound:menu'],
  promptMaxMs: 30_000,
  keys: {
    '1': { target: { kind: 'queue', queueId: 'sales' }, label: 'Sales', data: { topic: 'sales' } },
    '2': { target: { kind: 'queue', queueId: 'service' }, label: 'Service', data: {} },
    '3': { target: { kind: 'agent', agentId: 'ann' }, label: 'Ann', data: {} },
    '4': { target: { kind: 'dialplan', context: 'news', extension: 's', priority: 1 }, label: 'News', data: {} },
    '#': { target: { kind: 'hangup' }, label: 'End', data: {} },
  },
  timeoutMs: 5_000,
  attempts: 2,
  wrongKey: ['sound:wrong-key'],
  otherwise: { kind: 'queue', queueId: 'sales' },
};
const flow = menuFlow(menu, { kind: 'queue', queueId: 'vip' });
const part = { flow, greeting: [] };
const policy = policyWith(part);
const run = (call: Call, inputs: readonly CallInput[]) => runBy(call, inputs, policy);
const press = (key: string, legId = callerLeg): CallInput => fact({ kind: 'keyPressed', legId, key });
const prompt = (plays: number): string => `${callId}.menu${plays}`;
const heard = (plays = 1): CallInput => fact({ kind: 'playbackEnded', playbackId: prompt(plays), failed: false });
const unheard = (plays = 1): CallInput => fact({ kind: 'playbackEnded', playbackId: prompt(plays), failed: true });
const timeOver: CallInput = { kind: 'timerFired', timer: 'menu', atMs: t0 };
const greeted = fact({ kind: 'playbackEnded', playbackId: greeting, failed: false });
const known = found();
const play = (plays: number, media = menu.prompt) => ({
  kind: 'play' as const,
  legId: callerLeg,
  playbackId: prompt(plays),
  media,
});

describe('a caller in the menu', () => {
  it('is asked at once without a greeting, and after it with one', () => {
    expect(asked(arrival(part))).toEqual(['lookup', `answer ${callerLeg}`, `play ${callerLeg}`, 'startTimer']);
    const greets = arrival({ flow });
    expect(told(greets)).toEqual(['arrived']);
    const step = runBy(greets.call, [greeted], policyWith({ flow }));
    expect(told(step)).toEqual(['menu.asked']);
  });

  it('waits for the choice though everything else is known', () => {
    const step = run(arrival(part).call, [known, heard()]);
    expect(step.call).toMatchObject({ phase: 'arriving', flow: { stage: 'listening', attempt: 1 } });
    expect(asked(step)).toEqual(['startTimer']);
  });

  const ways: [string, string, Partial<Call>][] = [
    ['a queue', '2', { phase: 'waiting', queueId: 'service' }],
    ['an agent', '3', { phase: 'waiting', onlyAgentId: 'ann' }],
    ['the dialplan', '4', { phase: 'ended', endReason: 'overflowed' }],
    ['the end', '#', { phase: 'ended', endReason: 'refused' }],
  ];
  it.each(ways)('chooses %s', (_name, key, expected) => {
    const step = run(arrival(part).call, [known, heard(), press(key)]);
    expect(step.call).toMatchObject(expected);
    expect(step.call.flow).toBeUndefined();
    expect(step.call.menuPath).toEqual([{ menu: 'main', key, label: menu.keys[key]?.label }]);
    expect(told(step)).toContain('menu.left');
  });

  it('a key interrupts the prompt, carries its data, and the way is on the channel', () => {
    const step = run(arrival(part).call, [known, press('1')]);
    expect(asked(step)).toEqual([
      'stopPlayback',
      'stopTimer',
      `setVariables ${callerLeg}`,
      `startMusic ${callerLeg}`,
      'enqueue',
    ]);
    expect(step.call).toMatchObject({ queueId: 'sales', data: { topic: 'sales' } });
    const written = step.effects.flatMap((effect) =>
      effect.kind === 'pbx' && effect.command.kind === 'setVariables' ? Object.values(effect.command.variables) : [],
    );
    expect(parseChannelRecord(written[0])?.menuPath).toEqual(step.call.menuPath);
    expect(step.events.at(-1)?.call.menuPath).toEqual(step.call.menuPath);
  });

  it('a key interrupts the greeting; one that leads nowhere is not counted there', () => {
    const greets = arrival({ flow }).call;
    const by = policyWith({ flow });
    expect(runBy(greets, [press('9')], by)).toEqual({ call: greets, effects: [], events: [] });
    const step = runBy(greets, [known, press('2')], by);
    expect(asked(step).slice(0, 2)).toEqual(['stopPlayback', 'stopTimer']);
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'service' });
  });

  it('chooses before the lookup has settled: goes on when it has', () => {
    const chosen = run(arrival(part).call, [press('2')]);
    expect(chosen.call.phase).toBe('arriving');
    expect(run(chosen.call, [known]).call).toMatchObject({ phase: 'waiting', queueId: 'service' });
  });

  it.each([
    ['the same key', '2'],
    ['another key', '1'],
    ['a wrong key', '9'],
  ])('of two keys at once the first counts: then %s', (_name, second) => {
    const early = run(arrival(part).call, [press('2')]).call;
    expect(run(early, [press(second)])).toEqual({ call: early, effects: [], events: [] });
    const late = run(arrival(part).call, [known, press('2')]).call;
    expect(run(late, [press(second), heard(), timeOver])).toEqual({ call: late, effects: [], events: [] });
  });

  it('keys of another leg mean nothing', () => {
    const { call } = arrival(part);
    expect(run(call, [press('2', 'other')]).call).toBe(call);
    expect(run(call, [press('__proto__'), press('toString')]).call.menuPath).toBeUndefined();
  });
});

describe('a caller who does not choose', () => {
  const reasons = (inputs: readonly CallInput[]): string[] =>
    run(arrival(part).call, inputs).events.flatMap(({ event }) =>
      event.type === 'call.menu.asked.v1'
        ? [`asked ${event.attempt} ${event.reason}`]
        : event.type === 'call.menu.left.v1'
          ? [`left ${event.outcome} ${event.target}`]
          : [],
    );

  it.each<[string, CallInput[], string[]]>([
    [
      'a wrong key, then the right one',
      [known, heard(), press('9'), press('2')],
      ['asked 2 wrongKey', 'left chosen queue:service'],
    ],
    ['two wrong keys', [known, press('9'), press('8')], ['asked 2 wrongKey', 'left wrongKey queue:sales']],
    [
      'a wrong key, then silence',
      [known, press('9'), heard(2), timeOver],
      ['asked 2 wrongKey', 'left timeout queue:sales'],
    ],
    ['silence twice', [known, heard(), timeOver, heard(2), timeOver], ['asked 2 timeout', 'left timeout queue:sales']],
    ['the prompt fails', [known, unheard()], ['left unheard queue:sales']],
    ['the PBX refuses the prompt', [known, failed(play(1), 'refused')], ['left unheard queue:sales']],
    [
      'the prompt never ends',
      [known, timeOver, timeOver, timeOver, timeOver],
      ['asked 2 timeout', 'left timeout queue:sales'],
    ],
    [
      'the end of the first prompt comes after the second has begun',
      [known, press('9'), heard(1)],
      ['asked 2 wrongKey'],
    ],
    ['a VIP', [found({ vip: true })], ['left vip queue:vip']],
    ['a VIP who is known late', [known, found({ vip: true }, true)], ['left vip queue:vip']],
    ['a VIP who has chosen already', [press('2'), found({ vip: true })], ['left chosen queue:service']],
  ])('%s', (_name, inputs, expected) => {
    expect(reasons(inputs)).toEqual(expected);
  });

  it('is told of the wrong key before the prompt, when what played is cut', () => {
    const step = run(arrival(part).call, [press('9')]);
    expect(asked(step)).toEqual(['stopPlayback', 'stopTimer', `play ${callerLeg}`, 'startTimer']);
    const media = step.effects.flatMap((effect) =>
      effect.kind === 'pbx' && effect.command.kind === 'play' ? [effect.command.media] : [],
    );
    expect(media).toEqual([['sound:wrong-key', 'sound:menu']]);
  });

  it('goes on hearing the second prompt when the end of the first is told late', () => {
    const step = run(arrival(part).call, [press('9'), heard(1), unheard(1)]);
    expect(step.call.flow).toMatchObject({ stage: 'prompt', plays: 2 });
  });

  it('a VIP is asked where the config says nothing of VIPs', () => {
    const step = runBy(arrival(part).call, [found({ vip: true })], policyWith({ ...part, flow: menuFlow(menu) }));
    expect(step.call.phase).toBe('arriving');
  });
});

describe('unhappy ways in the menu', () => {
  const stages: [string, Call][] = [
    ['greeting', arrival({ flow }).call],
    ['prompt', run(arrival(part).call, [known]).call],
    ['listening', run(arrival(part).call, [known, heard()]).call],
    ['chosen', run(arrival(part).call, [press('2')]).call],
  ];

  const inStage = (index: number): Call => stages[index]![1];

  it.each(stages)('%s: the caller hangs up', (_stage, call) => {
    const step = run(call, [ended(callerLeg)]);
    expect([step.call.endReason, told(step)]).toEqual(['abandoned', ['ended']]);
  });

  it.each(stages)('%s: the server drains: silence, and to the fallback', (stage, call) => {
    const step = run(call, [{ kind: 'draining', atMs: t0 }]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'overflowed', flow: undefined });
    expect(asked(step).at(-1)).toBe(`leave ${callerLeg}`);
    expect(asked(step).includes('stopPlayback')).toBe(stage === 'greeting' || stage === 'prompt');
  });

  it.each(stages)('%s: the customer turns out to be on the blacklist', (_stage, call) => {
    expect(run(call, [found({ blacklisted: true })]).call.endReason).toBe('refused');
  });

  it.each(stages.slice(0, 3))('%s: after a restart or a break the caller is asked anew', (_stage, call) => {
    const step = run(call, [{ kind: 'recovered', atMs: t0 }]);
    const attempt = call.flow?.attempt;
    expect(step.call.flow).toMatchObject({ stage: 'prompt', attempt, plays: (call.flow?.plays ?? 0) + 1 });
    expect(step.events.map(({ event }) => event)).toEqual([
      { type: 'call.menu.asked.v1', menu: 'main', attempt, reason: 'recovered' },
    ]);
  });

  it('after a restart what was chosen still counts', () => {
    const call = inStage(3);
    expect(asked(run(call, [{ kind: 'recovered', atMs: t0 }]))).toEqual(['lookup']);
    expect(run(call, [{ kind: 'recovered', atMs: t0 }, known]).call).toMatchObject({
      phase: 'waiting',
      queueId: 'service',
    });
  });

  it('the menu has left the config meanwhile: to the queue of the number', () => {
    const call = inStage(2);
    expect(runBy(call, [{ kind: 'recovered', atMs: t0 }]).call).toMatchObject({ phase: 'waiting', flow: undefined });
  });

  it.each(['unavailable', 'timeout'] as const)(
    'the prompt cannot be asked for (%s): it goes on by its times',
    (why) => {
      const call = inStage(1);
      expect(run(call, [failed(play(1), why)]).call).toBe(call);
    },
  );

  it('the PBX does not know the channel any more', () => {
    const call = inStage(1);
    expect(run(call, [failed(play(1), 'gone')]).call.endReason).toBe('abandoned');
  });

  it.each([
    ['no list', '"2"'],
    ['no step', '[2]'],
    ['a step without its key', '[{"menu":"main","label":"x"}]'],
    ['a label that is too long', `[{"menu":"main","key":"2","label":"${'x'.repeat(65)}"}]`],
    ['too many steps', JSON.stringify(Array(11).fill({ menu: 'main', key: '2', label: '' }))],
  ])('a way on the channel that is forged makes the record none: %s', (_name, menuPath) => {
    const record = (way: string): string =>
      `{"id":"rm-1","entryId":"e","queueId":"q","enteredAtMs":1,"queuedAtMs":1,"attempts":0,"menuPath":${way}}`;
    expect(parseChannelRecord(record('[{"menu":"main","key":"2","label":"x"}]'))?.menuPath).toHaveLength(1);
    expect(parseChannelRecord(record(menuPath))).toBeUndefined();
  });

  it('a menu for who is not answered is none', () => {
    const { call } = arrival({ ...part, answer: 'withAgent' });
    expect(call.flow).toBeUndefined();
  });

  it('a call without menu and hours carries nothing of them', () => {
    const { call } = arrival();
    expect(['flow', 'menuPath', 'closed'].filter((field) => field in call)).toEqual([]);
  });
});

describe('outside of the hours', () => {
  const never = {
    id: 'never',
    zone: timeZone('Asia/Shanghai'),
    weekly: [],
    exceptions: new Map(),
    specialDays: new Map(),
    holidayHours: [],
    workdayAs: 0,
  };
  const hours = (target: Target, media = ['sound:closed']) => ({ schedule: never, closed: { prompt: media, target } });
  const over = { kind: 'dialplan', context: 'voicemail', extension: 's', priority: 1 } as const;

  it('hears the message instead of greeting and menu, then goes where the config says', () => {
    const by = { flow, hours: hours(over) };
    const arrived = arrival(by);
    expect(arrived.effects).toContainEqual({
      kind: 'pbx',
      command: { kind: 'play', legId: callerLeg, playbackId: greeting, media: ['sound:closed'] },
    });
    expect(arrived.call).toMatchObject({ closed: true });
    const step = runBy(arrived.call, [known, press('2'), greeted], policyWith(by));
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'overflowed' });
    expect(step.events.map(({ event }) => event)).toContainEqual({
      type: 'call.overflowed.v1',
      target: 'dialplan:voicemail,s,1',
      reason: 'closed',
    });
  });

  it.each<[string, Target, Partial<Call>]>([
    ['a queue that is open', { kind: 'queue', queueId: 'night' }, { phase: 'waiting', queueId: 'night' }],
    ['the end', { kind: 'hangup' }, { phase: 'ended', endReason: 'refused' }],
  ])('to %s', (_name, target, expected) => {
    const by = { hours: hours(target) };
    expect(runBy(arrival(by).call, [known, greeted], policyWith(by)).call).toMatchObject(expected);
  });

  it('without a message goes on when it is known who calls; unanswered callers hear none', () => {
    const silent = { hours: hours(over, []) };
    expect(runBy(arrival(silent).call, [known], policyWith(silent)).call.endReason).toBe('overflowed');
    const ringing = { hours: hours(over), answer: 'withAgent' as const };
    expect(asked(arrival(ringing))).toEqual(['lookup', `ring ${callerLeg}`]);
  });

  it('after a restart in the message goes on without it', () => {
    const by = { hours: hours(over) };
    const step = runBy(arrival(by).call, [known, { kind: 'recovered', atMs: t0 }], policyWith(by));
    expect(asked(step)).toEqual(['stopPlayback', 'stopTimer', `leave ${callerLeg}`]);
  });

  it('inside of them nothing is different', () => {
    const always = { ...never, weekly: Array.from({ length: 7 }, () => [{ fromMs: 0, toMs: 86_400_000 }]) };
    const open = { schedule: always, closed: { prompt: ['sound:closed'], target: over } };
    expect(arrival({ hours: open })).toEqual(arrival());
  });
});

it('sounds are played in the language of the number', () => {
  const zh = { ...part, language: 'zh' };
  const plays = [...arrival({ language: 'zh' }).effects, ...arrival(zh).effects].flatMap((effect) =>
    effect.kind === 'pbx' && effect.command.kind === 'play' ? [effect.command.language] : [],
  );
  expect(plays).toEqual(['zh', 'zh']);
  expect(arrival({ language: 'zh' }).call.language).toBe('zh');
});

const seed = 20_260_302;
const anyInput: fc.Arbitrary<CallInput> = fc.oneof(
  fc.constantFrom('1', '2', '3', '9', '*').map((key) => press(key)),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([plays, well]) => (well ? heard(plays) : unheard(plays))),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('refused', 'timeout', 'unavailable'))
    .map(([plays, why]) => failed(play(plays), why)),
  fc.constantFrom<CallInput>(
    timeOver,
    { kind: 'timerFired', timer: 'greeting', atMs: t0 },
    { kind: 'recovered', atMs: t0 },
    greeted,
    known,
    found({ vip: true }, true),
  ),
);

/** Keeps the timers that a call has asked for, as the server does. */
class Timers {
  readonly running = new Set<string>();

  note({ call, effects }: CallStep): void {
    for (const effect of effects) {
      if (effect.kind === 'startTimer') this.running.add(effect.timer);
      if (effect.kind === 'stopTimer') this.running.delete(effect.timer);
    }
    if (call.phase === 'ended') this.running.clear();
  }
}

it(`whatever is pressed and missed, nobody is kept in a menu, nor asked more often than allowed (seed ${seed})`, () => {
  const by = policyWith({ flow });
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
      const timers = new Timers();
      const events: string[] = [];
      let { call } = arrival({ flow });
      timers.note(arrival({ flow }));
      const take = (input: CallInput): void => {
        if (input.kind === 'timerFired' && !timers.running.delete(input.timer)) return;
        const step = reduceCall(call, input, by);
        call = step.call;
        timers.note(step);
        events.push(...told(step));
        expect(call.flow === undefined || call.phase === 'arriving').toBe(true);
        expect((call.flow?.attempt ?? 0) <= menu.attempts).toBe(true);
      };
      for (const input of inputs) take(input);
      // From wherever it is, time alone brings the call out.
      if (call.awaiting.lookup) take(known);
      for (let count = 0; count < 6; count += 1)
        for (const timer of ['greeting', 'menu'] as const) take({ kind: 'timerFired', timer, atMs: t0 });
      expect(call.phase).not.toBe('arriving');
      expect(events.filter((type) => type === 'menu.left').length).toBeLessThanOrEqual(1);
      expect(timers.running.has('menu')).toBe(false);
    }),
    { seed, numRuns: 2_000 },
  );
});
