import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/http/index.ts';
import { bearer, depsFor, keyOf } from './support.ts';

const key = keyOf('ops', ['rules:read', 'rules:write']);
let parts: ReturnType<typeof depsFor>;
let api: Awaited<ReturnType<typeof buildApi>>;

beforeEach(async () => {
  parts = depsFor({ keys: [key] });
  api = await buildApi(parts.deps);
});
afterEach(() => api.close());

const post = (url: string, payload?: object) =>
  api.inject({ method: 'POST', url, headers: bearer('ops'), ...(payload ? { payload } : {}) });

describe('reloading the configuration', () => {
  it('says what is at work, and what needs a restart', async () => {
    const warnings = [{ code: 'config.restart_needed', message: 'm', mend: 'n', keys: ['pbx.nodes'] }];
    parts.rules.reloaded = { outcome: 'live', version: 'v2', changed: ['queues'], restartNeeded: ['pbx'], warnings };
    const answer = await post('/v1/config/reload', { rollout: '10% of agents' });
    expect(answer.json()).toEqual({
      outcome: 'live',
      version: 'v2',
      changed: ['queues'],
      restartNeeded: ['pbx'],
      warnings,
    });
    expect(parts.rules.asked).toEqual([['reload', 'ops', '10% of agents']]);
  });

  it('needs no body', async () => {
    expect((await post('/v1/config/reload')).statusCode).toBe(200);
  });

  it('tells every error with its line, key and mend', async () => {
    const problem = {
      line: 7,
      key: 'queues[0].requires',
      message: 'there is no skill "zhh"',
      mend: 'Did you mean "zh"?',
    };
    parts.rules.reloaded = { outcome: 'refused', problems: [problem, { ...problem, line: 9 }] };
    const answer = await post('/v1/config/reload', {});
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error).toMatchObject({
      code: 'http.config_refused',
      details: [
        { in: 'line 7', path: 'queues[0].requires', message: 'there is no skill "zhh". Did you mean "zh"?' },
        { in: 'line 9' },
      ],
    });
  });

  it.each(['half', '101%', '10% of queues', '-1%'])('refuses %s as a share', async (rollout) => {
    expect((await post('/v1/config/reload', { rollout })).statusCode).toBe(400);
  });

  it.each(['promote', 'rollback'])('says so when there is nothing to %s', async (verb) => {
    parts.rules.other = false;
    expect((await post(`/v1/config/${verb}`)).json().error.code).toBe('http.no_other_rules');
  });
});

describe('asking who would get a call', () => {
  it('hands on the call that is made up', async () => {
    const asked = { entry: 'hotline', caller: { vip: true, needs: { zh: 60 } }, data: { topic: 'refund' } };
    expect((await post('/v1/routing/explain', asked)).json()).toMatchObject({ decision: 'wait', agentsTotal: 1 });
    expect(parts.rules.asked).toEqual([['explain', asked]]);
  });

  it.each([{ callId: '' }, { queue: 'support' }, { caller: { vip: 'yes' } }, { callId: 'c1', queueId: 'q' }])(
    'refuses %j',
    async (asked) => {
      expect((await post('/v1/routing/explain', asked)).statusCode).toBe(400);
    },
  );
});
