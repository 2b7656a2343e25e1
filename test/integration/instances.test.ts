import { afterAll, beforeAll, expect, it } from 'vitest';
import { appQueue } from '../../lab/asterisk/queues.ts';
import {
  becomesTrue,
  clusterDigit,
  freeTcpPort,
  installSnippets,
  type LabService,
  SipCaller,
  startAsterisk,
  startPostgres,
  startRedis,
} from '../../lab/index.ts';
import { newKeySecret } from '../../lab/ringmaster/settings.ts';
import { type LabRingmaster, startRingmaster } from '../../lab/ringmaster/start.ts';
import type { CallViewData } from '../../src/events/catalogue/index.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { entry, queue } from './support/site.ts';

const stack = new AsyncDisposableStack();
let caller: SipCaller;
let postgres: LabService;
/** By instance. */
let servers: Readonly<Record<'a' | 'b', LabRingmaster>>;

beforeAll(async () => {
  const [asterisk, store, redis] = await Promise.all([
    startAsterisk({
      extraConfig: { 'queues.conf': appQueue('care', ['Local/answer4@lab-agents']) },
      dialplan: '[lab-baselines](+)\nexten => 6100,1,Queue(care)',
    }),
    startPostgres(),
    startRedis(),
  ]);
  postgres = store;
  stack.use(asterisk);
  for (const service of [store, redis]) stack.defer(() => service.stop());
  caller = stack.use(await SipCaller.open(asterisk));
  const shared = {
    asterisk,
    storeUrl: store.url,
    redisUrl: redis.url,
    keySecret: newKeySecret(),
    numbers: [entry],
    queues: [queue],
    mirror: { queues: [{ id: 'care' }] },
    agents: ['answer1', 'answer2', 'answer3', 'answer4'].map((id) => ({
      id,
      name: id,
      endpoint: `Local/${id}@lab-agents`,
      queues: ['support'],
    })),
  };
  const start = async (instanceId: string) => stack.use(await startRingmaster({ ...shared, cluster: { instanceId } }));
  const a = await start('a');
  await owns(a);
  servers = { a, b: await start('b') };
  const agiPort = await freeTcpPort();
  const snippets = { flavour: 'asterisk', prefix: 'rm8', digit: '8', boundMs: 800, fallback: 'Congestion(1)' } as const;
  await installSnippets(asterisk, { ...snippets, url: a.url, agiPort });
}, 120_000);

afterAll(() => stack.disposeAsync());

interface ReadinessBody {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly detail?: string }[];
}

const roleOf = async ({ url }: LabRingmaster): Promise<string | undefined> => {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  const { ok, checks } = ((await answer?.json().catch(() => undefined)) as ReadinessBody | undefined) ?? {};
  return ok === true ? checks?.find(({ name }) => name === 'cluster')?.detail : undefined;
};

/** Serves calls. */
async function owns(server: LabRingmaster): Promise<void> {
  expect(await becomesTrue(async () => (await roleOf(server)) === 'owner', 20_000, 20)).toBe(true);
}

async function standsBy(server: LabRingmaster): Promise<void> {
  expect(await becomesTrue(async () => (await roleOf(server)) === 'standby', 20_000, 20)).toBe(true);
}

const dial = (callerNumber: string, target = '4001') => {
  const sip = caller.call({ target, callerNumber });
  let isOver = false;
  void sip.ended.then(() => (isOver = true));
  return { sip, isOver: () => isOver, callerNumber };
};

/** The live calls, by the number of the caller. */
async function callsOn({ url, key }: LabRingmaster): Promise<ReadonlyMap<string, CallViewData>> {
  const answer = await fetch(`${url}/v1/calls`, { headers: { authorization: `Bearer ${key}` } });
  const { calls } = (await answer.json()) as { readonly calls: readonly CallViewData[] };
  return new Map(calls.map((call) => [call.callerNumber, call]));
}

async function phase(server: LabRingmaster, callerNumber: string, wanted: string): Promise<CallViewData | undefined> {
  let seen: CallViewData | undefined;
  const isThere = async () => {
    seen = (await callsOn(server)).get(callerNumber);
    return seen?.phase === wanted;
  };
  expect(await becomesTrue(isThere, 10_000, 30), `${callerNumber} is ${wanted}; it is ${seen?.phase}`).toBe(true);
  return seen;
}

async function signIn(server: LabRingmaster, agentId: string): Promise<void> {
  const headers = { authorization: `Bearer ${server.key}` };
  const answer = await fetch(`${server.url}/v1/agents/${agentId}/sign-in`, { method: 'POST', headers });
  expect(answer.status).toBe(202);
}

async function wholeLog() {
  const stores = createStores({ url: postgres.url }, { clock: systemClock, rng: systemRng, logger: silent });
  try {
    return await stores.events.read(0, 10_000);
  } finally {
    await stores.release();
  }
}

it('go on with each other’s calls: after a kill, a planned hand-over and a hang, and the log has no hole', async () => {
  const { a, b } = servers;
  await signIn(a, 'answer1');
  const talking = dial('13900020001');
  const talk = await phase(a, talking.callerNumber, 'talking');
  // Of somebody whom app_queue has rung, beside us.
  const beside = dial('13900020004', '6100');
  const mirrored = await phase(a, beside.callerNumber, 'talking');
  expect(mirrored).toMatchObject({ agentId: 'answer4', routedBy: 'app_queue' });
  const waiting = dial('13900020002');
  const wait = await phase(a, waiting.callerNumber, 'waiting');
  await standsBy(b);

  await a.kill9();
  const inTheGap = dial('13900020003', `8${clusterDigit}4001`);
  await owns(b);
  await phase(b, inTheGap.callerNumber, 'waiting');
  expect(await phase(b, talking.callerNumber, 'talking')).toMatchObject({ id: talk?.id });
  expect(await phase(b, waiting.callerNumber, 'waiting')).toMatchObject({ id: wait?.id });
  expect(await phase(b, beside.callerNumber, 'talking')).toMatchObject({ id: mirrored?.id, agentId: 'answer4' });
  await signIn(b, 'answer2');
  await phase(b, waiting.callerNumber, 'talking');

  await a.start();
  await standsBy(a);
  expect(await b.terminate()).toBe(0);
  await owns(a);
  await phase(a, talking.callerNumber, 'talking');
  await phase(a, waiting.callerNumber, 'talking');
  await phase(a, inTheGap.callerNumber, 'waiting');
  expect(await phase(a, beside.callerNumber, 'talking')).toMatchObject({ id: mirrored?.id });

  await b.start();
  await standsBy(b);
  process.kill(a.pid, 'SIGSTOP');
  await owns(b);
  process.kill(a.pid, 'SIGCONT');
  await standsBy(a);
  await signIn(b, 'answer3');
  await phase(b, inTheGap.callerNumber, 'talking');
  const calls = [talking, beside, waiting, inTheGap];
  expect(calls.map(({ isOver }) => isOver())).toEqual([false, false, false, false]);
  for (const { sip } of calls) sip.hangUp();
  await Promise.all(calls.map(({ sip }) => sip.ended));

  const ends = async () => (await wholeLog()).filter(({ type }) => type === 'call.ended.v1').length;
  await expect.poll(ends, { timeout: 5_000 }).toBe(calls.length);
  const log = await wholeLog();
  expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
  for (const { subject } of log.filter(({ type }) => type === 'call.ended.v1')) {
    const told = log.filter((event) => event.subject === subject).map(({ callSequence }) => callSequence);
    expect(told).toEqual(told.map((_, index) => index + 1));
  }
  // The owner that was killed could not say that it had written everything; the one that was asked to go did.
  const gaps = log.filter(({ type }) => type === 'stream.gap.v1');
  expect(gaps).toHaveLength(2);
}, 120_000);
