import { describe, expect, it } from 'vitest';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const three = (ringAll = 3): Table =>
  new Table(
    [queue('sales', { ringAll })],
    ['ann', 'bob', 'cat'].map((name) => profile(name)),
  ).signIn('ann', 'bob', 'cat');
const tokens = (table: Table) => table.offersOf('c1');

describe('phones that ring together', () => {
  it('are offered at once, each with an attempt of its own, and no more than the queue says', () => {
    expect(words(three().enqueue('c1'))).toEqual(['c1>ann', 'c1>bob', 'c1>cat']);
    const table = three(2);
    expect(words(table.enqueue('c1'))).toEqual(['c1>ann', 'c1>bob']);
    expect(tokens(table).map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(words(table.enqueue('c2'))).toEqual(['c2>cat']);
  });

  it('the first to answer has the call, and only the first (asterisk#176)', () => {
    const table = three();
    table.enqueue('c1');
    const [ann, bob, cat] = tokens(table);
    if (!ann || !bob || !cat) throw new Error('no offers');
    expect(words(table.step({ kind: 'offerAnswered', token: bob }))).toEqual(['withdraw c1>ann', 'withdraw c1>cat']);
    expect(words(table.step({ kind: 'offerAnswered', token: ann }))).toEqual([]);
    expect(table.engine.agent('bob')).toMatchObject({ routing: 'talking', callId: 'c1' });
  });

  it('the others keep their place in line, are not blamed, and are free when the phone is taken back (freeswitch#2540)', () => {
    const table = three();
    table.enqueue('c1');
    const [ann, bob] = tokens(table);
    if (!ann || !bob) throw new Error('no offers');
    table.advance(5_000);
    table.step({ kind: 'offerAnswered', token: bob });
    table.enqueue('c2', { needs: {} });
    expect(words(table.step({ kind: 'offerEnded', token: ann, outcome: 'withdrawn' }))).toEqual(['c2>ann']);
    expect(table.engine.agent('ann')).toMatchObject({
      unanswered: 0,
      idleSinceMs: t0,
      cooldownUntilMs: expect.any(Number),
    });
    expect(words(table.advance(20_000)).filter((word) => word.startsWith('offerExpired c1'))).toEqual([]);
  });

  it('who answers and is gone before the two are joined: the others can be asked again at once (asterisk#1557)', () => {
    const table = three();
    table.enqueue('c1');
    const [ann, bob, cat] = tokens(table);
    if (!ann || !bob || !cat) throw new Error('no offers');
    table.step({ kind: 'offerAnswered', token: ann });
    table.step({ kind: 'offerEnded', token: bob, outcome: 'withdrawn' });
    table.step({ kind: 'offerEnded', token: cat, outcome: 'withdrawn' });
    table.endTalk('c1', 'ann', 'dropped');
    expect(words(table.enqueue('c1', { returned: true, attempts: 3 }))).toEqual(['c1>bob', 'c1>cat']);
    expect(tokens(table)[0]?.attempt).toBe(4);
  });

  it('leave as many free as are kept for VIPs', () => {
    const table = new Table(
      [queue('sales', { ringAll: 3, vipReserve: 1 })],
      ['ann', 'bob', 'cat'].map((name) => profile(name)),
    ).signIn('ann', 'bob', 'cat');
    expect(table.engine.explain({ request: table.request('x') }, t0)?.chosen).toEqual(['ann', 'bob']);
    expect(words(table.enqueue('c1'))).toEqual(['c1>ann', 'c1>bob']);
    expect(words(table.enqueue('c2'))).toEqual([]);
    expect(words(table.enqueue('vip', { vip: true }))).toEqual(['vip>cat']);
  });

  it('one declines: the others ring on; the last: all is looked at anew', () => {
    const table = three(2);
    table.enqueue('c1');
    const [ann, bob] = tokens(table);
    if (!ann || !bob) throw new Error('no offers');
    expect(words(table.step({ kind: 'offerEnded', token: ann, outcome: 'declined' }))).toEqual([]);
    expect(words(table.step({ kind: 'offerEnded', token: bob, outcome: 'declined' }))).toEqual(['c1>cat']);
  });

  it('the caller leaves: all are free', () => {
    const table = three();
    table.enqueue('c1');
    table.step({ kind: 'leave', callId: 'c1' });
    expect(['ann', 'bob', 'cat'].map((id) => table.engine.agent(id)?.routing)).toEqual(['idle', 'idle', 'idle']);
  });

  it('nobody answers: each is told once', () => {
    const table = three();
    table.enqueue('c1');
    expect(words(table.advance(20_000)).sort()).toEqual([
      'offerExpired c1>ann',
      'offerExpired c1>bob',
      'offerExpired c1>cat',
    ]);
    expect(words(table.advance(60_000))).toEqual([]);
  });

  it('who comes free while they ring takes another call', () => {
    const table = three(2);
    table.pause('cat');
    table.enqueue('c1');
    table.enqueue('c2');
    expect(words(table.available('cat'))).toEqual(['c2>cat']);
  });
});
