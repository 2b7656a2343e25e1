import { expect, it } from 'vitest';
import { createQueuePort } from '../../src/ami/index.ts';
import type { QueueSnapshot } from '../../src/mirror/ports.ts';
import { settle } from '../support/fake-clock.ts';
import { linkOverMemory, silent } from './fakes.ts';

function watched() {
  const memory = linkOverMemory();
  const told: string[] = [];
  const snapshots: QueueSnapshot[] = [];
  const port = createQueuePort(
    memory.link,
    { queues: ['care'], resyncRetryMs: 2_000, rereadMs: 5_000 },
    { clock: memory.clock, log: silent },
  );
  port.listen({
    fact: ({ kind }) => told.push(kind),
    reading: () => told.push('reading'),
    snapshot: (snapshot) => {
      told.push('snapshot');
      snapshots.push(snapshot);
    },
    lost: () => told.push('lost'),
  });
  memory.link.start();
  /** Answers a list that was asked for. */
  const list = async (action: string, ...events: string[]): Promise<void> => {
    memory.session().answer(action, 'EventList: start');
    const id = memory.session().action(action).get('ActionID');
    for (const event of [...events, `Event: Done|EventList: Complete`]) {
      memory.session().say(`${event.replaceAll('|', '\r\n')}\r\nActionID: ${id}\r\n\r\n`);
    }
    await settle();
  };
  return { ...memory, port, told, snapshots, list };
}

const member = 'Event: QueueMember|Queue: care|Location: PJSIP/1001|Status: 1|Paused: 0|PausedReason: ';
const entry = 'Event: QueueEntry|Queue: care|Uniqueid: 1.0|CallerIDNum: 139|Wait: 12';

it('reads queues and channels after up, with the facts that come meanwhile', async () => {
  const { session, told, snapshots, list } = watched();
  await session().goUp();
  session().say('Event: Hangup\r\nUniqueid: 9.9\r\n\r\n');
  await list(
    'QueueStatus',
    'Event: QueueParams|Queue: care',
    member,
    entry,
    'Event: QueueMember|Queue: other|Location: x',
  );
  await list('Status', 'Event: Status|Channel: PJSIP/t-1|Uniqueid: 1.0|Application: Queue|Data: care');
  expect(told).toEqual(['reading', 'channelGone', 'snapshot']);
  expect(snapshots[0]).toMatchObject({
    nodeId: 'node1',
    queues: [{ queue: 'care', members: [{ interface: 'PJSIP/1001' }], waiting: [{ waitedMs: 12_000 }] }],
    channels: { held: [{ role: 'caller', queue: 'care' }] },
  });
  expect(snapshots[0]?.queues[0]?.members).toHaveLength(1);
});

it('does without channels where it may not list them, and does not ask again', async () => {
  const { session, snapshots, told, list } = watched();
  await session().goUp();
  await list('QueueStatus', member);
  const id = session().action('Status').get('ActionID');
  session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Permission denied\r\n\r\n`);
  await settle();
  expect(snapshots[0]?.channels).toBeUndefined();
  session().say('Event: FullyBooted\r\nUptime: 1\r\n\r\n');
  await settle();
  await list('QueueStatus', member);
  expect(told.filter((what) => what === 'snapshot')).toHaveLength(2);
});

it('tries a reading again that failed, and begins anew after the link was lost', async () => {
  const { clock, session, told, list } = watched();
  await session().goUp();
  const id = session().action('QueueStatus').get('ActionID');
  session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: No such queue\r\n\r\n`);
  await settle();
  expect(told).toEqual(['reading']);
  await clock.advance(2_000);
  expect(told).toEqual(['reading', 'reading']);
  session().drop();
  expect(told.at(-1)).toBe('lost');
  await clock.advance(500);
  await session().goUp();
  await list('QueueStatus', member);
  await list('Status');
  expect(told.slice(-2)).toEqual(['reading', 'snapshot']);
});

it('pauses with the reason, and tells what the PBX makes of it', async () => {
  const { session, port } = watched();
  const where = { nodeId: 'node1', queue: 'care', interface: 'PJSIP/1001' };
  expect(await port.pause(where, { paused: true, reason: '' })).toMatchObject({ ok: false, lost: true });
  await session().goUp();
  const asked = port.pause(where, { paused: true, reason: 'lunch' });
  const action = session().action('QueuePause');
  expect(['Queue', 'Interface', 'Paused', 'Reason'].map((key) => action.get(key))).toEqual([
    'care',
    'PJSIP/1001',
    'true',
    'lunch',
  ]);
  session().answer('QueuePause');
  expect(await asked).toEqual({ ok: true });
  const refused = port.pause(where, { paused: false, reason: '' });
  expect(session().action('QueuePause').has('Reason')).toBe(false);
  const id = session().action('QueuePause').get('ActionID');
  session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Interface not found\r\n\r\n`);
  expect(await refused).toEqual({ ok: false, reason: 'Interface not found', lost: false });
});

it('reads anew from time to time, and soon after a reload, which changes members without a word', async () => {
  const { clock, session, told, list, port } = watched();
  await session().goUp();
  await list('QueueStatus', member);
  await list('Status');
  const readings = (): number => told.filter((what) => what === 'reading').length;
  await clock.advance(4_000);
  expect(readings()).toBe(1);
  await clock.advance(1_000);
  expect(readings()).toBe(2);
  await list('QueueStatus', member);
  await list('Status');
  for (let modules = 0; modules < 3; modules += 1)
    session().say('Event: Reload\r\nModule: app_queue.so\r\nStatus: 0\r\n\r\n');
  await clock.advance(1_000);
  expect(readings()).toBe(3);
  // Asked for while it reads: once more afterwards, for what was read may be older.
  port.reread();
  await list('QueueStatus', member);
  await list('Status');
  expect(readings()).toBe(3);
  await clock.advance(1_000);
  expect(readings()).toBe(4);
  expect(port.figures()).toMatchObject({ readings: 3, failed: 0 });
});

it('asks for channels again after the link was lost: the rights may be others', async () => {
  const { clock, session, snapshots, list } = watched();
  await session().goUp();
  await list('QueueStatus', member);
  const id = session().action('Status').get('ActionID');
  session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Permission denied\r\n\r\n`);
  await settle();
  session().drop();
  await clock.advance(500);
  await session().goUp();
  await list('QueueStatus', member);
  await list('Status');
  expect(snapshots.map(({ channels }) => channels !== undefined)).toEqual([false, true]);
});

it('tells of Local channels that have left a conversation, when they have', async () => {
  const { session, told } = watched();
  await session().goUp();
  const begin = (id: number): string =>
    `Event: LocalOptimizationBegin\r\nLocalOneUniqueid: 1.1\r\nLocalTwoUniqueid: 1.2\r\nSourceUniqueid: 1.3\r\nDestUniqueId: 1.2\r\nId: ${id}\r\n\r\n`;
  const end = (id: number, success: string): string =>
    `Event: LocalOptimizationEnd\r\nLocalOneUniqueid: 1.1\r\nLocalTwoUniqueid: 1.2\r\nSuccess: ${success}\r\nId: ${id}\r\n\r\n`;
  session().say(begin(1) + begin(2) + end(1, 'No') + end(3, 'Yes'));
  await settle();
  expect(told).not.toContain('channelReplaced');
  session().say(end(2, 'Yes'));
  await settle();
  expect(told).toContain('channelReplaced');
});
