import { afterEach, expect, it } from 'vitest';
import { entry, menuFlow } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

const menu = {
  prompt: ['sound:menu'],
  promptMaxMs: 30_000,
  keys: { '2': { target: { kind: 'queue', queueId: 'service' }, label: 'Service', data: { topic: 'service' } } },
  timeoutMs: 5_000,
  attempts: 2,
  wrongKey: [],
  otherwise: { kind: 'queue', queueId: 'sales' },
} as const;
const options = {
  entries: [{ ...entry, greeting: [], flow: menuFlow(menu) }],
  queues: [queue('sales'), queue('service')],
};

let house: House;
afterEach(() => {
  house.assertSound();
});

async function inMenu(): Promise<void> {
  house = await House.open(options, []);
  house.pbx.arrive('caller-1');
  await settle();
  expect(house.call).toMatchObject({ phase: 'arriving', flow: { stage: 'prompt' } });
}

const press = (key: string): void => house.pbx.tell({ kind: 'keyPressed', legId: 'caller-1', key });
const plays = (): string[] =>
  house.pbx.commands.flatMap((command) => (command.kind === 'play' ? [command.playbackId] : []));

it('a key leads to its queue, and every reader sees the way', async () => {
  await inMenu();
  press('2');
  await settle();
  expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service' });
  const view = house.desk.call(house.call.id)?.call;
  expect(view).toMatchObject({
    data: { topic: 'service' },
    menuPath: [{ menu: 'main', key: '2', label: 'Service' }],
  });
});

it('the end of a prompt finds its call; silence leads to the queue of the number', async () => {
  await inMenu();
  house.pbx.tell({ kind: 'playbackEnded', playbackId: plays()[0] ?? '', failed: false });
  await house.clock.advance(4_999);
  expect(plays()).toHaveLength(1);
  await house.clock.advance(1);
  expect(plays()).toHaveLength(2);
  await house.clock.advance(35_000);
  expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'sales' });
});

it('killed in the menu: the caller is asked anew, and the old prompt is cut', async () => {
  await inMenu();
  await house.restart();
  const [first = '', second] = plays();
  expect(house.call).toMatchObject({ phase: 'arriving', flow: { stage: 'prompt', attempt: 1 } });
  expect(second).not.toBe(first);
  expect(house.pbx.commands).toContainEqual({ kind: 'stopPlayback', playbackId: first });
  press('2');
  await settle();
  expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service' });
});

it('killed after the choice, with an empty store: the way is read from the channel', async () => {
  await inMenu();
  press('2');
  await settle();
  house.journal.lose();
  await house.restart();
  expect(house.call).toMatchObject({ queueId: 'service', menuPath: [{ key: '2', label: 'Service' }] });
});

it('the link breaks in the menu: asked anew after it', async () => {
  await inMenu();
  house.pbx.down();
  press('2');
  await house.clock.advance(2_000);
  house.pbx.up();
  await settle();
  expect(house.call.flow).toMatchObject({ stage: 'prompt', attempt: 1, plays: 2 });
});

it('the link is away for longer than the menu: the default, and queued properly when it is back', async () => {
  await inMenu();
  house.pbx.down();
  await house.clock.advance(120_000);
  expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'sales' });
  house.pbx.up();
  await settle();
  house.desk.signIn('ann');
  await settle();
  expect(house.call.phase).toBe('offering');
});

it('a server without room for more asks nobody to choose', async () => {
  house = await House.open({ ...options, callsMax: 0 }, []);
  const caller = { legId: 'caller-1', callerNumber: '1', dialledNumber: '4001', answered: true };
  house.pbx.legs.set('caller-1', { ...caller, variables: {} });
  house.pbx.tell({ kind: 'legArrived', ...caller, callerName: '', args: [] });
  await settle();
  expect([house.calls, plays()]).toEqual([[], []]);
  expect(house.journal.types('call.menu')).toEqual([]);
  expect(house.pbx.askedOf('caller-1')).toEqual(['leave']);
});

it('draining in the menu: to the fallback', async () => {
  await inMenu();
  house.board.drain();
  await settle();
  expect(house.calls).toEqual([]);
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
});
