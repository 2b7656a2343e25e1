import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/index.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

let house: House;
let first: Call;

const second = (): Call | undefined => house.calls.find(({ id }) => id !== first.id);

describe('a caller whom the agent sends round to the hotline by the key of the phone', () => {
  beforeEach(async () => {
    house = await House.open({ queues: [queue('sales', { wrapUpMs: 10_000 })] });
    first = await house.talking();
    await house.clock.advance(60_000);
    house.pbx.sendRound('caller-1');
    await settle();
    await settle();
  });

  afterEach(() => {
    house.assertSound();
  });

  it('is another call, offered to who is free, while the first is written up', () => {
    expect(house.board.calls.get(first.id)?.phase).toBe('wrapUp');
    expect(second()).toMatchObject({
      phase: 'offering',
      callerLegId: 'caller-1',
      offers: [{ token: { agentId: 'bob' } }],
    });
  });

  it('is still heard of when the first has been written up', async () => {
    await house.clock.advance(10_000);
    expect(house.call.phase).toBe('offering');
    house.pbx.hangUp('caller-1');
    expect(house.calls).toEqual([]);
  });

  it.each([0, 10_000])(
    'is not hung up with what is left of the first when the link breaks after %d ms',
    async (laterMs) => {
      await house.clock.advance(laterMs);
      house.pbx.down();
      house.pbx.up();
      await settle();
      expect(house.pbx.askedOf('caller-1')).not.toContain('hangup');
      expect(second()?.callerLegId).toBe('caller-1');
    },
  );

  it('is found by the next server too', async () => {
    await house.restart();
    expect(house.pbx.askedOf('caller-1')).not.toContain('hangup');
    expect(second()?.callerLegId).toBe('caller-1');
    house.pbx.hangUp('caller-1');
    await settle();
    expect(second()).toBeUndefined();
  });
});
