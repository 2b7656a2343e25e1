import { afterEach, expect, it } from 'vitest';
import { timeZone } from '../../src/calendar/index.ts';
import type { EntryPolicy, Target } from '../../src/call/index.ts';
import { entry } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle, t0 } from '../support/fake-clock.ts';
import { House } from './house.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Closes ten minutes after the test began, by the clock of UTC. */
const span = { fromMs: 0, toMs: (t0 % day) + 10 * minute };
const schedule = {
  id: 'office',
  zone: timeZone('UTC'),
  weekly: Array.from({ length: 7 }, () => [span]),
  exceptions: new Map(),
  specialDays: new Map(),
  holidayHours: [],
  workdayAs: 0,
};

let house: House;
async function open(
  atClosing?: { readonly prompt: readonly string[]; readonly target: Target },
  part: Partial<EntryPolicy> = {},
): Promise<void> {
  const hours = {
    schedule,
    closed: { prompt: [], target: { kind: 'hangup' } as const },
    ...(atClosing ? { atClosing } : {}),
  };
  const queues = [queue('sales', { maxWaitMs: 60 * minute }), queue('service', { maxWaitMs: 60 * minute })];
  house = await House.open({ entries: [{ ...entry, greeting: [], hours, ...part }], queues }, []);
  house.pbx.arrive('caller-1');
  await settle();
  await house.clock.advance(9 * minute);
  expect(house.call.phase).toBe('waiting');
}
afterEach(() => house.assertSound());

const prompt = ['sound:closed'];
const outside = { kind: 'dialplan', context: 'voicemail', extension: 's', priority: 1 } as const;
const heard = async (): Promise<void> => {
  house.pbx.tell({
    kind: 'playbackEnded',
    playbackId: `${house.call.id}.wait${house.call.wait?.plays}`,
    failed: false,
  });
  await settle();
};
const overflows = (): object[] =>
  house.journal.events.filter(({ type }) => type === 'call.overflowed.v1').map(({ data }) => data);

it('who waits stays where the number says nothing', async () => {
  await open();
  await house.clock.advance(20 * minute);
  expect([house.call.phase, overflows()]).toEqual(['waiting', []]);
});

it('who waits hears so, and goes on', async () => {
  await open({ prompt, target: outside });
  await house.clock.advance(minute);
  expect(house.pbx.askedOf('caller-1').slice(-2)).toEqual(['stopMusic', 'play']);
  expect(house.call.phase).toBe('waiting');
  await heard();
  expect(overflows()).toMatchObject([{ reason: 'closed', target: 'dialplan:voicemail,s,1' }]);
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
});

it('another queue goes on with the age, with music, and is not closed again', async () => {
  await open({ prompt, target: { kind: 'queue', queueId: 'service' } });
  await house.clock.advance(minute);
  await heard();
  expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service', queuedAtMs: t0 });
  expect(house.pbx.askedOf('caller-1')).toContain('startMusic');
  await house.clock.advance(5 * minute);
  expect(overflows()).toHaveLength(1);
});

it('an agent who is found during the message has the call; when nothing comes of it the caller goes', async () => {
  await open({ prompt, target: outside });
  await house.clock.advance(minute);
  house.desk.signIn('ann');
  await settle();
  expect(house.call.phase).toBe('offering');
  expect(house.pbx.commands.map(({ kind }) => kind)).toContain('stopPlayback');
  await house.clock.advance(2_000);
  expect(house.call.phase).toBe('offering');
  house.desk.reject(house.call.id, 'ann');
  await settle();
  await house.clock.advance(2_000);
  await heard();
  expect(overflows()).toMatchObject([{ reason: 'closed' }]);
});

it('who is not answered yet goes without a message', async () => {
  await open({ prompt, target: outside }, { answer: 'withAgent' });
  await house.clock.advance(minute);
  expect(overflows()).toMatchObject([{ reason: 'closed' }]);
  expect(house.pbx.askedOf('caller-1')).not.toContain('play');
});

it('a server that starts after closing time sends on who still waits', async () => {
  await open({ prompt, target: outside });
  house.kill();
  await house.clock.advance(5 * minute);
  await house.start();
  house.up();
  await settle();
  await house.clock.advance(minute);
  expect(house.pbx.askedOf('caller-1')).toContain('play');
});
