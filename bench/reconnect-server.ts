/** One instance of `bench -- reconnect`, a process of its own. Told by messages what it is, and when to write. */
import { fedConfig, type FedShard, sharedByInstances, startFedOwner } from '../lab/index.ts';
import { startStandby } from '../src/compose-standby.ts';
import { systemClock, systemRng, systemStopwatch } from '../src/kernel/index.ts';
import { createLogger } from '../src/observability/index.ts';

export type Order =
  | { readonly be: 'owner'; readonly shard: FedShard }
  | { readonly be: 'standby'; readonly shard: FedShard; readonly ownerUrl: string }
  /** Writes at this rate until told another. Answered by `written` when it is 0. */
  | { readonly perSecond: number };

export type News = { readonly url: string } | { readonly written: number; readonly sequence: number };

const writeEveryMs = 10;
const say = (news: News): void => void process.send?.(news);

const event = (n: number) => ({
  type: 'agent.state.v1' as const,
  subject: `agent/a${n % 500}`,
  atMs: Date.now(),
  data: {
    agent: {
      id: `a${n % 500}`,
      version: n,
      name: `Agent ${n % 500}`,
      presence: 'available',
      routing: 'idle',
      device: 'notInUse',
      sinceMs: Date.now(),
      skills: { billing: 80 },
      queues: ['support'],
    },
  },
});

let perSecond = 0;

async function own(shard: FedShard): Promise<void> {
  const { url, log } = await startFedOwner(fedConfig(shard, 'a'));
  let written = 0;
  let due = 0;
  let lastMs = performance.now();
  let reported = true;
  setInterval(() => {
    const nowMs = performance.now();
    due += ((nowMs - lastMs) * perSecond) / 1000;
    lastMs = nowMs;
    const count = Math.floor(due);
    due -= count;
    const events = Array.from({ length: count }, (_, n) => event(written + n));
    if (count > 0 && !log.write(events, [])) throw new Error('the log is full');
    written += count;
    if (perSecond > 0) reported = false;
    else if (!reported && log.lastCommitted === log.lastAssigned) {
      reported = true;
      say({ written, sequence: log.lastCommitted });
    }
  }, writeEveryMs);
  say({ url });
}

async function standBy(shard: FedShard, ownerUrl: string): Promise<void> {
  const system = { clock: systemClock, rng: systemRng, stopwatch: systemStopwatch, env: {}, version: '0.0.0' };
  const logger = createLogger({ level: 'error', showPii: false });
  const parts = { ...system, logger, signal: new AbortController().signal };
  const owner = { url: ownerUrl, instanceId: 'a' };
  const config = fedConfig(shard, 'b');
  const { url } = await startStandby(config, parts, { current: () => owner }, sharedByInstances(config));
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
  say({ url });
}

process.on('message', (order: Order) => {
  if ('perSecond' in order) perSecond = order.perSecond;
  else void (order.be === 'owner' ? own(order.shard) : standBy(order.shard, order.ownerUrl));
});
process.on('disconnect', () => process.exit(0));
