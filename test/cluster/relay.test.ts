import { expect, it } from 'vitest';
import { StreamRelay } from '../../src/cluster/index.ts';
import type { LogEvent } from '../../src/events/index.ts';
import { callEvent, openLog, settled, silent } from '../events/support.ts';

/** The end of a stream that takes, hangs or refuses as told. */
function streamEnd() {
  const taken: number[] = [];
  const waiting: { readonly take: () => void; readonly refuse: () => void }[] = [];
  const end = {
    up: true,
    isUp: () => end.up,
    append: (events: readonly LogEvent[]) =>
      new Promise<void>((resolve, reject) => {
        const take = () => {
          taken.push(...events.map(({ sequence }) => sequence));
          resolve();
        };
        waiting.push({ take, refuse: () => reject(new Error('refused')) });
      }),
    close: () => {
      end.up = false;
    },
  };
  return { end, taken, waiting };
}

async function committed(count: number): Promise<readonly LogEvent[]> {
  const { log } = await openLog();
  const events: LogEvent[] = [];
  log.onCommitted((batch) => events.push(...batch));
  for (let n = 0; n < count; n += 1) log.write([callEvent(`c${n}`)], []);
  await settled(log);
  return events;
}

const turn = () => new Promise(setImmediate);

it('tells what is committed, and leaves out what a hanging or absent stream cannot take', async () => {
  const { end, taken, waiting } = streamEnd();
  const relay = new StreamRelay(end, silent, { outstandingMax: 4 });
  const events = await committed(9);
  relay.publish([]);
  relay.publish(events.slice(0, 3));
  // Two more would be beyond what may be on its way.
  relay.publish(events.slice(3, 5));
  expect(relay.figures()).toEqual({ told: 0, skipped: 2, failed: 0 });
  waiting[0]?.take();
  await turn();
  relay.publish(events.slice(5, 6));
  waiting[1]?.refuse();
  await turn();
  end.up = false;
  relay.publish(events.slice(6, 8));
  end.up = true;
  relay.publish(events.slice(8));
  waiting[2]?.take();
  await turn();
  expect(taken).toEqual([1, 2, 3, 9]);
  expect(relay.figures()).toEqual({ told: 4, skipped: 4, failed: 1 });
  relay.stop();
  expect(end.up).toBe(false);
});
