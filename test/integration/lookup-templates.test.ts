import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SampleCrm, startSampleCrm } from '../../lab/index.ts';
import { createRestAdapter, normaliseNumber, parseTemplate } from '../../src/crm/index.ts';
import { systemClock } from '../../src/kernel/index.ts';

let crm: SampleCrm;

beforeAll(async () => {
  crm = await startSampleCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  crm.setBehaviour({ delayMs: 0, failure: 'none' });
  crm.resetCounts();
});

async function adapterOf(file: string) {
  const url = new URL(`../../config/presets/crm/${file}`, import.meta.url);
  const parsed = parseTemplate(await readFile(url, 'utf8'), file);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  const secrets: Record<string, string> = {
    RINGMASTER_CRM_URL: crm.url,
    RINGMASTER_CRM_TOKEN: crm.token,
    RINGMASTER_CRM_CLIENT_ID: crm.credentials.clientId,
    RINGMASTER_CRM_CLIENT_SECRET: crm.credentials.clientSecret,
  };
  return createRestAdapter({
    template: parsed.template,
    resolveSecret: ({ name }) => secrets[name],
    allow: ['127.0.0.0/8'],
    connectionsMax: 4,
    clock: systemClock,
  });
}

type Adapter = Awaited<ReturnType<typeof adapterOf>>;

function find(adapter: Adapter, raw: string, signal = AbortSignal.timeout(5_000)) {
  const number = normaliseNumber(raw);
  if (number.kind === 'anonymous') throw new Error('a number is needed');
  const ids = { tenant: 't', callId: 'c1', idempotencyKey: 'lookup:c1', dialledNumber: '4001' };
  return adapter.find({ ...ids, number: number.formats }, signal);
}

const mobile = (at: number): string => crm.data.customers[at]?.mobile ?? '';

describe.each(['sample.yaml', 'sample-simple.yaml', 'sample-oauth.yaml'])(
  'the shipped template %s on the sample CRM',
  (file) => {
    it('maps a VIP', async () => {
      const adapter = await adapterOf(file);
      const answer = await find(adapter, `+86${mobile(0)}`);
      expect(answer).toMatchObject({
        kind: 'hit',
        customer: {
          id: 'C00001',
          name: '王秀英',
          tier: 'platinum',
          value: 86,
          vip: true,
          blacklisted: false,
          language: 'zh',
        },
        sourceUpdatedAtMs: Date.parse(crm.data.customers[0]?.updatedAt ?? ''),
      });
      await adapter.close();
    });

    it('maps a customer on the blacklist', async () => {
      const adapter = await adapterOf(file);
      expect(await find(adapter, mobile(7))).toMatchObject({
        kind: 'hit',
        customer: { blacklisted: true, vip: false },
      });
      await adapter.close();
    });

    it('finds nobody for an unknown number', async () => {
      const adapter = await adapterOf(file);
      expect(await find(adapter, '13799998888')).toEqual({ kind: 'none' });
      await adapter.close();
    });

    it.each([
      ['http500', 'crm.refused'],
      ['reset', 'crm.unreachable'],
      ['huge', 'crm.answer_too_big'],
    ] as const)('gives a code when the CRM fails by %s', async (failure, code) => {
      const adapter = await adapterOf(file);
      await find(adapter, mobile(1));
      crm.setBehaviour({ failure });
      await expect(find(adapter, mobile(0))).rejects.toMatchObject({ code });
      expect(adapter.stats()[code]).toBe(1);
      await adapter.close();
    });

    it('gives a code when the CRM answers with garbage', async () => {
      const adapter = await adapterOf(file);
      crm.setBehaviour({ failure: 'garbage' });
      await expect(find(adapter, mobile(0))).rejects.toMatchObject({ code: 'crm.answer_not_json' });
      await adapter.close();
    });

    it('lets go when the caller of the CRM gives up', async () => {
      const adapter = await adapterOf(file);
      crm.setBehaviour({ failure: 'hang' });
      await expect(find(adapter, mobile(0), AbortSignal.timeout(30))).rejects.toMatchObject({ code: 'crm.timeout' });
      await adapter.close();
    });
  },
);

describe('the template of three requests', () => {
  it('fills the last purchases, newest first, and the open tickets', async () => {
    const adapter = await adapterOf('sample.yaml');
    const answer = await find(adapter, mobile(0));
    expect(answer).toMatchObject({
      customer: {
        purchases: [
          { id: 'O000012', title: 'Standing desk', atMs: Date.UTC(2026, 2, 3), amount: '399' },
          { id: 'O000011' },
          { id: 'O000010' },
        ],
        openTickets: [{ id: 'T000010', title: '无法开机', status: 'open' }],
      },
    });
    expect(crm.requests).toBe(3);
    expect(await find(adapter, mobile(8))).toMatchObject({ kind: 'ambiguous' });
    expect(crm.requests).toBe(4);
    await adapter.close();
  });
});

describe('the chained template', () => {
  it('uses one token for many lookups and renews only once a token that ends at once', async () => {
    crm.setTokenLifetime(60_000);
    const adapter = await adapterOf('sample-oauth.yaml');
    await Promise.all([0, 1, 2].map((at) => find(adapter, mobile(at))));
    expect(crm.requestsByRoute['POST /oauth/token']).toBe(1);

    // Ended before it is used: one renewal, then the refusal is believed.
    crm.setTokenLifetime(0);
    const early = await adapterOf('sample-oauth.yaml');
    await expect(find(early, mobile(0))).rejects.toMatchObject({ code: 'crm.refused' });
    expect(crm.requestsByRoute['POST /oauth/token']).toBe(3);
    await Promise.all([adapter.close(), early.close()]);
  });
});

describe('the single-step template', () => {
  it('tells candidates when two customers share a number', async () => {
    const adapter = await adapterOf('sample-simple.yaml');
    const answer = await find(adapter, mobile(8));
    expect(answer).toMatchObject({ kind: 'ambiguous', candidates: [{ name: '赵雷' }, { name: '赵雨' }] });
    await adapter.close();
  });

  it('is refused loopback unless the operator allows it', async () => {
    const text = await readFile(new URL('../../config/presets/crm/sample-simple.yaml', import.meta.url), 'utf8');
    const parsed = parseTemplate(text, 'sample-simple.yaml');
    if (parsed.kind === 'problems') throw new Error('the template must parse');
    const options = { template: parsed.template, allow: [], connectionsMax: 1, clock: systemClock };
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
      const secrets: Record<string, string> = {
        RINGMASTER_CRM_URL: `http://${host}:${crm.port}`,
        RINGMASTER_CRM_TOKEN: 'x',
      };
      const adapter = createRestAdapter({ ...options, resolveSecret: ({ name }) => secrets[name] });
      await expect(find(adapter, mobile(0))).rejects.toMatchObject({ code: 'crm.address_refused' });
      await adapter.close();
    }
    expect(crm.requests).toBe(0);
  });
});
