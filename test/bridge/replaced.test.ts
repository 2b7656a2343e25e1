import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

let house: House;
let agentLeg: string;

describe('an agent who gives the caller away by the key of the phone', () => {
  beforeEach(async () => {
    house = await House.open();
    agentLeg = (await house.talking()).talk?.legId ?? '';
    await house.clock.advance(60_000);
  });

  afterEach(() => {
    house.assertSound();
  });

  const hungUp = (): string[] =>
    ['caller-1', 'by'].filter((legId) => house.pbx.askedOf(legId).some((asked) => asked === 'hangup'));
  /** Who is hung up while the two talk, and after the other has hung up. */
  async function theRest(): Promise<readonly string[][]> {
    expect(house.call).toMatchObject({ phase: 'outside', consult: { legId: 'by' } });
    const before = hungUp();
    house.pbx.hangUp('by');
    await settle();
    expect(house.calls).toEqual([]);
    return [before, hungUp()];
  }

  it('leaves caller and the other in one call, which ends with either', async () => {
    house.pbx.replace(agentLeg, 'by');
    await settle();
    expect(await theRest()).toEqual([[], ['caller-1']]);
  });

  it('likewise for the next server', async () => {
    house.pbx.replace(agentLeg, 'by');
    await settle();
    await house.restart();
    expect(await theRest()).toEqual([[], ['caller-1']]);
  });

  it.each([true, false])('likewise while nobody listens (the phone hangs up: %s)', async (hangsUp) => {
    house.pbx.down();
    house.pbx.replace(agentLeg, 'by', hangsUp);
    house.pbx.up();
    await settle();
    expect(await theRest()).toEqual([[], ['caller-1']]);
  });
});

it('who takes a place in a call that is over is hung up', async () => {
  house = await House.open();
  house.pbx.replace('rm-gone.agent1', 'by');
  await settle();
  expect(house.pbx.askedOf('by')).toEqual(['hangup']);
});
