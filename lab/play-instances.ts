import { startAsterisk, startPostgres, startRedis, becomesTrue } from './index.ts';
import { startRingmaster } from './ringmaster/start.ts';
import { newKeySecret } from './ringmaster/settings.ts';
import { readFileSync } from 'node:fs';
const fallback = 'dialplan:ringmaster-fallback,s,1';
await using stack = new AsyncDisposableStack();
const asterisk = stack.use(await startAsterisk());
const postgres = await startPostgres(); stack.defer(() => postgres.stop());
const redis = await startRedis(); stack.defer(() => redis.stop());
const shared = { asterisk, storeUrl: postgres.url, redisUrl: redis.url, keySecret: newKeySecret(),
  numbers: [{ id: 'hotline', number: '4001', queue: 'support', answer: 'atEntry', fallback }],
  queues: [{ id: 'support', ringTimeoutMs: '10s', maxWaitMs: '120s', wrapUpMs: 0, overflow: fallback, noAnswerLimit: 100 }],
  agents: [1,2].map((n) => ({ id: `a${n}`, name: `a${n}`, endpoint: `Local/answer${n}@agents`, queues: ['support'] })) };
const t0 = performance.now();
const a = stack.use(await startRingmaster({ ...shared, cluster: { instanceId: 'a' } }));
const b = stack.use(await startRingmaster({ ...shared, cluster: { instanceId: 'b' } }));
console.log('both up', performance.now() - t0);
const ready = async (url: string) => (await (await fetch(`${url}/readyz`).catch(() => undefined))?.text()) ?? '';
const owns = async (url: string) => (await ready(url)).includes('ari:pbx1') && (await fetch(`${url}/readyz`)).ok;
let owner = a, other = b;
console.log('owner', await becomesTrue(() => owns(a.url), 10000), performance.now() - t0);
console.log(await ready(a.url), await ready(b.url));
try {
for (const way of ['kill', 'term'] as const) {
  const t = performance.now();
  if (way === 'kill') await owner.kill9(); else process.kill(owner.pid, 'SIGTERM');
  console.log(way, 'took over', await becomesTrue(() => owns(other.url), 10000, 10), performance.now() - t);
  await new Promise((r) => setTimeout(r, 2500));
  await owner.start().catch((e) => console.log(String(e)));
  [owner, other] = [other, owner];
  await new Promise((r) => setTimeout(r, 1000));
}
} finally {
for (const s of [a, b]) console.log(readFileSync(s.logPath, 'utf8').split('\n').map((l) => l.slice(0, 260)).join('\n'), '\n----');
}
