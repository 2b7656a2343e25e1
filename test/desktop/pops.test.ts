import { describe, expect, it } from 'vitest';
import { reduce } from '../../src/desktop/state/reduce.ts';
import { cardIsOpen, offerNews } from '../../src/desktop/state/pops.ts';
import { agentState, callView, eventOf, offered, told } from './rig.ts';

const call = callView('a', { phaseSinceMs: 7_000 });
const ring = told(offered(call, 'li'));

describe('the offer that is announced', () => {
  it('is the one to the agent who looks', () => {
    expect(offerNews(agentState('li', ring), 8_000)).toMatchObject({ key: 'a 7000' });
    expect(offerNews(agentState('wang', ring), 8_000)).toBeUndefined();
  });

  it('is none of the past: not while catching up, not without a connection', () => {
    const state = agentState('li', ring);
    for (const kind of ['connecting', 'catchingUp', 'stopped'] as const) {
      expect(offerNews(reduce(state, [{ kind: 'link', link: { kind } }]), 8_000)).toBeUndefined();
    }
  });

  it('is none whose time is over', () => {
    expect(offerNews(agentState('li', ring), 29_999)).toBeDefined();
    expect(offerNews(agentState('li', ring), 30_000)).toBeUndefined();
  });

  it('is none that another agent has by now', () => {
    const moved = told(offered(callView('a', { version: 3 }), 'wang'));
    expect(offerNews(agentState('li', ring, moved), 8_000)).toBeUndefined();
  });

  it('is also the question of another agent, once for each time it is asked', () => {
    const asked = (state: 'ringing' | 'private') =>
      callView('b', {
        version: state === 'ringing' ? 4 : 5,
        phase: 'held',
        phaseSinceMs: 8_000,
        agentId: 'wang',
        consult: { agentId: 'li', state },
      });
    const rings = told(offered(callView('b'), 'li', { call: asked('ringing'), askedBy: 'wang' }));
    expect(offerNews(agentState('li', rings), 9_000)).toMatchObject({ key: 'b 8000', asked: true });
    expect(offerNews(agentState('wang', rings), 9_000)).toBeUndefined();
    const answered = told(eventOf('call.data.updated.v1', { call: asked('private') }));
    expect(offerNews(agentState('li', rings, answered), 9_000)).toBeUndefined();
  });

  it('has another key when the call is offered again', () => {
    const again = callView('a', { version: 5, phaseSinceMs: 9_000 });
    const back = eventOf('call.offer.ended.v1', {
      call: callView('a', { version: 4 }),
      agentId: 'li',
      attempt: 1,
      outcome: 'noAnswer',
    });
    expect(offerNews(agentState('li', ring, told(back), told(offered(again, 'li'))), 9_500)?.key).toBe('a 9000');
  });
});

describe('the card', () => {
  it.each([
    ['ring', true, true],
    ['ring', false, true],
    ['answer', true, false],
    ['answer', false, true],
    ['off', true, false],
    ['off', false, false],
  ] as const)('with pops at %s is, while it rings: %s, open: %s', (policy, rings, open) => {
    expect(cardIsOpen(rings, policy)).toBe(open);
  });
});
