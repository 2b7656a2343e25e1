import { describe, expect, it } from 'vitest';
import { agentLegIdOf, type Call, type CallInput } from '../../src/call/index.ts';
import { asked, callerLeg, callId, callIn, ended, fact, joined, offered, run, t0, tokenOf, told } from './fixtures.ts';

const names = ['ann', 'bob', 'cid'];
const [ann, bob, cid] = [1, 2, 3].map((attempt) => agentLegIdOf(callId, attempt)) as [string, string, string];
const answers = (legId: string): CallInput => fact({ kind: 'legAnswered', legId });
const all = (mode: 'ring' | 'accept' = 'ring'): CallInput[] =>
  names.map((name, index) => offered(index + 1, mode, name, index > 0 ? true : undefined));
const ringing = (mode: 'ring' | 'accept' = 'ring'): Call => run(callIn('waiting'), all(mode)).call;
const rung = ({ offers = [] }: Call): string[] => offers.map(({ token }) => token.agentId);

describe('a queue that rings several phones at once', () => {
  it('rings each of them, and tells one offer per agent', () => {
    const step = run(callIn('waiting'), all());
    expect(asked(step).filter((effect) => effect.startsWith('dial'))).toEqual(
      [ann, bob, cid].map((leg) => `dial ${leg}`),
    );
    expect(asked(step).filter((effect) => effect === 'createBridge')).toHaveLength(1);
    expect(told(step)).toEqual(['offered', 'offered', 'offered']);
    expect(step.call).toMatchObject({ phase: 'offering', attempts: 3 });
    expect(rung(step.call)).toEqual(names);
  });

  it('the first to answer has the call, the others stop ringing and are to blame for nothing', () => {
    const step = run(ringing(), [answers(bob)]);
    expect(asked(step)).toEqual([
      'offerAnswered',
      `stopMusic ${callerLeg}`,
      `join ${callerLeg}+${bob}`,
      `hangup ${ann}`,
      'offerEnded rescinded',
      `hangup ${cid}`,
      'offerEnded rescinded',
    ]);
    expect(told(step)).toEqual(['answered', 'offer.ended', 'offer.ended']);
    expect(rung(step.call)).toEqual(['bob']);
    // A phone that is told so lists no missed call.
    const reasons = step.effects.flatMap((effect) =>
      effect.kind === 'pbx' && effect.command.kind === 'hangup' ? [effect.command.reason] : [],
    );
    expect(reasons).toEqual(['answered_elsewhere', 'answered_elsewhere']);
  });

  it('two agents do not both win (asterisk#176)', () => {
    const step = run(ringing(), [answers(ann), answers(bob), joined(ann)]);
    expect(step.call).toMatchObject({ phase: 'talking', talk: { agentId: 'ann', legId: ann } });
    expect(asked(step).filter((effect) => effect === 'offerAnswered')).toHaveLength(1);
    expect(asked(step).filter((effect) => effect.startsWith('join'))).toEqual([`join ${callerLeg}+${ann}`]);
    // Whoever picked up in the same moment is hung up again.
    expect(asked(step).filter((effect) => effect === `hangup ${bob}`).length).toBeGreaterThan(1);
  });

  it('who answers and drops before the bridge leaves the caller first in line, the others cancelled or not (asterisk#1557)', () => {
    const step = run(ringing(), [answers(ann), ended(ann)]);
    expect(step.call).toMatchObject({ phase: 'waiting', returned: true, offers: undefined, queuedAtMs: t0 });
    expect(asked(step).slice(-3)).toEqual(
      ['talkEnded dropped', `setVariables ${callerLeg}`, `startMusic ${callerLeg}`].concat('enqueue').slice(-3),
    );
    const drop = step.events.find(({ event }) => event.type === 'call.offer.ended.v1' && event.outcome === 'dropped');
    expect(drop?.event).toMatchObject({ agentId: 'ann', attempt: 1 });
  });

  it('the caller hangs up while all ring: each phone stops', () => {
    const step = run(ringing(), [ended(callerLeg)]);
    expect(step.call.phase).toBe('ended');
    expect(asked(step).filter((effect) => effect.startsWith('hangup'))).toEqual([
      `hangup ${ann}`,
      `hangup ${bob}`,
      `hangup ${cid}`,
    ]);
    expect(asked(step)[0]).toBe('leaveQueue');
    expect(asked(step).filter((effect) => effect === 'offerEnded callerLeft')).toHaveLength(3);
  });

  it('one declines, the others ring on', () => {
    const step = run(ringing(), [{ kind: 'reject', agentId: 'bob', atMs: t0 }]);
    expect(asked(step)).toEqual([`hangup ${bob}`, 'offerEnded declined']);
    expect(step.call.phase).toBe('offering');
    expect(rung(step.call)).toEqual(['ann', 'cid']);
  });

  it('all decline: the caller waits on, and nothing is lost', () => {
    const step = run(ringing(), [
      ended(ann, 21),
      ended(bob, 17),
      { kind: 'offerExpired', token: tokenOf(3, 'cid'), atMs: t0 },
    ]);
    expect(step.call).toMatchObject({ phase: 'waiting', offers: undefined, attempts: 3 });
    expect(asked(step)).toEqual(['offerEnded declined', 'offerEnded busy', `hangup ${cid}`, 'offerEnded noAnswer']);
  });

  it('an agent who becomes free rings with the others, but not once the call is taken', () => {
    const late = offered(4, 'ring', 'dan', true);
    expect(rung(run(ringing(), [late]).call)).toEqual([...names, 'dan']);
    const step = run(ringing(), [answers(ann), late]);
    expect(asked(step).at(-1)).toBe('offerEnded withdrawn');
    expect(rung(step.call)).toEqual(['ann']);
  });

  it('without the word of routing a call has one offer, and nobody is rung twice', () => {
    for (const input of [offered(4, 'ring', 'dan'), offered(4, 'ring', 'ann', true), offered(2, 'ring', 'dan', true)]) {
      const step = run(ringing(), [input]);
      expect(asked(step)).toEqual(['offerEnded withdrawn']);
      expect(rung(step.call)).toEqual(names);
    }
  });

  it('the first to accept on the screen is rung, the others lose the call then', () => {
    const step = run(ringing('accept'), [{ kind: 'accept', agentId: 'bob', atMs: t0 }]);
    expect(asked(step)).toEqual(['offerEnded rescinded', 'offerEnded rescinded', `dial ${bob}`, 'createBridge']);
    expect(rung(step.call)).toEqual(['bob']);
    const second = run(step.call, [{ kind: 'accept', agentId: 'ann', atMs: t0 }]);
    expect(asked(second)).toEqual([]);
  });

  it('sent elsewhere, or begun again after a restart, no phone rings on', () => {
    const overflow: CallInput = { kind: 'overflowed', target: { kind: 'hangup' }, reason: 'maxWait', atMs: t0 };
    for (const input of [overflow, { kind: 'recovered', atMs: t0 } as const, { kind: 'draining', atMs: t0 } as const]) {
      const step = run(ringing(), [input]);
      for (const leg of [ann, bob, cid]) expect(asked(step)).toContain(`hangup ${leg}`);
      expect(told(step).filter((type) => type === 'offer.ended')).toHaveLength(3);
    }
  });

  it('the PBX could dial one of them only: the others ring on', () => {
    const step = run(ringing(), [
      {
        kind: 'commandFailed',
        command: {
          kind: 'dial',
          legId: bob,
          endpoint: 'PJSIP/bob',
          callerNumber: '',
          callerName: '',
          timeoutMs: 1,
          variables: {},
        },
        failure: 'refused',
        atMs: t0,
      },
    ]);
    expect(rung(step.call)).toEqual(['ann', 'cid']);
  });
});
