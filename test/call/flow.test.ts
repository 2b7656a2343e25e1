import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeZone } from '../../src/calendar/index.ts';
import {
  type Call,
  type CallInput,
  type CallStep,
  type CheckOutcome,
  type FlowPolicy,
  type FlowStep,
  reduceCall,
} from '../../src/call/index.ts';
import { arrival, asked, callerLeg, callId, fact, found, policyWith, run as runBy, t0 } from './fixtures.ts';

const question = {
  promptMaxMs: 30_000,
  timeoutMs: 5_000,
  attempts: 2,
  wrongKey: ['sound:wrong'],
  otherwise: { kind: 'queue', queueId: 'people' },
} as const;
const to = (stepId: string) => ({ kind: 'step', stepId }) as const;
const queue = (queueId: string) => ({ kind: 'queue', queueId }) as const;
const key = (target: FlowPolicy['otherwise'] | ReturnType<typeof to> | { kind: 'back' | 'repeat' }, label = '') => ({
  target,
  label,
  data: {},
});

const steps: Readonly<Record<string, FlowStep>> = {
  language: {
    ...question,
    kind: 'menu',
    prompt: ['sound:language'],
    keys: {
      '1': { ...key(to('main'), '中文'), language: 'zh' },
      '2': { ...key(to('main'), 'English'), language: 'en' },
    },
    otherwise: to('main'),
  },
  main: {
    ...question,
    kind: 'menu',
    prompt: ['sound:main'],
    keys: {
      '1': key(to('order'), 'Order'),
      '2': key(to('hello'), 'Hello'),
      '9': key({ kind: 'repeat' }),
      '*': key({ kind: 'back' }),
      '0': key(queue('people'), 'Operator'),
    },
  },
  hello: { kind: 'say', prompt: ['sound:hello'], promptMaxMs: 10_000, next: to('who') },
  who: {
    kind: 'decide',
    needsCaller: true,
    zone: timeZone('Asia/Shanghai'),
    branches: [
      {
        when: ({ caller }) => ({ kind: caller.tier === 'gold' ? 'yes' : 'no' }),
        target: queue('gold'),
        language: 'en',
      },
      { when: () => ({ kind: 'failed' }), target: queue('nobody') },
    ],
    otherwise: queue('sales'),
  },
  order: {
    ...question,
    kind: 'collect',
    prompt: ['sound:order'],
    into: 'order',
    digitsMin: 4,
    digitsMax: 6,
    endKey: '#',
    check: 'orders',
    unknown: ['sound:unknown'],
    sensitive: false,
    next: queue('orders'),
  },
};
const flow: FlowPolicy = {
  id: 'hotline',
  start: 'language',
  steps,
  otherwise: queue('people'),
  stepsMax: 6,
  timeMaxMs: 600_000,
};
const withFlow = (part: Partial<FlowPolicy> = {}) => ({ flow: { ...flow, ...part }, greeting: [] });
const inFlow = (part: Partial<FlowPolicy> = {}): Call => arrival(withFlow(part)).call;
const run = (call: Call, inputs: readonly CallInput[], part: Partial<FlowPolicy> = {}): CallStep =>
  runBy(call, inputs, policyWith(withFlow(part)));
const press = (...keys: readonly string[]): CallInput[] =>
  keys.map((one) => fact({ kind: 'keyPressed', legId: callerLeg, key: one }));
const heard = (plays: number, failed = false): CallInput =>
  fact({ kind: 'playbackEnded', playbackId: `${callId}.menu${plays}`, failed });
const timeOver: CallInput = { kind: 'timerFired', timer: 'menu', atMs: t0 };
const checked = (plays: number, outcome: CheckOutcome): CallInput => ({ kind: 'checked', plays, outcome, atMs: t0 });
const said = (step: CallStep) =>
  step.effects.flatMap((effect) =>
    effect.kind === 'pbx' && effect.command.kind === 'play'
      ? [`${effect.command.language ?? '-'} ${effect.command.media.join(' ')}`]
      : [],
  );
const left = (step: CallStep) =>
  step.events.flatMap(({ event }) =>
    event.type === 'call.menu.left.v1' || event.type === 'call.input.left.v1'
      ? [`${event.outcome} ${event.target}`]
      : event.type === 'call.flow.cut.v1'
        ? [`${event.reason} ${event.target}`]
        : [],
  );

describe('menus of several levels', () => {
  it('the language that is chosen is spoken from then on, and the way is kept', () => {
    const step = run(inFlow(), [found(), ...press('2', '0')]);
    expect(said(step)).toEqual(['en sound:main']);
    expect(step.call).toMatchObject({
      phase: 'waiting',
      queueId: 'people',
      language: 'en',
      menuPath: [
        { menu: 'language', key: '2', label: 'English' },
        { menu: 'main', key: '0', label: 'Operator' },
      ],
    });
    expect(step.call.flow).toBeUndefined();
  });

  it('back leads to the question before, whose choice is forgotten; at the first it is asked again', () => {
    const step = run(inFlow(), press('1', '*'));
    expect(said(step)).toEqual(['zh sound:main', 'zh sound:language']);
    expect(step.call.menuPath).toEqual([]);
    expect(step.call.flow).toMatchObject({ stepId: 'language', trail: [], attempt: 1 });
    const first = { ...flow, start: 'main', steps: { main: steps['main'] as FlowStep } };
    expect(run(inFlow(first), press('*'), first).call.flow).toMatchObject({ stepId: 'main', steps: 2 });
  });

  it('repeat asks once more and costs no attempt; it is no choice', () => {
    const step = run(inFlow(), press('1', '7', '9'));
    expect(said(step)).toEqual(['zh sound:main', 'zh sound:wrong sound:main', 'zh sound:main']);
    expect(step.call.flow).toMatchObject({ stepId: 'main', attempt: 1 });
    expect(step.call.menuPath).toHaveLength(1);
  });

  it('silence leads to the default of the step, which may be another step', () => {
    const step = run(inFlow(), [heard(1), timeOver, heard(2), timeOver]);
    expect(left(step)).toEqual(['timeout step:main']);
    expect(step.call.flow).toMatchObject({ stepId: 'main', stage: 'prompt' });
  });

  it('too many steps lead out, whatever is pressed', () => {
    const step = run(inFlow(), [found(), ...press('1', '9', '9', '9', '9', '9', '9')]);
    expect(left(step).at(-1)).toBe('steps queue:people');
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'people' });
  });

  it('too long a time leads out when the next step would begin, and ends the asking again', () => {
    const late = press('1').map((input) => ({ ...input, atMs: t0 + 600_000 }));
    expect(left(run(inFlow(), [found(), ...late]))).toEqual(['chosen step:main', 'time queue:people']);
    const wrong = press('7').map((input) => ({ ...input, atMs: t0 + 600_000 }));
    expect(left(run(inFlow(), [found(), ...wrong]))).toEqual(['wrongKey step:main', 'time queue:people']);
  });

  it('a VIP goes past all of it, also in the middle of an announcement', () => {
    const part = { vip: queue('vip') };
    const step = run(inFlow(part), [...press('1', '2'), found({ vip: true })], part);
    expect(left(step).at(-1)).toBe('vip queue:vip');
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'vip' });
  });
});

describe('announcements and conditions', () => {
  const atHello = (...inputs: CallInput[]) => run(inFlow(), [...press('1', '2'), ...inputs]);

  it.each([
    ['heard', heard(3)],
    ['not to be heard', heard(3, true)],
    ['without an end', timeOver],
  ])('%s, the flow goes on', (_name, input) => {
    expect(atHello(found({ tier: 'gold' }), input).call).toMatchObject({
      phase: 'waiting',
      queueId: 'gold',
      language: 'en',
    });
  });

  it('a condition about the caller waits for the lookup; the first that holds is taken', () => {
    const waits = atHello(heard(3));
    expect(waits.call).toMatchObject({ phase: 'arriving', flow: { stepId: 'who', stage: 'lookup' } });
    expect(run(waits.call, [found({ tier: 'gold' })]).call).toMatchObject({ phase: 'waiting', queueId: 'gold' });
    expect(run(waits.call, [found()]).call).toMatchObject({ phase: 'waiting', queueId: 'sales' });
  });

  it('keys mean nothing in an announcement', () => {
    const before = atHello().call;
    expect(run(before, press('0')).call).toBe(before);
  });
});

describe('collecting digits', () => {
  const atOrder = (): Call => run(inFlow(), [found(), ...press('1', '1')]).call;

  it('a digit cuts the prompt; the end key ends the answer; the check confirms it and adds what it knows', () => {
    const typed = run(atOrder(), press('1', '2', '3', '4', '#'));
    expect(asked(typed)).toEqual([
      'stopPlayback',
      'stopTimer',
      'startTimer',
      'startTimer',
      'startTimer',
      'startTimer',
      'stopTimer',
      'check',
    ]);
    expect(typed.effects.at(-1)).toEqual({ kind: 'check', checkId: 'orders', value: '1234', plays: 3 });
    const step = run(typed.call, [checked(3, { kind: 'found', data: { status: 'shipped' } })]);
    expect(left(step)).toEqual(['confirmed queue:orders']);
    expect(step.call).toMatchObject({
      phase: 'waiting',
      queueId: 'orders',
      data: { order: '1234', 'order.check': 'confirmed', 'order.status': 'shipped' },
    });
  });

  it.each<[string, CheckOutcome]>([['dead or slow', { kind: 'unavailable' }]])(
    'a check that is %s holds nobody',
    (_name, outcome) => {
      const step = run(atOrder(), [...press('1', '2', '3', '4', '5', '6'), checked(3, outcome)]);
      expect(left(step)).toEqual(['unchecked queue:orders']);
      expect(step.call.data).toEqual({ order: '123456', 'order.check': 'unchecked' });
    },
  );

  it('an unknown number is asked for again, then the caller goes on, with what was typed', () => {
    const again = run(atOrder(), [...press('1', '2', '3', '4', '#'), checked(3, { kind: 'none' })]);
    expect(said(again)).toEqual(['zh sound:unknown sound:order']);
    const step = run(again.call, [...press('9', '9', '9', '9', '#'), checked(4, { kind: 'none' })]);
    expect(left(step)).toEqual(['unknown queue:people']);
    expect(step.call).toMatchObject({ queueId: 'people', data: { order: '9999', 'order.check': 'unknown' } });
  });

  it('an answer to an earlier question means nothing', () => {
    const again = run(atOrder(), [...press('1', '2', '3', '4', '#'), checked(3, { kind: 'none' })]);
    const typed = run(again.call, press('9', '9', '9', '9', '#')).call;
    expect(run(typed, [checked(3, { kind: 'found', data: {} })]).call).toBe(typed);
    expect(run(typed, press('1', '#')).call).toBe(typed);
  });

  it('* begins anew; silence after enough digits ends the answer', () => {
    const step = run(atOrder(), [...press('9', '*', '1', '2', '3', '4'), timeOver]);
    expect(step.effects.at(-1)).toMatchObject({ kind: 'check', value: '1234' });
  });

  it.each<[string, CallInput[], string, string]>([
    ['too few digits', press('1', '#'), 'wrongKey', 'zh sound:wrong sound:order'],
    ['too few digits, then silence', [...press('1'), timeOver], 'wrongKey', 'zh sound:wrong sound:order'],
    ['nothing typed', [heard(3), timeOver], 'timeout', 'zh sound:order'],
  ])('%s: asked again, then the default', (_name, inputs, outcome, words) => {
    const once = run(atOrder(), inputs);
    expect(said(once)).toEqual([words]);
    const twice = run(once.call, outcome === 'timeout' ? [heard(4), timeOver] : inputs);
    expect(left(twice)).toEqual([`${outcome} queue:people`]);
    expect(twice.call.data).toEqual({});
  });

  it('a sensitive answer is attached with its last digits, and asked about in full', () => {
    const secret: Partial<FlowPolicy> = {
      steps: { ...steps, order: { ...steps['order'], sensitive: true } as FlowStep },
    };
    const typed = run(
      run(inFlow(secret), [found(), ...press('1', '1')], secret).call,
      press('1', '2', '3', '4', '5', '6'),
      secret,
    );
    expect(typed.effects.at(-1)).toMatchObject({ value: '123456' });
    const step = run(typed.call, [checked(3, { kind: 'found', data: {} })], secret);
    expect(step.call.data['order']).toBe('***456');
    expect(JSON.stringify(step)).not.toContain('123456');
  });

  it('a prompt that is not there keeps nobody', () => {
    expect(left(run(atOrder(), [heard(3, true)]))).toEqual(['unheard queue:people']);
  });

  it.each([
    ['while typing', press('1', '2')],
    ['while it is checked', press('1', '2', '3', '4', '#')],
  ])('a restart %s: asked anew, without costing an attempt', (_name, inputs) => {
    const before = run(atOrder(), inputs).call;
    const { digits: _digits, ...kept } = before.flow ?? {};
    const step = run({ ...before, flow: kept as Call['flow'] }, [{ kind: 'recovered', atMs: t0 }]);
    expect(step.call.flow).toMatchObject({ stepId: 'order', stage: 'prompt', attempt: 1 });
    expect(step.call.flow?.digits).toBeUndefined();
  });
});

const seed = 20261122;
it(`whatever is pressed, missed and answered, every caller gets out within the limits (seed ${seed})`, () => {
  const limits = { stepsMax: 8, timeMaxMs: 120_000 };
  const policy = policyWith(withFlow(limits));
  const move = fc.oneof(
    fc.constantFrom(...Array.from('0123456789*#')).map((one) => press(one)[0] as CallInput),
    fc.nat(12).map((plays) => heard(plays)),
    fc.nat(12).map((plays) => heard(plays, true)),
    fc.constant(timeOver),
    fc
      .nat(12)
      .chain((plays) =>
        fc
          .constantFrom<CheckOutcome>({ kind: 'none' }, { kind: 'found', data: {} }, { kind: 'unavailable' })
          .map((one) => checked(plays, one)),
      ),
    fc.constant<CallInput>(found()),
    fc.constant<CallInput>({ kind: 'recovered', atMs: t0 }),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
      let call = inFlow(limits);
      let atMs = t0;
      const take = (input: CallInput): void => {
        call = reduceCall(call, { ...input, atMs }, policy).call;
        expect((call.flow?.steps ?? 0) <= limits.stepsMax).toBe(true);
        expect(call.flow === undefined || call.phase === 'arriving').toBe(true);
      };
      for (const input of moves) {
        atMs += 1_000;
        take(input);
      }
      // Left alone, with every timer firing and every question answered, it is out after so many turns.
      for (let turn = 0; turn < 40 && call.phase === 'arriving'; turn += 1) {
        atMs += 10_000;
        take(timeOver);
        take(found());
        if (call.flow?.stage === 'checking') take(checked(call.flow.plays, { kind: 'unavailable' }));
      }
      expect(call.phase).toBe('waiting');
    }),
    { seed, numRuns: 300 },
  );
});
