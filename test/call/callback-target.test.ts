import { describe, expect, it } from 'vitest';
import type { Call, CallInput, CallPolicy, CallStep } from '../../src/call/index.ts';
import { arrival, asked, callerLeg, callId, ended, found, policyWith, run as runBy, t0, told } from './fixtures.ts';

const fallback = { kind: 'dialplan', context: 'fallback', extension: 's', priority: 1 } as const;
const target = { kind: 'callback', queueId: 'service' } as const;

const by = (accepted: readonly string[] = ['sound:we-call-you']): CallPolicy => {
  const policy = policyWith({ greeting: [], fallback });
  const prompts = { '*': { offer: [], confirm: [], enter: [], accepted, refused: [] } };
  const callback = {
    key: '1',
    afterMs: 30_000,
    answerMs: 8_000,
    attempts: 2,
    mode: 'agentFirst',
    leadMs: 30_000,
    graceMs: 5_000,
    keepMs: 3_600_000,
    pendingMax: 10,
    prompts,
  } as const;
  return { ...policy, queue: (id) => ({ ...policy.queue(id), ...(id === 'service' ? { callback } : {}) }) };
};
const run = (call: Call, inputs: readonly CallInput[], policy = by()): CallStep => runBy(call, inputs, policy);
const at = (input: object, afterMs = 0): CallInput => ({ ...input, atMs: t0 + afterMs }) as CallInput;

const waiting = (): Call => run(arrival({ greeting: [] }).call, [found()]).call;
const overflowed = at({ kind: 'overflowed', target, reason: 'maxWait' }, 60_000);
const sent = (): Call => run(waiting(), [overflowed]).call;
const yes = at({ kind: 'callbackSettled', verdict: { ok: true, callbackId: 'job-1' } }, 61_000);
const no = at({ kind: 'callbackSettled', verdict: { ok: false, reason: 'full' } }, 61_000);
const late = at({ kind: 'timerFired', timer: 'wait' }, 70_000);
const heard = at(
  {
    kind: 'pbx',
    fact: { kind: 'playbackEnded', playbackId: `${callId}.wait1`, failed: false, nodeId: 'pbx1', atMs: t0 },
  },
  65_000,
);
const reasons = (step: CallStep) =>
  step.events.flatMap(({ event }) => (event.type === 'call.callback.refused.v1' ? [event.reason] : []));

describe('a rule that sends callers to be called back', () => {
  it('takes them out of the queue, with their age, and asks for it', () => {
    const step = run(waiting(), [overflowed]);
    expect(asked(step)).toEqual(['leaveQueue', 'startTimer', 'requestCallback']);
    expect(told(step)).toEqual(['overflowed']);
    expect(step.call).toMatchObject({
      phase: 'waiting',
      queueId: 'service',
      queuedAtMs: t0,
      wait: { callback: { stage: 'sent' } },
    });
  });

  it('says so when it is written down, and lets them go', () => {
    const step = run(sent(), [yes]);
    expect(step.effects).toContainEqual({
      kind: 'pbx',
      command: expect.objectContaining({ kind: 'play', media: ['sound:we-call-you'] }) as object,
    });
    const over = run(step.call, [heard]);
    expect(asked(over)).toContain(`hangup ${callerLeg}`);
    expect(over.call).toMatchObject({ phase: 'ended', endReason: 'callback' });
  });

  it('lets them go at once where there is nothing to say', () => {
    expect(run(sent(), [yes], by([])).call).toMatchObject({ phase: 'ended', endReason: 'callback' });
  });

  it('answers who has heard a ringing tone only when there is something to say', () => {
    const early = at({ kind: 'overflowed', target, reason: 'queueFull' });
    const unanswered = (): Call => ({ ...waiting(), answered: false });
    const answers = (step: CallStep) => asked(step).filter((what) => what.startsWith('answer'));
    expect(answers(run(unanswered(), [early]))).toEqual([]);
    expect(answers(run(run(unanswered(), [early]).call, [yes]))).toHaveLength(1);
    expect(answers(run(run(unanswered(), [early]).call, [yes], by([])))).toEqual([]);
  });

  it.each([
    ['refused', no, 'full'],
    ['not said in time', late, 'late'],
  ])('%s: the fallback, which leads outside', (_, input, reason) => {
    const step = run(sent(), [input]);
    expect(reasons(step)).toEqual([reason]);
    expect(asked(step)).toContain(`leave ${callerLeg}`);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'overflowed' });
  });

  it.each(['', 'anonymous', '12', '+8613800000001x'])(
    'a number that cannot be dialled (%j): the fallback at once',
    (n) => {
      const step = run({ ...waiting(), callerNumber: n }, [overflowed]);
      expect(reasons(step)).toEqual(['number']);
      expect(asked(step)).not.toContain('requestCallback');
      expect(step.call).toMatchObject({ phase: 'ended', endReason: 'overflowed' });
    },
  );

  it('who was asking for one at another number is called there', () => {
    const checking: Call = {
      ...waiting(),
      wait: { plays: 0, callback: { stage: 'checking', number: '02150', asked: 0 } },
    };
    expect(run(checking, [overflowed]).effects).toContainEqual({ kind: 'requestCallback', number: '02150' });
  });

  it.each<[string, CallInput]>([
    ['another overflow', at({ kind: 'overflowed', target: fallback, reason: 'draining' }, 62_000)],
    ['a shutdown', at({ kind: 'draining' }, 62_000)],
    ['closing time', at({ kind: 'timerFired', timer: 'closing' }, 62_000)],
    ['news of its place in line', at({ kind: 'estimated', position: 1 }, 62_000)],
    [
      'an offer that was on its way',
      at(
        {
          kind: 'offered',
          token: { callId, agentId: 'ann', attempt: 1, epoch: 'e', expiresAtMs: t0 },
          endpoint: 'PJSIP/ann',
          mode: 'ring',
          ringTimeoutMs: 1_000,
          explanation: { rule: '', waitedMs: 0, orderKey: 0, considered: 0, candidates: [], excluded: [] },
        },
        62_000,
      ),
    ],
  ])('%s changes nothing while it is being written down', (_, input) => {
    const call = sent();
    expect(run(call, [input]).call.wait).toEqual(call.wait);
    expect(run(call, [input]).call.phase).toBe('waiting');
  });

  it('who hangs up meanwhile is called back', () => {
    expect(run(sent(), [at(ended(callerLeg), 62_000)]).call).toMatchObject({ phase: 'ended', endReason: 'callback' });
  });

  it('after a restart it is asked once more, and the caller is not put back in line', () => {
    const step = run(sent(), [at({ kind: 'recovered' }, 90_000)]);
    expect(asked(step)).toEqual(['startTimer', 'requestCallback']);
    expect(step.call.wait?.callback?.stage).toBe('sent');
  });

  it('on the way in: who came outside the hours, or is sent there by a key', () => {
    const step = run(arrival({ greeting: [] }).call, [at({ kind: 'overflowed', target, reason: 'closed' })]);
    expect(asked(step)).toContain('requestCallback');
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'service', queuedAtMs: t0 });
  });
});
