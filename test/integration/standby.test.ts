import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type FedOwner,
  fedConfig,
  type LabService,
  SeenLog,
  sharedByInstances,
  startFedOwner,
  startPostgres,
  startRedis,
  WanderingReader,
} from '../../lab/index.ts';
import type { Ownership } from '../../src/cluster/ports.ts';
import type { Server } from '../../src/compose.ts';
import { startStandby } from '../../src/compose-standby.ts';
import { systemClock, systemRng, systemStopwatch } from '../../src/kernel/index.ts';
import { Client } from '../events/sockets.ts';
import { agentEvent, silent } from '../events/support.ts';

const keySecret = 'integration-secret-that-is-long-enough-0123';
const key = `rmk_lab_${keySecret}`;
const parts = {
  clock: systemClock,
  rng: systemRng,
  stopwatch: systemStopwatch,
  logger: silent,
  env: {},
  version: '0.0.0',
  signal: new AbortController().signal,
};

let postgres: LabService;
let redis: LabService;
let owner: FedOwner;
let standby: Server;
let shared: ReturnType<typeof sharedByInstances>;
/** Who the standby thinks owns the shard. */
let known: Ownership | undefined;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const shard = { storeUrl: postgres.url, redisUrl: redis.url, keySecret };
  owner = await startFedOwner(fedConfig(shard, 'a'));
  known = { url: owner.url, instanceId: 'a' };
  const config = fedConfig({ ...shard, server: { trustedProxies: ['127.0.0.2'] } }, 'b');
  shared = sharedByInstances(config);
  standby = await startStandby(config, parts, { current: () => known }, shared);
  await until(async () => (await fetch(`${standby.url}/readyz`)).ok);
}, 60_000);
afterAll(async () => {
  await standby?.stop();
  shared?.used.stop();
  await owner?.stop();
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const socketsOf = ({ url }: { readonly url: string }): string => `${url.replace('http', 'ws')}/v1/events`;

async function reader(server: { readonly url: string }, token = key): Promise<Client> {
  const client = new Client(socketsOf(server));
  await client.opened();
  client.send({ type: 'auth', token });
  await client.next('hello');
  return client;
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

it('answers for itself, and says who owns the shard', async () => {
  const report = (await (await fetch(`${standby.url}/readyz`)).json()) as {
    checks: { name: string; detail?: string }[];
  };
  expect(report.checks.find(({ name }) => name === 'cluster')?.detail).toBe('standby');
  expect(report.checks.find(({ name }) => name === 'owner')?.detail).toBe('a');
  expect((await fetch(`${standby.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${standby.url}/`)).headers.get('content-security-policy')).toContain("script-src 'self'");
  const metrics = await fetch(`${standby.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect(await metrics.text()).toContain('ringmaster_follower_lag_events 0');
  expect((await fetch(`${standby.url}/metrics`)).status).toBe(401);
});

it('hands requests on to the owner with their body, and nothing that a client says of proxies', async () => {
  const answer = await fetch(`${standby.url}/v1/calls/x/hold?why=a%20b`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer anything',
      'content-type': 'application/json',
      'x-forwarded-for': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
      'x-real-ip': '203.0.113.9',
    },
    body: '{"a":1}',
  });
  expect(answer.status).toBe(202);
  expect(answer.headers.get('x-said-by')).toBe('owner');
  const { method, url, headers, body } = (await answer.json()) as Echo;
  expect({ method, url, body }).toEqual({ method: 'POST', url: '/v1/calls/x/hold?why=a%20b', body: '{"a":1}' });
  expect(headers).toMatchObject({ authorization: 'Bearer anything', 'x-forwarded-for': '127.0.0.1' });
  expect(headers).toMatchObject({ 'x-forwarded-proto': 'http', 'x-ringmaster-instance': 'b' });
  expect(headers).not.toHaveProperty('forwarded');
  expect(headers).not.toHaveProperty('x-real-ip');
  const large = await fetch(`${standby.url}/v1/calls`, { method: 'POST', body: 'x'.repeat(70_000) });
  expect(large.status).toBe(413);
});

it('drops the headers of one connection, and believes a proxy that the config names', async () => {
  const heard = await new Promise<Echo>((resolve, reject) => {
    const { hostname, port } = new URL(standby.url);
    const headers = { connection: 'close, x-mine', 'x-mine': '1', te: 'trailers', 'x-forwarded-for': '203.0.113.9' };
    httpRequest({ hostname, port, path: '/v1/calls', headers, localAddress: '127.0.0.2' }, (response) => {
      expect(response.headers).not.toHaveProperty('x-own');
      response.setEncoding('utf8').on('data', (text: string) => resolve(JSON.parse(text) as Echo));
    })
      .on('error', reject)
      .end();
  });
  expect(heard.headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.2');
  expect(heard.headers).not.toHaveProperty('x-mine');
  expect(heard.headers).not.toHaveProperty('te');
});

/** What the standby says of the owner's state: readers who come new need it. */
async function snapshotCode(): Promise<string | undefined> {
  const answer = await fetch(`${standby.url}/readyz`);
  const { checks } = (await answer.json()) as { checks: { name: string; optional: boolean; code?: string }[] };
  const check = checks.find(({ name }) => name === 'snapshot');
  expect(check?.optional).toBe(true);
  return check?.code;
}

it('refuses what was handed on already, and says when there is no owner or it cannot be reached', async () => {
  const asked = async (init?: RequestInit) => {
    const answer = await fetch(`${standby.url}/v1/calls`, init);
    const { error } = (await answer.json()) as { error: { code: string } };
    return [answer.status, error.code, answer.headers.get('retry-after')];
  };
  const looped = await asked({ headers: { 'x-ringmaster-instance': 'a' } });
  expect(looped).toEqual([503, 'cluster.owner_changing', '1']);
  const before = known;
  try {
    known = undefined;
    expect(await snapshotCode()).toBeUndefined();
    expect(await asked()).toEqual([503, 'cluster.no_owner', '1']);
    const client = await reader(standby);
    client.send({ type: 'subscribe', id: 's' });
    expect((await client.next('error')).code).toBe('cluster.no_owner');
    await client.close();
    await expect.poll(snapshotCode).toBe('cluster.no_owner');
    known = { url: 'http://127.0.0.1:9', instanceId: 'gone' };
    expect(await asked()).toEqual([502, 'cluster.owner_unreachable', '1']);
  } finally {
    known = before;
  }
});

it('serves the owner’s events under the owner’s sequences, with a snapshot of the owner first', async () => {
  const client = await reader(standby);
  client.send({ type: 'subscribe', id: 's' });
  const snapshot = await client.next('snapshot');
  expect(snapshot['epoch']).toBe(owner.log.epoch);
  for (let n = 0; n < 20; n += 1) owner.log.write([agentEvent(`a${n}`)], []);
  await client.until(() => client.sequences().length === 20);
  const from = snapshot.sequence ?? -1;
  expect(client.sequences()).toEqual(Array.from({ length: 20 }, (_, n) => from + 1 + n));
  await client.close();
});

it('lets a reader of the owner go on where it was, also while it is a little behind', async () => {
  const first = await reader(owner);
  first.send({ type: 'subscribe', id: 's' });
  await first.next('snapshot');
  owner.log.write([agentEvent('b1'), agentEvent('b2')], []);
  await first.until(() => first.sequences().length === 2);
  await first.close();
  const second = await reader(standby);
  // Ahead of the standby: these are written while it is asked.
  const ahead = owner.log.lastAssigned + 3;
  second.send({ type: 'subscribe', id: 's', resume: { epoch: owner.log.epoch, sequence: ahead } });
  owner.log.write([agentEvent('b3'), agentEvent('b4'), agentEvent('b5'), agentEvent('b6')], []);
  const subscribed = await second.next('subscribed');
  expect(subscribed).toMatchObject({ recovered: true, sequence: ahead });
  await second.until(() => second.sequences().length === 1);
  expect(second.sequences()).toEqual([ahead + 1]);
  await second.close();
});

it('keeps the place of a durable consumer across instances', async () => {
  const durable = { type: 'subscribe', id: 's', consumer: 'bi' };
  const first = await reader(standby);
  first.send(durable);
  await first.next('subscribed');
  owner.log.write([agentEvent('c1'), agentEvent('c2'), agentEvent('c3')], []);
  await first.until(() => first.sequences().length === 3);
  const [, acknowledged = 0] = first.sequences();
  first.send({ type: 'ack', id: 's', sequence: acknowledged });
  first.send({ type: 'ping' });
  await first.next('pong');
  await first.close();
  // Written behind the reader's back; a reader who is faster gets one again, which consumers must bear anyway.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const second = await reader(owner);
  second.send(durable);
  await second.until(() => second.sequences().length === 1);
  expect(second.sequences()).toEqual([acknowledged + 1]);
  await second.close();
});

it('takes tickets that the owner gave out, each once at all instances together', async () => {
  const principal = { id: 'crm', kind: 'integration' as const, scopes: ['events:read'] };
  const { ticket } = await owner.access.signIn.tickets.issue({ principal });
  const client = await reader(standby, ticket);
  expect((await client.next('hello'))['principal']).toEqual({ id: 'crm', kind: 'integration' });
  await client.close();
  for (const server of [owner, standby]) {
    const late = new Client(socketsOf(server));
    await late.opened();
    late.send({ type: 'auth', token: ticket });
    expect(await late.closed()).toBe(4401);
  }
});

it('readers who keep coming back at the other instance lose nothing and get nothing twice', async () => {
  const seen = new SeenLog();
  const urls = [owner.url, standby.url];
  const readers = Array.from({ length: 10 }, (_, n) => new WanderingReader(urls, key, seen, n));
  await Promise.all(readers.map((each) => each.connect()));
  let writing = true;
  const written = (async () => {
    while (writing) {
      owner.log.write([agentEvent('w1'), agentEvent('w2'), agentEvent('w3')], []);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await Promise.all(
    readers.map(async (each, n) => {
      for (let moves = 0; moves < 6; moves += 1) {
        await new Promise((resolve) => setTimeout(resolve, 40 + 7 * n));
        await each.moveOn((moves + n) % 2 === 0);
      }
    }),
  );
  writing = false;
  await written;
  await until(() => readers.every(({ last }) => last === owner.log.lastAssigned));
  for (const each of readers) {
    each.leave();
    expect(each.counts).toMatchObject({ reconnects: 6, lost: 0, twice: 0, different: 0, unrecovered: 0 });
    expect(Math.min(...each.counts.from)).toBeGreaterThan(0);
  }
  expect(seen.repeatedIds()).toBe(0);
}, 30_000);
