import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigProblem, loadConfig, type ProblemKind, parseConfig } from '../../config/index.ts';
import { AppError } from '../../src/kernel/index.ts';

const good = `tenant: t
pbx:
  nodes:
    - id: pbx1
      ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' }
skills: [zh]
numbers:
  - id: hotline
    number: 4001
    queue: support
    fallback: dialplan:fallback,s,1
queues:
  - id: support
    needs: { zh: 50 }
    overflow: hangup
agents:
  - id: li
    name: Li
    endpoint: PJSIP/1001
    skills: { zh: 80 }
    queues: [support]
apiKeys:
  - id: crm
    hash: sha256:${'0'.repeat(64)}
    scopes: [calls:read]
`;
const env = { ARI: 'ari-password', SHORT: 'short' };

function problemsOf(yaml: string): readonly ConfigProblem[] {
  try {
    parseConfig(yaml, 'ringmaster.yaml', { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

interface Case {
  readonly kind: ProblemKind;
  readonly swap: readonly [from: string, to: string];
  readonly line: number;
  readonly key: string;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  {
    kind: 'unknown_key',
    swap: ['tenant: t', 'tenant: t\nqueuess: []'],
    line: 2,
    key: 'queuess',
    says: /Did you mean "queues"/,
  },
  {
    kind: 'unknown_key',
    swap: ['    overflow:', '    ringTimeuot: 3s\n    overflow:'],
    line: 15,
    key: 'queues[0].ringTimeuot',
    says: /ringTimeoutMs/,
  },
  { kind: 'unknown_key', swap: ['tenant: t', 'tenant: t\n<<: {}'], line: 2, key: '<<', says: /unknown key/ },
  { kind: 'missing', swap: ['    queue: support\n', ''], line: 8, key: 'numbers[0].queue', says: /Add it: the queue/ },
  { kind: 'missing', swap: ['tenant: t', 'tenant:'], line: 1, key: 'tenant', says: /missing/ },
  {
    kind: 'missing',
    swap: ['skills: [zh]\n', 'skills: [zh]\nserver: { tls: { cert: ringmaster.yaml } }\n'],
    line: 7,
    key: 'server.tls.key',
    says: /private key/,
  },
  { kind: 'wrong_type', swap: ['skills: [zh]', 'skills: zh'], line: 6, key: 'skills', says: /list.*- / },
  {
    kind: 'wrong_type',
    swap: ['    needs: { zh: 50 }', '    needs: [zh]'],
    line: 14,
    key: 'queues[0].needs',
    says: /section/,
  },
  {
    kind: 'wrong_type',
    swap: ['{ zh: 80 }', '{ zh: high }'],
    line: 20,
    key: 'agents[0].skills.zh',
    says: /whole number/,
  },
  {
    kind: 'wrong_type',
    swap: ['    overflow:', '    ringTimeoutMs: 20 seconds\n    overflow:'],
    line: 15,
    key: 'queues[0].ringTimeoutMs',
    says: /300ms, 20s/,
  },
  {
    kind: 'wrong_type',
    swap: ['    overflow:', '    offer: rings\n    overflow:'],
    line: 15,
    key: 'queues[0].offer',
    says: /Did you mean "ring"/,
  },
  {
    kind: 'wrong_type',
    swap: ['name: Li', 'name: { first: Li }'],
    line: 18,
    key: 'agents[0].name',
    says: /single value/,
  },
  {
    kind: 'wrong_type',
    swap: [' [calls:read]', ' [call:read]'],
    line: 25,
    key: 'apiKeys[0].scopes[0]',
    says: /Did you mean "calls:read"/,
  },
  {
    kind: 'out_of_range',
    swap: ['{ zh: 50 }', '{ zh: 101 }'],
    line: 14,
    key: 'queues[0].needs.zh',
    says: /from 0 to 100/,
  },
  {
    kind: 'out_of_range',
    swap: ['    overflow:', '    ringTimeoutMs: 10m\n    overflow:'],
    line: 15,
    key: 'queues[0].ringTimeoutMs',
    says: /from 1s to 5m/,
  },
  {
    kind: 'out_of_range',
    swap: ['tenant: t', 'tenant: t\nserver: { port: 65536 }'],
    line: 2,
    key: 'server.port',
    says: /65535/,
  },
  {
    kind: 'missing',
    swap: ['    endpoint: PJSIP/1001\n', ''],
    line: 17,
    key: 'agents[0].endpoint',
    says: /no phone/,
  },
  {
    kind: 'contradiction',
    swap: ['endpoint: PJSIP/1001', 'endpoint: PJSIP/1001\n    devices: [{ id: desk, endpoint: PJSIP/1002 }]'],
    line: 20,
    key: 'agents[0].devices',
    says: /both/,
  },
  {
    kind: 'duplicate',
    swap: ['endpoint: PJSIP/1001', 'devices: [{ id: a, endpoint: PJSIP/1 }, { id: a, endpoint: PJSIP/2 }]'],
    line: 19,
    key: 'agents[0].devices[1].id',
    says: /"a" is named twice/,
  },
  { kind: 'bad_form', swap: ['PJSIP/1001', 'PJSIP/10&01'], line: 19, key: 'agents[0].endpoint', says: /PJSIP\/name/ },
  {
    kind: 'bad_form',
    swap: ['PJSIP/1001', 'Local/1001'],
    line: 19,
    key: 'agents[0].endpoint',
    says: /Local\/extension@context/,
  },
  { kind: 'bad_form', swap: ['number: 4001', 'number: 40*'], line: 9, key: 'numbers[0].number', says: /\* for any/ },
  {
    kind: 'bad_form',
    swap: ['overflow: hangup', 'overflow: voicemail'],
    line: 15,
    key: 'queues[0].overflow',
    says: /queue:ID/,
  },
  {
    kind: 'bad_form',
    swap: ['{ zh: 80 }', '{ __proto__: 80 }'],
    line: 20,
    key: 'agents[0].skills.__proto__',
    says: /good name/,
  },
  {
    kind: 'plain_secret',
    swap: ["'${env:ARI}'", 'hunter2'],
    line: 5,
    key: 'pbx.nodes[0].ari.password',
    says: /\$\{env:NAME\}/,
  },
  {
    kind: 'plain_secret',
    swap: ['tenant: t', 'tenant: t\nstore: { url: "postgres://u:hunter2@h/d" }'],
    line: 2,
    key: 'store.url',
    says: /password/,
  },
  {
    kind: 'secret_unavailable',
    swap: ['{env:ARI}', '{env:NOT_SET}'],
    line: 5,
    key: 'pbx.nodes[0].ari.password',
    says: /NOT_SET/,
  },
  {
    kind: 'secret_unavailable',
    swap: ['{env:ARI}', '{file:/nowhere/secret}'],
    line: 5,
    key: 'pbx.nodes[0].ari.password',
    says: /nowhere/,
  },
  {
    kind: 'file_missing',
    swap: ['tenant: t', 'tenant: t\ndirectory: { csv: nowhere.csv }'],
    line: 2,
    key: 'directory.csv',
    says: /nowhere\.csv/,
  },
  {
    kind: 'dangling',
    swap: ['queue: support', 'queue: suport'],
    line: 10,
    key: 'numbers[0].queue',
    says: /Did you mean "support"/,
  },
  {
    kind: 'dangling',
    swap: ['overflow: hangup', 'overflow: agent:wu'],
    line: 15,
    key: 'queues[0].overflow',
    says: /no agent "wu"/,
  },
  { kind: 'dangling', swap: ['{ zh: 80 }', '{ en: 80 }'], line: 20, key: 'agents[0].skills.en', says: /no skill "en"/ },
  {
    kind: 'dangling',
    swap: ['    queues: [support]', '    queues: [support]\n    node: pbx2'],
    line: 22,
    key: 'agents[0].node',
    says: /"pbx1"/,
  },
  {
    kind: 'duplicate',
    swap: ['apiKeys:', '  - { id: li, name: L, endpoint: PJSIP/2 }\napiKeys:'],
    line: 22,
    key: 'agents[1].id',
    says: /agents\[0\]/,
  },
  {
    kind: 'duplicate',
    swap: ['queues:\n', '  - { id: b, number: "4001", queue: support, fallback: hangup }\nqueues:\n'],
    line: 12,
    key: 'numbers[1].number',
    says: /One number/,
  },
  {
    kind: 'duplicate',
    swap: ['apiKeys:', '  - { id: wu, name: W, endpoint: PJSIP/1001 }\napiKeys:'],
    line: 22,
    key: 'agents[1].endpoint',
    says: /phone/,
  },
  { kind: 'duplicate', swap: ['skills: [zh]', 'skills: [zh, zh]'], line: 6, key: 'skills[1]', says: /once/ },
  {
    kind: 'contradiction',
    swap: ['overflow: hangup', 'overflow: queue:support'],
    line: 15,
    key: 'queues[0].overflow',
    says: /ring/,
  },
  {
    kind: 'contradiction',
    swap: ['    queue: support', '    queue: support\n    answer: withAgent\n    greeting: [sound:hi]'],
    line: 12,
    key: 'numbers[0].greeting',
    says: /answer: atEntry/,
  },
  {
    kind: 'contradiction',
    swap: ['fallback: dialplan:fallback,s,1', 'fallback: queue:support'],
    line: 11,
    key: 'numbers[0].fallback',
    says: /lead outside.*dialplan:/,
  },
  {
    kind: 'contradiction',
    swap: ['fallback: dialplan:fallback,s,1', 'fallback: agent:li'],
    line: 11,
    key: 'numbers[0].fallback',
    says: /hangup/,
  },
  {
    kind: 'missing',
    swap: ['skills: [zh]', 'dialplan: { fastAgi: { host: 0.0.0.0 } }\nskills: [zh]'],
    line: 6,
    key: 'dialplan.fastAgi.secret',
    says: /listen on 127/,
  },
  {
    kind: 'missing',
    swap: [
      'skills: [zh]',
      "    - { id: pbx2, ari: { url: 'http://h:8088', user: u, password: '${env:ARI}' } }\nskills: [zh]",
    ],
    line: 18,
    key: 'agents[0].node',
    says: /Add node: pbx1 or pbx2/,
  },
  {
    kind: 'wrong_type',
    swap: ['user: u', 'user: u, transport: websocket'],
    line: 5,
    key: 'pbx.nodes[0].ari.transport',
    says: /auto/,
  },
  {
    kind: 'contradiction',
    swap: ['    scopes', '    kind: pbx\n    scopes'],
    line: 26,
    key: 'apiKeys[0].scopes[0]',
    says: /kind pbx never holds calls:read/,
  },
  {
    kind: 'contradiction',
    swap: ['    scopes', '    kind: agent\n    scopes'],
    line: 25,
    key: 'apiKeys[0].kind',
    says: /Add agent/,
  },
  {
    kind: 'contradiction',
    swap: [`    hash: sha256:${'0'.repeat(64)}\n`, ''],
    line: 23,
    key: 'apiKeys[0]',
    says: /hash or secret/,
  },
  {
    kind: 'contradiction',
    swap: ['tenant: t', 'tenant: t\nlookup: { deadlineMs: 4s }'],
    line: 2,
    key: 'lookup.crmTimeoutMs',
    says: /deadlineMs/,
  },
  {
    kind: 'bad_form',
    swap: [`hash: sha256:${'0'.repeat(64)}`, "secret: '${env:SHORT}'"],
    line: 24,
    key: 'apiKeys[0].secret',
    says: /32 to 128/,
  },
  { kind: 'syntax', swap: ['skills: [zh]', 'skills: [zh'], line: 7, key: 'line 7', says: /YAML/ },
  { kind: 'syntax', swap: ['tenant: t', 'tenant: t\ntenant: u'], line: 2, key: 'line 2', says: /twice/ },
];

describe('config errors', () => {
  it('takes the text that the cases deviate from', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  it.each(cases)('$kind at $key, line $line', ({ kind, swap: [from, to], line, key, says }) => {
    expect(good).toContain(from);
    const problems = problemsOf(good.replace(from, () => to));
    expect(problems.map((problem) => ({ kind: problem.kind, key: problem.key }))).toContainEqual({ kind, key });
    const problem = problems.find((candidate) => candidate.key === key);
    expect(problem).toMatchObject({ file: 'ringmaster.yaml', line });
    expect(`${problem?.message}. ${problem?.mend}`).toMatch(says);
  });

  it('has a case for every kind of problem that a file can have alone', () => {
    const kinds: Record<Exclude<ProblemKind, 'restart_needed'>, true> = {
      syntax: true,
      unknown_key: true,
      missing: true,
      wrong_type: true,
      out_of_range: true,
      bad_form: true,
      plain_secret: true,
      secret_unavailable: true,
      file_missing: true,
      dangling: true,
      duplicate: true,
      contradiction: true,
    };
    expect(new Set(cases.map((item) => item.kind))).toEqual(new Set(Object.keys(kinds)));
  });

  it('lists all problems at once, in the message as well, and no echoes', () => {
    const broken = good
      .replace('queue: support', 'queue: nowhere')
      .replace('zh: 80', 'zh: 999')
      .replace('tenant: t', 'tenant: 8 8');
    const problems = problemsOf(broken);
    expect(problems.map((problem) => problem.key)).toEqual(['tenant', 'numbers[0].queue', 'agents[0].skills.zh']);
    const error = new ConfigError(problems);
    expect(error.code).toBe('config.invalid');
    for (const { line, key } of problems) expect(error.message).toContain(`ringmaster.yaml:${line}  ${key}:`);
  });

  it('never shows a secret', () => {
    const plain = problemsOf(good.replace("'${env:ARI}'", 'hunter2'));
    const url = problemsOf(good.replace('tenant: t', 'tenant: t\nredis: { url: "redis://:hunter2@h" }'));
    expect(JSON.stringify([plain, url])).not.toContain('hunter2');
    expect(plain).toHaveLength(1);
    expect(url).toHaveLength(1);
  });

  it.each(['', 'null', '[]', 'just text', '12', '--- a\n--- b\n'])('survives the document %j', (text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});

describe('loadConfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says which file it could not read', () => {
    const path = join(folder, 'absent.yaml');
    expect(() => loadConfig(path, { env })).toThrowError(AppError);
    expect(() => loadConfig(path, { env })).toThrowError(/absent\.yaml/);
  });

  it('reads secrets from files beside the config', () => {
    writeFileSync(join(folder, 'ari.secret'), 'from-file\n');
    writeFileSync(join(folder, 'c.yaml'), good.replace('{env:ARI}', '{file:ari.secret}'));
    const config = loadConfig(join(folder, 'c.yaml'), { env });
    expect(config.pbx.nodes[0]?.ari.password.reveal()).toBe('from-file');
  });
});
