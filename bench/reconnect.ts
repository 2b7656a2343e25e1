import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { SeenLog, startPostgres, startRedis, WanderingReader } from '../lab/index.ts';
import type { News, Order } from './reconnect-server.ts';

export const description =
  'readers who keep coming back at the other of two instances while events flow: what is lost, what comes twice';

const consumers = 50;
const reconnectsEach = 100;
const perSecond = 1_000;
/** Each reader moves so often; together they do at twice the number of readers a second. */
const stayMs = 500;
const settleMaxMs = 20_000;
const keySecret = 'bench-secret-that-is-long-enough-0123456789';

/** A process whose messages are read in order. */
class Instance {
  private readonly child: ChildProcess;

  constructor() {
    this.child = fork(new URL('reconnect-server.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  tell(order: Order): void {
    this.child.send(order);
  }

  async hear(): Promise<News> {
    const [news] = (await once(this.child, 'message')) as [News];
    return news;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}

export async function run({ log }: { json: boolean; log: (line: string) => void }): Promise<{
  name: string;
  figures: Record<string, number>;
  ratios: Record<string, number>;
  ok: boolean;
}> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const owner = new Instance();
  const standby = new Instance();
  try {
    const shard = { storeUrl: postgres.url, redisUrl: redis.url, keySecret };
    const urls: string[] = [];
    for (const [instance, be] of [
      [owner, 'owner'],
      [standby, 'standby'],
    ] as const) {
      instance.tell(be === 'owner' ? { be, shard } : { be, shard, ownerUrl: urls[0] ?? '' });
      const news = await instance.hear();
      urls.push('url' in news ? news.url : '');
    }
    log(`owner ${urls[0]}, standby ${urls[1]}`);
    const figures = await measure(owner, urls, log);
    const { lost, twice, unrecovered } = figures;
    return { name: 'reconnect', figures, ratios: {}, ok: lost + twice + unrecovered === 0 };
  } finally {
    owner.end();
    standby.end();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

async function measure(owner: Instance, urls: readonly string[], log: (line: string) => void) {
  const seen = new SeenLog();
  const readers = Array.from(
    { length: consumers },
    (_, n) => new WanderingReader(urls, `rmk_lab_${keySecret}`, seen, n),
  );
  await Promise.all(readers.map((reader) => reader.connect()));
  owner.tell({ perSecond });
  const startedMs = performance.now();
  await Promise.all(readers.map((reader, n) => wander(reader, n)));
  const secondsOfEvents = (performance.now() - startedMs) / 1000;
  owner.tell({ perSecond: 0 });
  const news = await owner.hear();
  const { written, sequence } = 'written' in news ? news : { written: 0, sequence: 0 };
  log(`${written} events in ${secondsOfEvents.toFixed(1)} s; the readers catch up`);
  const settledMs = performance.now();
  while (readers.some(({ last = 0 }) => last < sequence) && performance.now() - settledMs < settleMaxMs)
    await pause(20);
  const sum = (pick: (reader: WanderingReader) => number): number => readers.reduce((all, one) => all + pick(one), 0);
  const behind = sum(({ last = 0 }) => sequence - last);
  for (const reader of readers) reader.leave();
  return {
    reconnects: reconnectsEach,
    consumers,
    reconnectsTotal: sum(({ counts }) => counts.reconnects),
    eventsPerSecond: Math.round(written / secondsOfEvents),
    events: written,
    deliveredByOwner: sum(({ counts }) => counts.from[0] ?? 0),
    deliveredByStandby: sum(({ counts }) => counts.from[1] ?? 0),
    lost: sum(({ counts }) => counts.lost) + behind,
    twice: sum(({ counts }) => counts.twice + counts.different) + seen.repeatedIds(),
    unrecovered: sum(({ counts }) => counts.unrecovered),
  };
}

/** Stays, and goes to the other instance; every other time without a word. */
async function wander(reader: WanderingReader, n: number): Promise<void> {
  await pause((stayMs / consumers) * n);
  for (let moved = 0; moved < reconnectsEach; moved += 1) {
    await reader.moveOn((moved + n) % 2 === 0);
    await pause(stayMs);
  }
}
