import { afterEach, describe, expect, it } from 'vitest';
import { fictionalMobile, freeTcpPort, startPostgres, startRedis, startSampleCrm } from '../../lab/index.ts';
import { readiness } from './support/readiness.ts';
import { checkStory, Site } from './support/site.ts';
import { StreamReader } from './support/stream-reader.ts';

const deadline = { timeout: 15_000, interval: 50 };
const customer = fictionalMobile(1);

const stack: AsyncDisposable[] = [];

afterEach(async () => {
  for (const part of stack.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

function use<Part extends AsyncDisposable>(part: Part): Part {
  stack.push(part);
  return part;
}

describe('Redis', () => {
  it('that is away at the start: calls go on, and readiness says so without turning the server away', async () => {
    const redisUrl = `redis://127.0.0.1:${await freeTcpPort()}`;
    const crm = use(await startSampleCrm());
    const site = use(await Site.open({ crm, redisUrl, locals: { answer: 2 } }));
    await expect
      .poll(() => readiness(site.server), deadline)
      .toMatchObject({ status: 200, checks: { redis: 'lookup.redis_down' } });
    await site.signIn('local-answer');
    const { id } = await site.arrive({ number: customer });
    expect((await site.see('call.offered.v1', id)).data.customer.customer?.name).toBe('王秀英');
    await site.see('call.connected.v1', id);
    await site.clear();
  });

  it('that dies in mid-run: calls go on, and it is used again when it is back', async () => {
    const crm = use(await startSampleCrm());
    const redis = use(await startRedis());
    const site = use(await Site.open({ crm, redisUrl: redis.url, locals: { answer: 4 } }));
    const serve = async (number: string): Promise<string | undefined> => {
      const { id } = await site.arrive({ number });
      await site.see('call.connected.v1', id);
      await site.command(id, 'hang-up');
      await site.ended(id);
      return (await site.see('call.offered.v1', id)).data.customer.customer?.name;
    };
    await site.signIn('local-answer');
    expect(await serve(customer)).toBe('王秀英');
    await redis.kill9();
    await expect.poll(async () => (await readiness(site.server)).checks['redis'], deadline).toBe('lookup.redis_down');
    expect(await serve(fictionalMobile(2))).toBe('李伟');
    await redis.restart();
    await expect.poll(async () => (await readiness(site.server)).checks['redis'], deadline).toBe('up');
    expect(await serve(fictionalMobile(3))).toBe('张敏');
    await site.clear();
  });
});

describe('PostgreSQL as the store', () => {
  it('that dies for a while: calls go on, events wait, readiness drops, and nothing is lost', async () => {
    const postgres = use(await startPostgres());
    const store = { deadlineMs: '1s' };
    const site = use(await Site.open({ storeUrl: postgres.url, store, locals: { answer: 4 } }));
    await using archive = await StreamReader.open(site.server.url, site.server.key, { consumer: 'archive' });
    const before = await site.enqueue();

    await postgres.kill9();
    await site.signIn('local-answer');
    const isTalking = async () => (await site.liveCalls()).find(({ id }) => id === before.id)?.phase;
    await expect.poll(isTalking, deadline).toBe('talking');
    const { sip, number } = site.dial();
    expect(await sip.answered).toBe(200);
    await expect.poll(async () => (await site.liveCalls()).length, deadline).toBe(2);
    await expect
      .poll(() => readiness(site.server), deadline)
      .toMatchObject({ status: 503, checks: { store: expect.stringMatching(/^storage\./) } });
    // Nobody hears of what is not in the log yet.
    expect(site.room.ofCall(before.id).map(({ type }) => type)).not.toContain('call.connected.v1');
    sip.hangUp();
    await sip.ended;

    await postgres.restart();
    await expect.poll(async () => (await readiness(site.server)).status, deadline).toBe(200);
    await site.command(before.id, 'hang-up');
    await site.ended(before.id, 15_000);
    const during = await site.room.callFrom(number);
    await site.ended(during);
    for (const id of [before.id, during]) checkStory(site.room.ofCall(id));
    const last = site.room.events.at(-1)?.sequence ?? 0;
    await expect.poll(() => Number(archive.events.at(-1)?.sequence), deadline).toBeGreaterThanOrEqual(last);
    const sequences = archive.events.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(sequences.map((_, index) => (sequences[0] ?? 0) + index));
    expect(archive.events.map(({ type }) => type)).not.toContain('stream.gap.v1');
    await site.clear();
  });
});

describe('a store that is away for too long', () => {
  it('calls go on, the loss is counted and announced, and what follows is complete', async () => {
    const postgres = use(await startPostgres());
    const store = { deadlineMs: '1s', bufferEvents: 100 };
    const site = use(await Site.open({ storeUrl: postgres.url, store, locals: { answer: 4 } }));
    await site.signIn('local-answer');
    await postgres.kill9();
    // A call makes some ten events and states: far more than the buffer holds.
    for (let index = 0; index < 20; index += 1) {
      const { sip } = site.dial();
      expect(await sip.answered).toBe(200);
      await expect.poll(async () => (await site.liveCalls())[0]?.phase, deadline).toBe('talking');
      sip.hangUp();
      await sip.ended;
      await expect.poll(async () => (await site.liveCalls()).length, deadline).toBe(0);
    }
    await postgres.restart();
    const gap = await site.room.waitFor('stream.gap.v1', undefined, 15_000);
    expect(gap.data.reason).toBe('bufferFull');
    expect(gap.data.lost).toBeGreaterThan(0);
    await expect.poll(async () => (await readiness(site.server)).status, deadline).toBe(200);
    const { id } = await site.arrive();
    await site.see('call.connected.v1', id);
    await site.command(id, 'hang-up');
    await site.ended(id);
    checkStory(site.room.ofCall(id));
    await site.clear();
  });
});

describe('a CRM', () => {
  it('that hangs, sends garbage, far too much or nothing, costs the caller no more than the deadline', async () => {
    const crm = use(await startSampleCrm({ generatedCustomers: 30 }));
    const lookup = { deadlineMs: '200ms', breakerFailures: 100, crmTimeoutMs: '1s' };
    const site = use(await Site.open({ crm, lookup, locals: { answer: 6 } }));
    const expected = { hang: 'pending', garbage: 'error', huge: 'error', http500: 'error', reset: 'error' } as const;
    for (const [index, failure] of (['hang', 'garbage', 'huge', 'http500', 'reset'] as const).entries()) {
      crm.setBehaviour({ failure });
      await site.signIn('local-answer');
      const { id } = await site.arrive({ number: fictionalMobile(11 + index) });
      const offered = await site.see('call.offered.v1', id);
      expect([failure, offered.data.customer.status]).toEqual([failure, expected[failure]]);
      await site.see('call.connected.v1', id);
      await site.command(id, 'hang-up');
      await site.ended(id);
      checkStory(site.room.ofCall(id));
    }
    crm.setBehaviour({ failure: 'none' });
    await site.signIn('local-answer');
    const { id } = await site.arrive({ number: fictionalMobile(20) });
    expect((await site.see('call.offered.v1', id)).data.customer.customer?.name).toBe('客户20');
    await site.clear();
  });

  it('that fails again and again is not asked for a while, and readiness says so', async () => {
    const crm = use(await startSampleCrm());
    const lookup = { breakerFailures: 3, breakerOpenMs: '60s' };
    const site = use(await Site.open({ crm, lookup, locals: { answer: 6 } }));
    crm.setBehaviour({ failure: 'http500' });
    for (let index = 0; index < 3; index += 1) {
      const { id, sip } = await site.enqueue({ number: fictionalMobile(1 + index) });
      sip.hangUp();
      await site.ended(id);
    }
    await expect
      .poll(() => readiness(site.server), deadline)
      .toMatchObject({ status: 200, checks: { crm: 'lookup.breaker_open' } });
    const asked = crm.requests;
    const { id } = await site.enqueue({ number: fictionalMobile(6) });
    expect((await site.see('call.customer.updated.v1', id)).data.customer.status).toBe('error');
    expect(crm.requests).toBe(asked);
    await site.clear();
  });
});
