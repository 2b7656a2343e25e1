import { expect, it } from 'vitest';
import { CommittedSnapshots, Snapshots } from '../../../src/events/index.ts';
import { breakable, callEvent, ManualClock, memoryStore, openLog, settled } from '../support.ts';

it('gives a state away when the log holds all that it shows, or says that the store is away', async () => {
  const clock = new ManualClock();
  const broken = breakable(memoryStore(clock));
  const { log } = await openLog({ store: broken.store, clock });
  const live = new Snapshots(
    () => ({ calls: [], agents: [], queues: [] }),
    () => log.lastAssigned,
    clock,
  );
  const committed = new CommittedSnapshots(live, log, clock);
  expect(committed.take()).toMatchObject({ sequence: 0 });
  log.write([callEvent('c1'), callEvent('c2')], []);
  let told = false;
  const taken = Promise.resolve(committed.take()).finally(() => (told = true));
  expect(told).toBe(false);
  await settled(log);
  expect(await taken).toMatchObject({ sequence: 2 });
  broken.away = true;
  log.write([callEvent('c3')], []);
  const never = Promise.resolve(committed.take()).catch((error: unknown) => error);
  clock.advance(10_000);
  expect(await never).toMatchObject({ code: 'events.store_away' });
});
