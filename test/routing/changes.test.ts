import { describe, expect, it } from 'vitest';
import { profile, queue, Table, t0, words } from './fixtures.ts';

describe('nobody there', () => {
  const target = { kind: 'queue', queueId: 'other' } as const;

  it.each([
    ['signedIn', []],
    ['atWork', ['overflow c1 noAgents']],
    ['free', ['overflow c1 noAgents']],
  ] as const)('who is paused counts as there for %s or not: joining', (counted, expected) => {
    const table = new Table([queue('sales', { joinEmpty: { counted, target } })], [profile('ann')]).signIn('ann');
    table.pause('ann');
    expect(words(table.enqueue('c1'))).toEqual(expected);
  });

  it('counts only who fits the call, in this step or a later one', () => {
    const steps = [
      { agentId: 'bob', expiresAfterMs: 5000 },
      { requirement: { kind: 'agent', agentId: 'eve' } },
    ] as const;
    const policy = queue('sales', { joinEmpty: { counted: 'signedIn', target }, steps });
    const table = new Table([policy], [profile('ann'), profile('eve')]).signIn('ann');
    expect(words(table.enqueue('c1'))).toEqual(['overflow c1 noAgents']);
    table.signIn('eve');
    expect(words(table.enqueue('c2'))).toEqual([]);
  });

  it('leaving: after the grace, unless somebody has come back', () => {
    const policy = queue('sales', { leaveEmpty: { counted: 'signedIn', target }, noAgentGraceMs: 30_000 });
    const table = new Table([policy], [profile('ann', { skills: { english: 50 } }), profile('bob')]).signIn(
      'ann',
      'bob',
    );
    table.pause('ann');
    table.pause('bob');
    table.enqueue('c1', { needs: { english: 1 } });
    table.enqueue('c2');
    const out = (agentId: string) => table.step({ kind: 'agent', agentId, input: { kind: 'signOut' } });
    out('ann');
    table.advance(20_000);
    table.signIn('ann');
    table.answer('c1');
    table.enqueue('c3', { needs: { english: 1 } });
    out('ann');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c3 noAgents']);
    out('bob');
    expect(words(table.advance(30_000)).filter((word) => word.startsWith('overflow'))).toEqual([
      'overflow c2 noAgents',
    ]);
  });

  it('the grace begins anew when somebody has been back, though for no call', () => {
    const policy = queue('sales', { leaveEmpty: { counted: 'signedIn', target }, noAgentGraceMs: 30_000 });
    const table = new Table([policy], [profile('ann')]).signIn('ann');
    const signed = (kind: 'signIn' | 'signOut') => table.step({ kind: 'agent', agentId: 'ann', input: { kind } });
    table.device('ann', 'inUse');
    table.enqueue('c1');
    signed('signOut');
    table.advance(20_000);
    signed('signIn');
    table.advance(1_000);
    signed('signOut');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });

  it('a call that comes while nobody is there waits for the grace', () => {
    const policy = queue('sales', { leaveEmpty: { counted: 'atWork', target }, noAgentGraceMs: 30_000 });
    const table = new Table([policy], [profile('ann')]);
    table.enqueue('c1');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });
});

describe('rules of another version', () => {
  const newer = { kind: 'policy', version: '2', current: true } as const;

  it('are for calls that come later; those who wait keep theirs', () => {
    const table = new Table([queue('sales')], [profile('ann', { skills: { english: 10 } })]);
    table.enqueue('old');
    table.step({ ...newer, queues: [queue('sales', { needs: { english: 50 }, ringTimeoutMs: 5000 })] });
    table.enqueue('new');
    expect(table.engine.explain({ callId: 'old' }, t0)?.policyVersion).toBe('1');
    expect(table.engine.explain({ callId: 'new' }, t0)?.policyVersion).toBe('2');
    expect(words(table.signIn('ann').log)).toEqual(['old>ann']);
    expect(table.offerOf('old')?.expiresAtMs).toBe(t0 + 20_000);
    expect(table.engine.policyVersion).toBe('2');
  });

  it('a queue that is gone serves those who are in it', () => {
    const table = new Table([queue('sales')], [profile('ann')]);
    table.enqueue('old');
    table.step({ ...newer, queues: [] });
    expect(words(table.enqueue('new'))).toEqual(['overflow new noQueue']);
    expect(table.engine.hasQueue('sales')).toBe(false);
    expect(words(table.signIn('ann').log)).toContain('old>ann');
  });

  it('that are not current serve only who names them', () => {
    const table = new Table([queue('sales')], [profile('ann')]);
    table.step({ ...newer, current: false, queues: [queue('sales', { ringTimeoutMs: 5000 })] });
    table.enqueue('c1');
    table.enqueue('c2', { policyVersion: '2' });
    table.enqueue('c3', { policyVersion: 'unknown' });
    expect(['c1', 'c2', 'c3'].map((callId) => table.engine.explain({ callId }, t0)?.policyVersion)).toEqual([
      '1',
      '2',
      '1',
    ]);
  });

  it('the wrap-up is that of the version with which the call came', () => {
    const table = new Table([queue('sales', { wrapUpMs: 9000 })], [profile('ann')]).signIn('ann');
    table.enqueue('c1');
    table.answer('c1');
    table.step({ ...newer, queues: [queue('sales', { wrapUpMs: 0 })] });
    table.step({
      kind: 'talkEnded',
      agentId: 'ann',
      callId: 'c1',
      queueId: 'sales',
      outcome: 'talked',
      policyVersion: '1',
    });
    expect(table.engine.agent('ann')?.wrapUpUntilMs).toBe(t0 + 9000);
  });

  it('many versions: the oldest are forgotten, never the newest', () => {
    const table = new Table([queue('sales')], []);
    for (let version = 2; version < 40; version += 1) {
      table.step({ kind: 'policy', version: String(version), queues: [queue('sales')], current: false });
    }
    expect(table.engine.policyVersion).toBe('1');
    table.enqueue('c1', { policyVersion: '2' });
    expect(table.engine.explain({ callId: 'c1' }, t0)?.policyVersion).toBe('1');
  });
});

describe('an agent changed live', () => {
  it('a new skill serves the call that waits for it, a lost one takes no more', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    expect(words(table.enqueue('c1', { needs: { english: 50 } }))).toEqual([]);
    const english = profile('ann', { skills: { english: 60 } });
    expect(words(table.step({ kind: 'agentProfile', profile: english }))).toEqual(['c1>ann']);
    table.answer('c1');
    table.step({ kind: 'agentProfile', profile: profile('ann') });
    table.endTalk('c1', 'ann', 'callerLeft');
    expect(words(table.enqueue('c2', { needs: { english: 50 } }))).toEqual([]);
    expect(table.engine.agent('ann')).toMatchObject({ presence: 'available', profile: { skills: {} } });
  });

  it('the last other who could take a declined call loses the skill: who declined is let in again', () => {
    const both = ['ann', 'bob'].map((name) => profile(name, { skills: { english: 50 } }));
    const table = new Table([queue('sales')], both).signIn('ann', 'bob');
    table.enqueue('c1', { needs: { english: 1 } });
    table.answer('c1');
    table.enqueue('c2', { needs: { english: 1 } });
    table.fail('c2', 'declined');
    table.advance(60_000);
    expect(words(table.step({ kind: 'agentProfile', profile: profile('ann') }))).toEqual(['c2>bob']);
  });

  it('a new one works, one who is removed finishes what is in hand', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.enqueue('c1');
    table.answer('c1');
    table.step({ kind: 'agentProfile', profile: profile('eve') });
    expect(words(table.signIn('eve').enqueue('c2'))).toEqual(['c2>eve']);
    table.step({ kind: 'agentRemoved', agentId: 'ann' });
    expect(table.engine.agent('ann')).toMatchObject({ presence: 'signedOut', routing: 'talking' });
    table.endTalk('c1', 'ann');
    table.advance(10_000);
    expect(table.engine.agent('ann')).toBeUndefined();
    table.step({ kind: 'agentRemoved', agentId: 'eve' });
    expect(words(table.fail('c2', 'withdrawn'))).toEqual([]);
    expect([...table.engine.allAgents()]).toEqual([]);
  });

  it('more agents than there was room for', () => {
    const table = new Table([queue('sales', { waitingCallsMax: 1000 })], [profile('a0')]);
    for (let index = 0; index < 300; index += 1) table.enqueue(`c${index}`, { needs: index % 2 === 0 ? {} : { x: 1 } });
    const names = Array.from({ length: 300 }, (_, index) => `b${index}`);
    for (const name of names) {
      table.step({ kind: 'agentProfile', profile: profile(name, { skills: { x: 1 } }) });
      table.signIn(name);
    }
    expect(words(table.log)).toHaveLength(300);
  });
});

describe('what cannot be', () => {
  it('changes nothing, and is counted', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.enqueue('c1');
    const token = table.answer('c1');
    table.advance(1000);
    const before = JSON.stringify([...table.engine.allAgents()]);
    expect(table.step({ kind: 'offerAnswered', token })).toEqual([]);
    expect(table.step({ kind: 'offerEnded', token, outcome: 'declined' })).toEqual([]);
    expect(table.endTalk('c9', 'ann')).toEqual([]);
    expect(table.step({ kind: 'agent', agentId: 'nobody', input: { kind: 'signIn' } })).toEqual([]);
    expect(JSON.stringify([...table.engine.allAgents()])).toBe(before);
    expect(table.engine.stats()).toEqual({
      offers: 1,
      answersToNoOffer: 1,
      endsOfNoOffer: 1,
      endsOfNoTalk: 1,
      unknownAgents: 1,
      timeWentBack: 0,
    });
  });

  it('time that goes back is not believed', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.advance(10_000);
    table.step({ kind: 'tick' });
    table.engine.step({ kind: 'enqueue', request: table.request('c1') }, t0);
    expect(table.engine.stats().timeWentBack).toBe(1);
    expect(table.offerOf('c1')?.expiresAtMs).toBe(t0 + 30_000);
  });

  it('a caller who left before an answer that was lost does not hold the agent for ever (opensips#3123)', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.enqueue('c1');
    const token = table.offerOf('c1');
    table.step({ kind: 'leave', callId: 'c1' });
    if (token) table.step({ kind: 'offerAnswered', token });
    expect(table.engine.agent('ann')?.routing).toBe('idle');
    expect(words(table.enqueue('c2'))).toEqual(['c2>ann']);
  });

  it('the same end told twice is counted once (statistics counted twice)', () => {
    const table = new Table([queue('sales', { noAnswerLimit: 2 })], [profile('ann')]).signIn('ann');
    table.enqueue('c1');
    const token = table.offerOf('c1');
    if (!token) throw new Error('no offer');
    table.step({ kind: 'offerEnded', token, outcome: 'noAnswer' });
    table.step({ kind: 'offerEnded', token, outcome: 'noAnswer' });
    expect(table.engine.agent('ann')).toMatchObject({ unanswered: 1, presence: 'available' });
  });
});

describe('a dry run', () => {
  const table = () => {
    const agents = [
      profile('ann'),
      profile('bob', { skills: { english: 30 } }),
      profile('cat', { queues: ['service'], nodeId: 'pbx2' }),
    ];
    return new Table([queue('sales', { ringAll: 2 })], agents).signIn('ann', 'bob');
  };

  it('of a made-up call says who, and all that speaks against each of the others, and changes nothing', () => {
    const floor = table();
    floor.pause('ann');
    const before = JSON.stringify([...floor.engine.allAgents()]);
    expect(floor.engine.explain({ request: floor.request('x', { needs: { english: 50 } }) }, t0)).toEqual({
      queueId: 'sales',
      policyVersion: '1',
      step: 0,
      selection: 'longestIdle',
      orderKey: t0,
      waitingBefore: 0,
      decision: 'wait',
      chosen: [],
      agents: [
        { agentId: 'ann', reasons: ['paused', 'skill:english'], idleMs: 0 },
        { agentId: 'bob', reasons: ['skill:english'], idleMs: 0 },
        { agentId: 'cat', reasons: ['signedOut', 'notInQueue'], idleMs: 0 },
      ],
    });
    expect(JSON.stringify([...floor.engine.allAgents()])).toBe(before);
    expect([...floor.engine.waitingCalls()]).toEqual([]);
  });

  it('says whom a call would get, the first choice first', () => {
    const floor = table();
    expect(floor.engine.explain({ request: floor.request('x') }, t0)).toMatchObject({
      decision: 'offer',
      chosen: ['ann', 'bob'],
    });
    floor.enqueue('c1');
    expect(floor.engine.explain({ callId: 'c1' }, t0)).toMatchObject({ decision: 'offered', chosen: ['ann', 'bob'] });
  });

  it('says of a call that would not be let in that it is refused, of one that waits already not', () => {
    const none = { joinEmpty: { counted: 'signedIn', target: { kind: 'hangup' } } } as const;
    const empty = new Table([queue('sales', none)], [profile('ann')]);
    const decisionOf = (floor: Table) => floor.engine.explain({ request: floor.request('x') }, t0)?.decision;
    expect(decisionOf(empty)).toBe('refused');
    expect(decisionOf(empty.signIn('ann'))).toBe('offer');
    const full = new Table([queue('sales', { waitingCallsMax: 1 })], []);
    full.enqueue('c1');
    expect([decisionOf(full), full.engine.explain({ callId: 'c1' }, t0)?.decision]).toEqual(['refused', 'wait']);
  });

  it('of what is not there is nothing', () => {
    const floor = table();
    expect(floor.engine.explain({ callId: 'c9' }, t0)).toBeUndefined();
    expect(floor.engine.explain({ request: floor.request('x', { queueId: 'nowhere' }) }, t0)).toBeUndefined();
  });
});
