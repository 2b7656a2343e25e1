import { describe, expect, it } from 'vitest';
import { Line } from '../../src/routing/line.ts';
import { Positions } from '../../src/routing/positions.ts';
import { RuleBook } from '../../src/routing/rules.ts';
import { hold, progressOf, WaitingCall } from '../../src/routing/waiting-call.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const token = { callId: 'c1', agentId: 'ann', attempt: 1, epoch: 'e1', expiresAtMs: t0 };

/** The engine makes calls to come of calls that are over, and gathers what a step wants in one list. */
describe('what the engine uses again', () => {
  it('a call that is over leaves nothing to the call that is made of it', () => {
    const rules = new RuleBook('1', [queue('sales')]).find(undefined, 'sales');
    if (!rules) throw new Error('no rules');
    const line = new Line('sales', new Positions());
    const table = new Table([queue('sales')], []);
    const call = new WaitingCall(table.request('c1', { onlyAgentId: 'ann', attempts: 3 }), rules, line, 1, t0);
    hold(call, token);
    Object.assign(progressOf(call), {
      step: 2,
      stepSinceMs: t0,
      aheadMs: 5,
      isStarved: true,
      declined: new Set(['bob']),
    });
    const request = table.request('c2');
    call.begin(request, rules, line, 2, t0 + 1);
    expect(call).toEqual(new WaitingCall(request, rules, line, 2, t0 + 1));
  });

  it('calls share what has not happened yet, and none writes into it', () => {
    const table = new Table([queue('sales', { noAnswerLimit: 9 })], [profile('ann'), profile('bob')]);
    table.signIn('ann', 'bob');
    table.enqueue('c1');
    table.enqueue('c2');
    const [first, second] = [...table.engine.waitingCalls()];
    expect(first?.progress).toBe(second?.progress);
    table.fail('c1', 'declined');
    expect(first?.progress.declined).toEqual(new Set(['ann']));
    expect(second?.progress.declined).toEqual(new Set());
  });

  it('what a step has given away stays as it is', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    const outputs = table.enqueue('c1');
    const before = JSON.stringify(outputs);
    table.fail('c1', 'declined');
    table.enqueue('c2');
    expect(JSON.stringify(outputs)).toBe(before);
    expect(words(outputs)).toEqual(['c1>ann']);
  });
});
