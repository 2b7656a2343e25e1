import { describe, expect, it } from 'vitest';
import { newAgent } from '../../src/agents/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const two = (part = {}) => new Table([queue('sales', part)], [profile('ann'), profile('bob')]).signIn('ann', 'bob');
const one = (part = {}) => new Table([queue('sales', part)], [profile('ann')]).signIn('ann');

describe('an offer that comes to nothing', () => {
  it.each([
    ['declined', 5000],
    ['busy', 10_000],
    ['noAnswer', 15_000],
    ['unreachable', 30_000],
  ] as const)('%s: the next agent, and a rest of %i ms for this one', (outcome, restMs) => {
    const table = two();
    table.enqueue('c1');
    expect(words(table.fail('c1', outcome))).toEqual(['c1>bob']);
    table.answer('c1');
    expect(words(table.enqueue('c2'))).toEqual([]);
    expect(words(table.advance(restMs - 1))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['c2>ann']);
  });

  it.each(['declined', 'busy', 'noAnswer', 'unreachable'] as const)(
    '%s by the only one: tried again after the rest, never in a circle',
    (outcome) => {
      const table = one({ cooldownMs: { declined: 0, busy: 0, noAnswer: 0, unreachable: 0 } });
      table.enqueue('c1');
      expect(words(table.fail('c1', outcome))).toEqual([]);
      expect(words(table.advance(999))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['c1>ann']);
    },
  );

  it('withdrawn is nobody’s fault: no rest, the same place in line', () => {
    const table = one();
    table.enqueue('c1');
    expect(words(table.fail('c1', 'withdrawn'))).toEqual(['c1>ann']);
    expect(table.engine.agent('ann')?.idleSinceMs).toBe(t0);
  });

  it('counts the attempts and keeps the age', () => {
    const table = two();
    table.enqueue('c1', { queuedAtMs: t0 - 5000, attempts: 4 });
    expect(table.offerOf('c1')).toMatchObject({ agentId: 'ann', attempt: 5, epoch: 'e1', expiresAtMs: t0 + 20_000 });
    table.fail('c1', 'declined');
    expect(table.offerOf('c1')).toMatchObject({ agentId: 'bob', attempt: 6 });
    expect([...table.engine.waitingCalls()][0]?.request.queuedAtMs).toBe(t0 - 5000);
  });

  it('pauses who lets it ring too often, with the reason', () => {
    const table = one({ noAnswerLimit: 2 });
    table.enqueue('c1');
    table.fail('c1', 'noAnswer');
    table.advance(15_000);
    table.fail('c1', 'noAnswer');
    expect(table.engine.agent('ann')).toMatchObject({ presence: 'paused', pauseReason: 'noAnswer', routing: 'idle' });
    expect(words(table.advance(60_000))).toEqual([]);
    expect(words(table.available('ann'))).toEqual(['c1>ann']);
  });

  it('leaves out who declined while another at work could take it', () => {
    const table = two();
    table.enqueue('c1');
    table.answer('c1');
    table.enqueue('c2');
    table.fail('c2', 'declined');
    expect(words(table.advance(60_000))).toEqual([]);
    expect(table.engine.agent('bob')?.routing).toBe('idle');
    expect(words(table.enqueue('c3'))).toEqual(['c3>bob']);
  });

  it.each([
    ['signs out', (table: Table) => table.step({ kind: 'agent', agentId: 'ann', input: { kind: 'signOut' } })],
    ['pauses', (table: Table) => table.pause('ann')],
    ['loses the phone', (table: Table) => table.device('ann', 'unavailable')],
  ])('lets who declined in again when the last other %s', (_name, stop) => {
    const table = two();
    table.enqueue('c1');
    table.answer('c1');
    table.enqueue('c2');
    table.fail('c2', 'declined');
    table.advance(60_000);
    expect(words(stop(table))).toEqual(['c2>bob']);
  });

  it.each([
    ['the step of one agent', { steps: [{ agentId: 'ann', expiresAfterMs: 8_000 }] }],
    ['the delay of an edge', { edges: { bob: { priority: 50, delayMs: 8_000, penalty: 0, weight: 1 } } }],
  ])('does not forget who declined while nobody else could be asked: %s', (_name, part) => {
    const table = two({ selection: 'linear', ...part });
    table.pause('bob');
    table.enqueue('c1');
    table.fail('c1', 'declined');
    // Nobody else is at work for it: after the rest the same agent is tried again.
    expect(words(table.advance(5_000))).toEqual(['c1>ann']);
    table.fail('c1', 'declined');
    table.device('bob', 'inUse');
    table.available('bob');
    // Bob is, though busy: the call waits for him.
    expect(words(table.advance(60_000))).toEqual([]);
    expect(words(table.device('bob', 'notInUse'))).toEqual(['c1>bob']);
  });

  it('leaves who declined out again when another has come to work', () => {
    const table = two();
    table.pause('bob');
    table.enqueue('c1');
    table.fail('c1', 'declined');
    table.device('bob', 'inUse');
    table.available('bob');
    expect(words(table.advance(60_000))).toEqual([]);
    expect(words(table.device('bob', 'notInUse'))).toEqual(['c1>bob']);
  });

  it('agents left out are not let in by a change of the caller’s data (asterisk#1901)', () => {
    const table = two();
    table.enqueue('c1');
    table.answer('c1');
    table.enqueue('c2');
    table.fail('c2', 'declined');
    table.advance(60_000);
    expect(words(table.step({ kind: 'reassess', request: table.request('c2', { vip: true }) }))).toEqual([]);
  });
});

describe('time', () => {
  it('an offer that nobody answers expires once', () => {
    const table = one();
    table.enqueue('c1');
    expect(words(table.advance(19_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['offerExpired c1>ann']);
    expect(words(table.advance(60_000))).toEqual([]);
  });

  it('on screen it lasts twice as long: once to accept, once to ring', () => {
    const table = one({ offer: 'accept' });
    table.enqueue('c1');
    expect(words(table.advance(39_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['offerExpired c1>ann']);
  });

  it('the wait of a queue passes its limit', () => {
    const table = one({ maxWaitMs: 30_000 });
    table.pause('ann');
    table.enqueue('c1');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 maxWait']);
  });

  it('while a phone rings the offer is awaited first', () => {
    const table = one({ maxWaitMs: 10_000 });
    table.enqueue('c1');
    expect(words(table.advance(10_000))).toEqual([]);
    expect(words(table.fail('c1', 'noAnswer'))).toEqual(['overflow c1 maxWait']);
  });

  it('while a phone rings that is then answered, nothing overflows', () => {
    const table = one({ maxWaitMs: 10_000 });
    table.enqueue('c1');
    table.advance(10_000);
    table.answer('c1');
    expect(words(table.advance(600_000))).toEqual([]);
  });

  it('a call on its way out is offered to nobody', () => {
    const table = one({ maxWaitMs: 10_000 });
    table.pause('ann');
    table.enqueue('c1');
    table.advance(10_000);
    expect(words(table.available('ann'))).toEqual([]);
    expect(words(table.step({ kind: 'reassess', request: table.request('c1', { vip: true }) }))).toEqual([]);
  });

  it('wrap-up ends by itself, and the agent takes the next call', () => {
    const table = one();
    table.enqueue('c1');
    table.answer('c1');
    table.enqueue('c2');
    table.endTalk('c1', 'ann');
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'wrapUp', callId: 'c1' });
    expect(words(table.advance(9999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['wrapUpEnded ann c1', 'c2>ann']);
  });

  it('wrap-up that the agent ended early does not end the next one early (asterisk#1006)', () => {
    const table = one();
    table.enqueue('c1');
    table.answer('c1');
    table.endTalk('c1', 'ann');
    table.advance(4000);
    table.step({ kind: 'agent', agentId: 'ann', input: { kind: 'wrapUpEnded' } });
    table.enqueue('c2');
    table.answer('c2');
    table.advance(1000);
    table.endTalk('c2', 'ann');
    expect(words(table.advance(9999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['wrapUpEnded ann c2']);
  });

  it.each([
    ['dropped the caller: a rest', 'dropped', 30_000],
    ['lost the caller: none', 'callerLeft', 0],
  ] as const)('who %s', (_name, outcome, restMs) => {
    const table = one();
    table.enqueue('c1');
    table.answer('c1');
    table.endTalk('c1', 'ann', outcome);
    const atOnce = words(table.enqueue('c2'));
    const later = words(table.advance(30_000));
    expect([atOnce, later.slice(0, 1)]).toEqual(
      restMs === 0 ? [['c2>ann'], ['offerExpired c2>ann']] : [[], ['c2>ann']],
    );
  });
});

describe('limits', () => {
  it('a full queue passes on, one that was dropped is let in', () => {
    const table = one({ waitingCallsMax: 1 });
    table.enqueue('c1');
    expect(words(table.enqueue('c2'))).toEqual(['overflow c2 queueFull']);
    expect(words(table.enqueue('c3', { returned: true }))).toEqual([]);
    expect([...table.engine.waitingCalls()]).toHaveLength(2);
  });

  it('the same call again does not count twice', () => {
    const table = one({ waitingCallsMax: 1 });
    table.enqueue('c1');
    table.pause('ann');
    expect(words(table.enqueue('c1'))).not.toContain('overflow c1 queueFull');
  });

  it('a queue that is not there, and a ring of overflows', () => {
    const table = one();
    expect(words(table.enqueue('c1', { queueId: 'gone' }))).toEqual(['overflow c1 noQueue']);
    expect(words(table.enqueue('c2', { hops: 5 }))).toEqual(['c2>ann']);
    expect(words(table.enqueue('c3', { hops: 6 }))).toEqual(['overflow c3 noQueue']);
  });
});

describe('a transfer that names an agent', () => {
  it('waits for that agent, then takes anybody of the queue', () => {
    const table = two();
    table.pause('bob');
    expect(words(table.enqueue('c1', { onlyAgentId: 'bob' }))).toEqual([]);
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['c1>ann']);
  });
  it('takes the agent from outside the queue and without its skills', () => {
    const table = new Table([queue('sales', { needs: { english: 50 } })], [profile('eve', { queues: [] })]).signIn(
      'eve',
    );
    expect(words(table.enqueue('c1', { onlyAgentId: 'eve' }))).toEqual(['c1>eve']);
  });
  it('goes to the others once that agent declined', () => {
    const table = two();
    table.enqueue('c1', { onlyAgentId: 'bob' });
    expect(words(table.fail('c1', 'declined'))).toEqual(['c1>ann']);
  });
});

describe('reservations', () => {
  it('are given back when the caller leaves, and nobody else is reserved for it (freeswitch#2540)', () => {
    const table = two();
    table.enqueue('c1');
    table.step({ kind: 'leave', callId: 'c1' });
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'idle', cooldownUntilMs: t0, unanswered: 0 });
    expect(words(table.log)).toEqual(['c1>ann']);
  });

  it('stand until the call gives them back when the agent signs out', () => {
    const table = two();
    table.enqueue('c1');
    expect(words(table.step({ kind: 'agent', agentId: 'ann', input: { kind: 'signOut' } }))).toEqual([
      'withdraw c1>ann',
    ]);
    expect(words(table.fail('c1', 'withdrawn'))).toEqual(['c1>bob']);
  });

  it('survive a pause in mid-offer: the phone rings on (freeswitch PR#800)', () => {
    const table = two();
    table.enqueue('c1');
    expect(words(table.pause('ann'))).toEqual([]);
    expect(words(table.available('ann'))).toEqual([]);
    expect(table.answer('c1').agentId).toBe('ann');
  });

  it('of a call that is queued anew are withdrawn first', () => {
    const table = two();
    table.enqueue('c1');
    const old = table.offerOf('c1');
    expect(words(table.enqueue('c1'))).toEqual(['withdraw c1>ann', 'c1>bob']);
    if (old) table.step({ kind: 'offerEnded', token: old, outcome: 'withdrawn' });
    expect(table.engine.agent('ann')?.routing).toBe('idle');
    expect(table.offerOf('c1')?.agentId).toBe('bob');
  });

  it.each([{ attempt: 2 }, { epoch: 'e0' }, { agentId: 'bob' }, { callId: 'c9' }])(
    'are not moved by a stale token: %o',
    (part) => {
      const table = two();
      table.enqueue('c1');
      const standing = table.offerOf('c1');
      if (!standing) throw new Error('no offer');
      const token = { ...standing, ...part };
      const outputs = [
        ...table.step({ kind: 'offerAnswered', token }),
        ...table.step({ kind: 'offerEnded', token, outcome: 'declined' }),
      ];
      expect(outputs).toEqual([]);
      expect(table.offerOf('c1')).toBe(standing);
      expect(table.engine.agent('ann')?.routing).toBe('offered');
    },
  );

  it('answered hours after the hangup change nothing (freeswitch#1973)', () => {
    const table = one();
    table.enqueue('c1');
    const token = table.offerOf('c1');
    if (!token) throw new Error('no offer');
    table.step({ kind: 'leave', callId: 'c1' });
    table.advance(3_600_000);
    expect(table.step({ kind: 'offerAnswered', token })).toEqual([]);
    expect(table.engine.agent('ann')?.routing).toBe('idle');
  });

  it('the dispatcher goes on after the last agent was unavailable (freeswitch PR#1221)', () => {
    const table = one();
    table.enqueue('c1');
    table.fail('c1', 'unreachable');
    table.device('ann', 'unavailable');
    table.advance(300_000);
    expect(words(table.device('ann', 'notInUse'))).toEqual(['c1>ann']);
  });
});

describe('a node out of reach', () => {
  it('gets no offers for its calls, which keep their place; other nodes go on', () => {
    const table = two();
    table.step({ kind: 'node', nodeId: 'pbx1', up: false });
    expect(words(table.enqueue('c1'))).toEqual([]);
    expect(words(table.enqueue('c2', { nodeId: 'pbx2' }))).toEqual(['c2>ann']);
    expect(words(table.step({ kind: 'node', nodeId: 'pbx1', up: true }))).toEqual(['c1>bob']);
  });

  it('lets nobody overflow, for nobody could carry it out; then at once', () => {
    const table = one({ maxWaitMs: 10_000 });
    table.pause('ann');
    table.enqueue('c1');
    table.step({ kind: 'node', nodeId: 'pbx1', up: false });
    expect(words(table.advance(20_000))).toEqual([]);
    expect(words(table.step({ kind: 'node', nodeId: 'pbx1', up: true }))).toEqual(['overflow c1 maxWait']);
  });

  it('blames no agent for an offer that runs out meanwhile', () => {
    const table = one();
    table.enqueue('c1');
    table.step({ kind: 'node', nodeId: 'pbx1', up: false });
    expect(words(table.advance(20_000))).toEqual(['withdraw c1>ann']);
  });
});

describe('after a restart', () => {
  const { profile: _profile, device: _device, ...record } = newAgent(profile('ann'), t0);
  const restored = (part: object): Table => {
    const table = new Table([queue('sales')], [profile('ann')]);
    const signedIn = { ...record, presence: 'available' as const, ...part };
    table.step({ kind: 'restoreAgent', agentId: 'ann', record: signedIn });
    return table;
  };

  it('an offer that the agent turns out not to hold, being in another conversation, is taken back', () => {
    const table = one();
    table.enqueue('c1');
    const talking = { ...record, presence: 'available' as const, routing: 'talking' as const, callId: 'c0' };
    expect(words(table.step({ kind: 'restoreAgent', agentId: 'ann', record: talking }))).toEqual(['withdraw c1>ann']);
  });

  it('the reason of a pause stands (asterisk#66)', () => {
    const table = restored({ presence: 'paused', pauseReason: 'lunch' });
    expect(table.engine.agent('ann')).toMatchObject({ presence: 'paused', pauseReason: 'lunch' });
  });
  it('wrap-up and rest end at their times, not at new ones (asterisk#1255)', () => {
    const table = restored({ routing: 'wrapUp', callId: 'c0', wrapUpUntilMs: t0 + 4000 });
    table.enqueue('c1');
    expect(words(table.advance(4000))).toEqual(['wrapUpEnded ann c0', 'c1>ann']);
    const resting = restored({ cooldownUntilMs: t0 + 4000 });
    resting.enqueue('c1');
    expect(words(resting.advance(4000))).toEqual(['c1>ann']);
  });
  it('an offer whose phone was answered while we were away stands again', () => {
    const table = restored({});
    table.step({ kind: 'node', nodeId: 'pbx1', up: false });
    table.enqueue('c1', { attempts: 2 });
    const token = { callId: 'c1', agentId: 'ann', attempt: 2, epoch: 'e0', expiresAtMs: t0 - 1 };
    table.step({ kind: 'restoreOffer', token });
    table.step({ kind: 'offerAnswered', token });
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'talking', callId: 'c1' });
    expect([...table.engine.waitingCalls()]).toEqual([]);
  });
});
