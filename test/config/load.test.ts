import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, parseConfig } from '../../config/index.ts';
import { keyChecker } from '../../src/security/api-key.ts';

const example = join(import.meta.dirname, '../../config/example.yaml');
const env = { RINGMASTER_ARI_PASSWORD: 'ari-hunter2', RINGMASTER_AMI_SECRET: 'ami-hunter2', PG: 'p@ss/word' };
const base = `tenant: t
insecurePlainSecrets: true
pbx: { nodes: [{ id: a, ari: { url: 'http://h:8088', user: u, password: p } }] }
numbers: [{ id: n, number: '*', queue: q, fallback: hangup }]
queues: [{ id: q, overflow: hangup }]
`;
const load = (extra: string) => parseConfig(base + extra, 'c.yaml', { env });

describe('the example', () => {
  const config = loadConfig(example, { env });

  it('maps numbers, queues and agents into the domain', () => {
    expect(config.entries).toEqual([
      {
        id: 'hotline',
        number: '4001',
        queueId: 'support',
        language: 'zh',
        answer: 'atEntry',
        greeting: ['sound:welcome'],
        greetingMaxMs: 30_000,
        priority: 0,
        needs: { zh: 50 },
        blacklisted: { kind: 'hangup' },
        fallback: { kind: 'dialplan', context: 'ringmaster-fallback', extension: 's', priority: 1 },
      },
    ]);
    expect(config.queues[0]).toMatchObject({
      name: '客户服务',
      ringTimeoutMs: 20_000,
      overflow: { kind: 'queue', queueId: 'general' },
    });
    expect(config.queues[1]).toMatchObject({ whenFull: config.queues[1]?.overflow, musicClass: 'default' });
    expect(config.agents[0]).toEqual({
      id: 'li',
      name: '李静',
      endpoint: 'PJSIP/1001',
      skills: { zh: 100, repair: 80 },
      queues: ['support', 'general'],
    });
  });

  it('binds to loopback and shows no secret, however it is printed', () => {
    expect(config.server.host).toBe('127.0.0.1');
    expect(config.pbx.nodes[0]?.ari.password.reveal()).toBe('ari-hunter2');
    expect(
      JSON.stringify(config) + inspect(config, { depth: 9 }) + String(config.pbx.nodes[0]?.ari.password),
    ).not.toContain('hunter2');
  });
});

describe('a config', () => {
  it('needs little: everything else has a default', () => {
    const config = load('');
    expect(config.store.url.reveal()).toBe('sqlite:./var/ringmaster.sqlite');
    expect(config.queues[0]).toMatchObject({ name: 'q', waitingCallsMax: 100, cooldownMs: { declined: 10_000 } });
    expect(config.redis).toBeUndefined();
  });

  it.each([
    ['300ms', 300],
    ['20s', 20_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['4000', 4_000],
  ])('reads the duration %s', (text, ms) => {
    expect(load(`server: { drainMs: ${text} }`).server.drainMs).toBe(ms);
  });

  it.each([
    ['queue:q', { kind: 'queue', queueId: 'q' }],
    ['number:+861012345', { kind: 'number', number: '+861012345' }],
    ['dialplan:ctx,100,7', { kind: 'dialplan', context: 'ctx', extension: '100', priority: 7 }],
    ['dialplan:ctx,s', { kind: 'dialplan', context: 'ctx', extension: 's', priority: 1 }],
    ['hangup', { kind: 'hangup' }],
  ])('reads the target %s', (text, target) => {
    const yaml = base.replace('fallback: hangup', `fallback: hangup, blacklisted: '${text}'`);
    expect(parseConfig(yaml, 'c.yaml', { env }).entries[0]?.blacklisted).toEqual(target);
  });

  it('percent-encodes a secret inside a URL', () => {
    expect(load("store: { url: 'postgres://u:${env:PG}@h/d' }").store.url.reveal()).toBe(
      'postgres://u:p%40ss%2Fword@h/d',
    );
  });

  it('keeps leading zeros of numbers written bare', () => {
    expect(parseConfig(base.replace("'*'", '0400'), 'c.yaml', { env }).entries[0]?.number).toBe('0400');
  });

  it('makes a principal of an API key given as a secret', () => {
    const secret = 'x'.repeat(40);
    const { apiKeys } = load(`apiKeys: [{ id: crm, secret: ${secret}, scopes: [calls:read] }]`);
    expect(keyChecker(apiKeys)(`Bearer rmk_crm_${secret}`)).toEqual({
      ok: true,
      principal: { id: 'crm', kind: 'integration', scopes: ['calls:read'] },
    });
  });

  it.each(['pbx: 5', 'server: x', 'lookup: [a]', 'recording: yes', 'pbx: { nodes: [{ ari: 5 }] }'])(
    'names a section that is none: %s',
    (text) => {
      expect(() => parseConfig(text, 'c.yaml', { env })).toThrow(ConfigError);
    },
  );

  it('refuses any garbage with problems and nothing else', () => {
    const words = fc.constantFrom(
      'tenant',
      'pbx',
      'nodes',
      'queues',
      'id',
      'ari',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '  ',
      '&a',
      '*a',
      '!!x',
      "'",
      '${env:X}',
      '0x1',
      '|',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 40 }),
        (parts) => {
          try {
            parseConfig(parts.join(''), 'c.yaml', { env });
            return false;
          } catch (error) {
            return (
              error instanceof ConfigError &&
              error.problems.every((problem) => problem.line >= 1 && problem.mend !== '')
            );
          }
        },
      ),
      { seed: 20240601, numRuns: 500 },
    );
  });
});
