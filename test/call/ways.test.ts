import { describe, expect, it } from 'vitest';
import { adoptCall, parseChannelRecord, type Target } from '../../src/call/index.ts';
import {
  agentLeg,
  answer,
  arrival,
  asked,
  callerLeg,
  callIn,
  entry,
  fact,
  found,
  greeting,
  joined,
  offered,
  type Place,
  paths,
  places,
  policyWith,
  run,
  t0,
  tokenOf,
  told,
} from './fixtures.ts';

describe('a call arrives', () => {
  it.each([
    ['answered at entry, greeted', {}, false, ['lookup', 'answer', 'play', 'startTimer']],
    ['no greeting', { greeting: [] }, false, ['lookup', 'answer']],
    ['left ringing until an agent answers', { answer: 'withAgent' }, false, ['lookup', 'ring']],
    ['answered before it came', { answer: 'withAgent' }, true, ['lookup', 'play', 'startTimer']],
  ] as const)('%s', (_name, part, isAnswered, expected) => {
    const step = arrival(part, isAnswered);
    expect(asked(step).map((words) => words.split(' ')[0])).toEqual(expected);
    expect(told(step)).toEqual(['arrived']);
  });

  const greeted = fact({ kind: 'playbackEnded', playbackId: greeting, failed: false });
  const failedGreeting = fact({ kind: 'playbackEnded', playbackId: greeting, failed: true });
  it.each([
    ['greeting, then lookup', [greeted, found()]],
    ['lookup, then greeting', [found(), greeted]],
    ['greeting failed', [found(), failedGreeting]],
    ['everything twice', [greeted, found(), greeted, { kind: 'timerFired', timer: 'greeting', atMs: t0 }]],
  ] as const)('is queued once: %s', (_name, inputs) => {
    const step = run(arrival().call, inputs);
    expect(step.call.phase).toBe('waiting');
    expect(asked(step)).toEqual([`setVariables ${callerLeg}`, `startMusic ${callerLeg}`, 'enqueue']);
    expect(told(step).filter((type) => type === 'queued')).toHaveLength(1);
  });

  it('cuts a greeting that takes longer than it may', () => {
    const overdue = { kind: 'timerFired', timer: 'greeting', atMs: t0 } as const;
    const step = run(arrival().call, [found(), overdue, overdue]);
    expect(asked(step)).toEqual(['stopPlayback', `setVariables ${callerLeg}`, `startMusic ${callerLeg}`, 'enqueue']);
  });

  it('plays no music to a caller who is not answered', () => {
    expect(asked(run(arrival({ answer: 'withAgent' }).call, [found()]))).toEqual([
      `setVariables ${callerLeg}`,
      'enqueue',
    ]);
  });
});

describe('the customer is known late', () => {
  it.each([
    ['waiting', ['reassess']],
    ['ringing', ['reassess']],
    ['answered', ['reassess']],
    ['talking', []],
    ['heldByApi', []],
    ['wrapUp', []],
  ] as const)('in %s: told, and routing asked again where it matters', (place, expected) => {
    const step = run(callIn(place), [found({ vip: true }, true)]);
    expect(told(step)).toEqual(['customer.updated']);
    expect(asked(step)).toEqual(expected);
    expect(step.call.phase).toBe(callIn(place).phase);
  });

  it('and is on the blacklist: sent away only while nobody is offered the call', () => {
    const waiting = run(callIn('waiting'), [found({ blacklisted: true }, true)]);
    expect(waiting.call.endReason).toBe('refused');
    expect(asked(waiting)).toEqual(['leaveQueue', `hangup ${callerLeg}`]);
    expect(run(callIn('ringing'), [found({ blacklisted: true }, true)]).call.phase).toBe('offering');
  });

  it('on the blacklist from the start: sent away once, into another queue with its lookup done', () => {
    const policy = policyWith({ blacklisted: { kind: 'queue', queueId: 'slow' } });
    const news = found({ blacklisted: true });
    const step = run(arrival().call, [news, found({ blacklisted: true }, true)], policy);
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'slow', hops: 0 });
    expect(told(step)).toEqual(['customer.updated', 'overflowed', 'queued', 'customer.updated']);
  });
});

describe('the server drains', () => {
  const away = ['arriving', 'waiting', 'pending', 'dialled', 'ringing'] as const;
  it.each(away)('%s: to the fallback, no agent looked for', (place) => {
    const step = run(callIn(place), [{ kind: 'draining', atMs: t0 }]);
    expect(step.call.endReason).toBe('overflowed');
    expect(asked(step)).toContain(`leave ${callerLeg}`);
    expect(step.call.offers?.[0]).toBeUndefined();
    expect(asked(step)[0]).toBe(place === 'arriving' ? 'stopPlayback' : 'leaveQueue');
  });

  const stay = places.filter((place) => !(away as readonly Place[]).includes(place));
  it.each(stay)('%s: goes on as it is', (place) => {
    const call = callIn(place);
    expect(run(call, [{ kind: 'draining', atMs: t0 }])).toEqual({ call, effects: [], events: [] });
  });

  it.each([{ kind: 'queue', queueId: 'sales' } as const, { kind: 'agent', agentId: 'ann' } as const])(
    'a fallback that is no way out ends the call instead of queueing it for ever',
    (fallback) => {
      const step = run(callIn('waiting'), [{ kind: 'draining', atMs: t0 }], policyWith({ fallback }));
      expect(step.call.endReason).toBe('refused');
    },
  );
});

describe('hold', () => {
  it('by the API: caller out of the bridge with music, and back', () => {
    const held = run(callIn('talking'), [{ kind: 'hold', atMs: t0 + 1000 }]);
    expect(asked(held)).toEqual([`separate ${callerLeg}`, `startMusic ${callerLeg}`]);
    const back = run(held.call, [{ kind: 'resume', atMs: t0 + 4000 }]);
    expect(asked(back)).toEqual([`stopMusic ${callerLeg}`, `join ${callerLeg}`]);
    expect(back.call).toMatchObject({ phase: 'talking', heldMs: 3000 });
    expect([...told(held), ...told(back)]).toEqual(['held', 'resumed']);
  });

  it('by the phone: the PBX plays, we ask nothing of it', () => {
    const held = run(callIn('talking'), [fact({ kind: 'legHeld', legId: agentLeg })]);
    const back = run(held.call, [fact({ kind: 'legUnheld', legId: agentLeg })]);
    expect([...held.effects, ...back.effects]).toEqual([]);
    expect(back.call.phase).toBe('talking');
  });

  it.each([
    ['heldByApi', fact({ kind: 'legUnheld', legId: agentLeg })],
    ['heldByApi', { kind: 'hold', atMs: t0 }],
    ['heldByApi', fact({ kind: 'legHeld', legId: agentLeg })],
    ['talking', { kind: 'resume', atMs: t0 }],
    ['talking', fact({ kind: 'legHeld', legId: callerLeg })],
    ['ringing', { kind: 'hold', atMs: t0 }],
    ['wrapUp', { kind: 'hold', atMs: t0 }],
    ['waiting', { kind: 'resume', atMs: t0 }],
  ] as const)('in %s, what does not fit changes nothing', (place, input) => {
    const call = callIn(place);
    expect(run(call, [input])).toEqual({ call, effects: [], events: [] });
  });

  it('counts in the account when the call ends on hold', () => {
    const step = run(callIn('heldByApi'), [fact({ kind: 'legEnded', legId: callerLeg, cause: 16 }, t0 + 5000)]);
    expect(step.call).toMatchObject({ heldMs: 5000, talkedMs: 5000 });
  });
});

describe('blind transfer', () => {
  const targets: [Target, string, string | undefined][] = [
    [{ kind: 'queue', queueId: 'service' }, 'waiting', undefined],
    [{ kind: 'agent', agentId: 'bob' }, 'waiting', undefined],
    [{ kind: 'number', number: '10086' }, 'ended', 'transferred'],
    [{ kind: 'dialplan', context: 'ivr', extension: 's', priority: 1 }, 'ended', 'transferred'],
    [{ kind: 'hangup' }, 'ended', 'transferred'],
  ];
  const from = ['talking', 'heldByApi', 'heldByPhone'] as const;
  it.each(from.flatMap((place) => targets.map((target) => [place, ...target] as const)))(
    'from %s to %o',
    (place, target, phase, endReason) => {
      const step = run(callIn(place), [{ kind: 'transfer', target, atMs: t0 + 1000 }]);
      expect(step.call).toMatchObject({ phase, talk: undefined, talkedMs: 1000, queuedAtMs: t0 });
      expect(step.call.endReason).toBe(endReason);
      expect(asked(step)).toContain(`hangup ${agentLeg}`);
      expect(asked(step).filter((effect) => effect === 'talkEnded talked')).toHaveLength(1);
      expect(told(step)[0]).toBe('transferred');
      expect(asked(step).includes(`separate ${callerLeg}`)).toBe(place !== 'heldByApi');
    },
  );

  it('to an agent waits for that agent in the queue it came from, to a queue for anybody there', () => {
    const sent = (target: Target) => run(callIn('talking'), [{ kind: 'transfer', target, atMs: t0 }]).call;
    expect(sent({ kind: 'agent', agentId: 'bob' })).toMatchObject({ onlyAgentId: 'bob', queueId: 'sales' });
    const queued = sent({ kind: 'queue', queueId: 'service' });
    expect([queued.onlyAgentId, queued.queueId]).toEqual([undefined, 'service']);
  });

  it('the agent who passed it on writes up alone: the end of that changes nothing for the call', () => {
    const call = run(callIn('talking'), [
      { kind: 'transfer', target: { kind: 'queue', queueId: 'service' }, atMs: t0 },
      offered(2, 'ring', 'bob'),
      fact({ kind: 'legAnswered', legId: 'rm-1.agent2' }),
      joined('rm-1.agent2'),
      fact({ kind: 'legEnded', legId: callerLeg, cause: 16 }, t0 + 60_000),
    ]).call;
    expect(run(call, [{ kind: 'wrapUpEnded', agentId: 'ann', atMs: t0 }]).call.phase).toBe('wrapUp');
    expect(run(call, [{ kind: 'wrapUpEnded', agentId: 'bob', atMs: t0 }]).call.endReason).toBe('completed');
  });

  it.each(['arriving', 'waiting', 'ringing', 'answered', 'wrapUp', 'ended'] as const)('not from %s', (place) => {
    const call = callIn(place);
    expect(run(call, [{ kind: 'transfer', target: { kind: 'hangup' }, atMs: t0 }]).call).toBe(call);
  });
});

describe('overflow', () => {
  const toQueue = (queueId: string) =>
    ({ kind: 'overflowed', target: { kind: 'queue', queueId }, reason: 'maxWait', atMs: t0 + 90_000 }) as const;

  it('through a chain keeps the age and counts the hops', () => {
    const step = run(callIn('waiting'), [toQueue('b'), toQueue('c')]);
    expect(step.call).toMatchObject({ queueId: 'c', queuedAtMs: t0, hops: 2, phase: 'waiting' });
    expect(asked(step)).not.toContain('leaveQueue');
  });

  it('a ring of overflows ends at the fallback, not at a hangup', () => {
    const input = { kind: 'overflowed', target: { kind: 'hangup' }, reason: 'noQueue', atMs: t0 } as const;
    expect(run(callIn('waiting'), [input]).call.endReason).toBe('overflowed');
    expect(
      run(callIn('waiting'), [input], policyWith({ fallback: { kind: 'queue', queueId: 'sales' } })).call.endReason,
    ).toBe('refused');
  });

  it.each(['answered', 'talking', 'heldByApi', 'wrapUp', 'ended'] as const)('comes too late in %s', (place) => {
    const call = callIn(place);
    expect(run(call, [toQueue('b')]).call).toBe(call);
  });
});

describe('the screen accepts', () => {
  it('rings the phone only then', () => {
    const pending = run(callIn('waiting'), [offered(1, 'accept')]);
    expect(asked(pending)).toEqual([]);
    const accepted = run(pending.call, [{ kind: 'accept', agentId: 'ann', atMs: t0 }]);
    expect(asked(accepted)).toEqual([`dial ${agentLeg}`, 'createBridge']);
    expect(run(accepted.call, [{ kind: 'accept', agentId: 'ann', atMs: t0 }, answer]).call.offers?.[0]?.stage).toBe(
      'answered',
    );
  });

  it('of another agent does nothing', () => {
    const call = callIn('pending');
    expect(run(call, [{ kind: 'accept', agentId: 'bob', atMs: t0 }]).call).toBe(call);
  });
});

describe('the API hangs up', () => {
  it.each([
    ['arriving', 'ended'],
    ['waiting', 'ended'],
    ['ringing', 'ended'],
    ['answered', 'ended'],
    ['talking', 'wrapUp'],
    ['heldByApi', 'wrapUp'],
  ] as const)('in %s', (place, phase) => {
    const step = run(callIn(place), [{ kind: 'hangUp', atMs: t0 }]);
    expect(step.call.phase).toBe(phase);
    expect(asked(step).filter((effect) => effect === `hangup ${callerLeg}`)).toHaveLength(1);
  });
});

describe('an offer for a call that does not wait', () => {
  it.each(['arriving', 'ringing', 'answered', 'talking', 'heldByApi', 'wrapUp'] as const)(
    'in %s is given back',
    (place) => {
      const step = run(callIn(place), [offered(2, 'ring', 'bob')]);
      const isQueued = place === 'ringing' || place === 'answered';
      expect(asked(step)).toEqual([...(isQueued ? [] : ['leaveQueue']), 'offerEnded withdrawn']);
      expect(step.call).toEqual(callIn(place));
    },
  );
});

describe('after a restart', () => {
  const recovered = { kind: 'recovered', atMs: t0 + 60_000 } as const;
  it.each([
    ['arriving', 'arriving', ['lookup', 'stopPlayback', 'stopTimer']],
    ['waiting', 'waiting', [`setVariables ${callerLeg}`, `startMusic ${callerLeg}`, 'enqueue']],
    ['ringing', 'waiting', [`hangup ${agentLeg}`, `setVariables ${callerLeg}`, `startMusic ${callerLeg}`, 'enqueue']],
    ['pending', 'waiting', [`setVariables ${callerLeg}`, `startMusic ${callerLeg}`, 'enqueue']],
    ['answered', 'offering', [`join ${callerLeg}+${agentLeg}`]],
    ['talking', 'talking', []],
    ['heldByApi', 'held', []],
    ['wrapUp', 'wrapUp', []],
  ] as const)('%s goes on as %s', (place, phase, expected) => {
    const step = run(callIn(place), [recovered]);
    expect(step.call).toMatchObject({ phase, enteredAtMs: t0 });
    expect(asked(step)).toEqual(expected);
  });

  it('goes on with the wait in its queue, which began anew when it came there', () => {
    const target = { kind: 'queue', queueId: 'service' } as const;
    const moved = run(callIn('waiting'), [{ kind: 'overflowed', target, reason: 'maxWait', atMs: t0 + 30_000 }]);
    expect(moved.call).toMatchObject({ queueId: 'service', queuedAtMs: t0, queueEnteredAtMs: t0 + 30_000 });
    expect(moved.effects.at(-1)).toEqual({ kind: 'enqueue' });
    const step = run(moved.call, [recovered]);
    expect(step.call).toMatchObject({ queuedAtMs: t0, queueEnteredAtMs: t0 + 30_000 });
    expect(step.effects.at(-1)).toEqual({ kind: 'enqueue', again: true });
    expect(run(callIn('waiting'), [recovered]).call.queueEnteredAtMs).toBeUndefined();
  });

  it('knows from the channel since when it has been in its queue', () => {
    const target = { kind: 'queue', queueId: 'service' } as const;
    const { effects } = run(callIn('waiting'), [{ kind: 'overflowed', target, reason: 'maxWait', atMs: t0 + 30_000 }]);
    const written = effects.flatMap((effect) =>
      effect.kind === 'pbx' && effect.command.kind === 'setVariables' ? Object.values(effect.command.variables) : [],
    );
    const record = parseChannelRecord(written[0]);
    expect(record).toMatchObject({ queuedAtMs: t0, queueEnteredAtMs: t0 + 30_000 });
    expect(parseChannelRecord(written[0]?.replace(String(t0 + 30_000), '-1'))).toBeUndefined();
    const leg = {
      legId: callerLeg,
      answered: true,
      callerNumber: '1',
      callerName: '',
      dialledNumber: '4001',
      variables: {},
    };
    if (!record) throw new Error('no record');
    const adopt = (atMs: number) => adoptCall('pbx1', leg, record, { talk: undefined, isBridged: false }, atMs);
    expect(adopt(t0 + 60_000).queueEnteredAtMs).toBe(t0 + 30_000);
    expect(adopt(t0 + 10_000).queueEnteredAtMs).toBe(t0 + 10_000);
  });

  it('in the greeting of a caller who is known already: goes on at once, for nobody will be asked again', () => {
    const step = run(arrival().call, [found(), recovered]);
    expect(step.call.phase).toBe('waiting');
    expect(asked(step)).toContain('enqueue');
  });

  it('an adopted caller is looked up again, waiting or talking', () => {
    const leg = {
      legId: callerLeg,
      answered: true,
      callerNumber: '1',
      callerName: '',
      dialledNumber: '4001',
      variables: {},
    };
    const record = { id: 'rm-1', entryId: entry.id, queueId: 'sales', enteredAtMs: t0, queuedAtMs: t0, attempts: 0 };
    const waiting = adoptCall('pbx1', leg, record, { talk: undefined, isBridged: false }, t0 + 60_000);
    expect(asked(run(waiting, [recovered]))).toContain('lookup');
    const talking = adoptCall(
      'pbx1',
      leg,
      record,
      { talk: { agentId: 'ann', legId: 'rm-1.agent3' }, isBridged: true },
      t0,
    );
    expect(asked(run(talking, [recovered]))).toEqual(['lookup']);
    expect(talking.attempts).toBe(3);
  });
});

describe('data of the call', () => {
  const attach = (data: Record<string, string>) => ({ kind: 'attachData', data, atMs: t0 }) as const;
  it('is told when it changes, and only then', () => {
    const call = callIn('talking');
    const step = run(call, [attach({ order: '7' }), attach({ order: '7' }), attach({ note: 'x' })]);
    expect(told(step)).toEqual(['data.updated', 'data.updated']);
    expect(step.call).toMatchObject({ data: { order: '7', note: 'x' }, version: call.version + 2 });
    expect(step.events[0]?.call.data).toEqual({ order: '7' });
  });
});

describe('the record on the channel', () => {
  const text = (): string => {
    const effect = run(callIn('arriving'), paths.waiting).effects[0];
    return effect?.kind === 'pbx' && effect.command.kind === 'setVariables'
      ? (effect.command.variables['RINGMASTER_CALL'] ?? '')
      : '';
  };
  it('is read back', () => {
    expect(parseChannelRecord(text())).toEqual({
      id: 'rm-1',
      entryId: 'hotline',
      queueId: 'sales',
      enteredAtMs: t0,
      queuedAtMs: t0,
      attempts: 0,
    });
  });
  it.each([
    ['nothing', undefined],
    ['no JSON', 'rm-1'],
    ['null', 'null'],
    ['an array', '[]'],
    ['too long', `"${'x'.repeat(1000)}"`],
    ['a strange id', text().replace('rm-1', 'rm 1;x')],
    ['an id that is not ours', text().replace('rm-1', 'xx-1')],
    ['an empty id', text().replace('rm-1', '')],
    ['a negative time', text().replace(String(t0), '-1')],
    ['a fraction', text().replace('"attempts":0', '"attempts":0.5')],
    ['a text for a number', text().replace('"attempts":0', '"attempts":"0"')],
    ['a hostile key', '{"__proto__":{"id":"rm-1"}}'],
  ])('is refused: %s', (_name, forged) => {
    expect(parseChannelRecord(forged)).toBeUndefined();
  });
});

it('a stale token never moves a call', () => {
  const call = callIn('answered');
  expect(run(call, [{ kind: 'offerExpired', token: tokenOf(), atMs: t0 }]).call).toBe(call);
});
