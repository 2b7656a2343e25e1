import { expect, it } from 'vitest';
import { Sequencer } from '../../src/cluster/sequencer.ts';
import { LogEvent } from '../../src/events/index.ts';

const event = (sequence: number): LogEvent =>
  new LogEvent({ sequence, id: `id-${sequence}`, type: 'call.arrived.v1', subject: 'call/c', atMs: 1, body: '{}' });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => event(from + n));
const places = (events: readonly LogEvent[]) => events.map(({ sequence }) => sequence);

it('takes a whole page of the store though as many wait early as may', () => {
  const sequencer = new Sequencer(0, 4);
  expect(sequencer.take(range(100, 120))).toEqual([]);
  expect(places(sequencer.take(range(1, 99)))).toEqual([...Array(103).keys()].map((n) => n + 1));
  expect(sequencer).toMatchObject({ position: 103, heardOf: 120, hasHole: false });
});

it('gives each once, in order, and keeps what comes early', () => {
  const sequencer = new Sequencer(5, 4);
  expect(places(sequencer.take([event(8), event(4), event(7), event(8)]))).toEqual([]);
  expect(sequencer.hasHole).toBe(true);
  expect(places(sequencer.take([event(6), event(6)]))).toEqual([6, 7, 8]);
  expect(sequencer.hasHole).toBe(false);
});
