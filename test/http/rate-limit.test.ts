import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, takeToken } from '../../src/kernel/index.ts';
import { apiFor, bearer, keyOf } from './support.ts';

describe('the token bucket', () => {
  it('never lets more through than the burst plus what grew', () => {
    const rule = { perSecond: 5, burst: 10 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        let bucket: Bucket | undefined;
        let nowMs = 0;
        let taken = 0;
        for (const gap of gaps) {
          nowMs += gap;
          const result = takeToken(bucket, rule, nowMs);
          bucket = result.bucket;
          if (result.ok) taken += 1;
        }
        const grownMs = nowMs - (gaps[0] ?? 0);
        return taken <= rule.burst + (grownMs / 1000) * rule.perSecond;
      }),
      { seed: 7 },
    );
  });

  it('says when to come back, and keeps its word', () => {
    const rule = { perSecond: 2, burst: 1 };
    const first = takeToken(undefined, rule, 0);
    const second = takeToken(first.bucket, rule, 100);
    expect(second).toMatchObject({ ok: false, retryAfterMs: 400 });
    expect(takeToken(second.bucket, rule, 499).ok).toBe(false);
    expect(takeToken(second.bucket, rule, 500).ok).toBe(true);
  });
});

const bucket = { perSecond: 1, burst: 2 };
const slow = { login: bucket, command: bucket, lookup: bucket, reveal: bucket, default: bucket };

describe('the API', () => {
  it('limits each key by itself, and says when to come back', async () => {
    const { api, clock } = await apiFor({
      keys: [keyOf('a', ['queues:read']), keyOf('b', ['queues:read'])],
      settings: { rates: slow },
    });
    const ask = (id: string) => api.inject({ url: '/v1/queues', headers: bearer(id) });
    expect([(await ask('a')).statusCode, (await ask('a')).statusCode]).toEqual([200, 200]);
    const refused = await ask('a');
    expect([refused.statusCode, refused.json().error.code, refused.headers['retry-after']]).toEqual([
      429,
      'http.too_many',
      '1',
    ]);
    expect((await ask('b')).statusCode).toBe(200);
    clock.ms += 1_000;
    expect((await ask('a')).statusCode).toBe(200);
    expect((await ask('a')).statusCode).toBe(429);
  });

  it('limits wrong keys by address, and health not at all', async () => {
    const { api } = await apiFor({ settings: { rates: slow } });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await api.inject({ url: '/v1/queues', headers: bearer('guess') })).statusCode);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await api.inject({ url: '/healthz' })).statusCode).toBe(200);
  });

  it('counts commands, look-ups and the rest apart', async () => {
    const { api } = await apiFor({ keys: [keyOf('a', [], { kind: 'admin' })], settings: { rates: slow } });
    const statusOf = async (url: string, method: 'GET' | 'POST' = 'GET') =>
      (await api.inject({ method, url, headers: bearer('a') })).statusCode;
    const rounds = [];
    for (let round = 0; round < 3; round += 1)
      rounds.push([
        await statusOf('/v1/queues'),
        await statusOf('/v1/calls/c1/hold', 'POST'),
        await statusOf('/v1/customers?number=13800138000'),
      ]);
    expect(rounds).toEqual([
      [200, 202, 200],
      [200, 202, 200],
      [429, 429, 429],
    ]);
  });
});
