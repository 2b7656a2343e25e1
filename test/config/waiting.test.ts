import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';

const outbound = `outbound:
  routes: [{ id: out, prefixes: ['*'], node: pbx1, endpoint: 'PJSIP/{number}@trunk' }]`;
const file = (queue: string, number = '', out = outbound): string => `tenant: t
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' } }] }
schedules: [{ id: office, timeZone: Asia/Shanghai, weekly: { mon-fri: ['09:00-18:00'] } }]
queues: [{ id: support, overflow: hangup, ${queue} }, { id: repair, overflow: hangup }]
numbers:
  - { id: hotline, number: 4001, queue: support, fallback: 'dialplan:fallback,s,1', ${number} }
${out}
`;
const load = (...text: Parameters<typeof file>) => parseConfig(file(...text), 'ringmaster.yaml', { env: { ARI: 'x' } });

function problem(...text: Parameters<typeof file>): string {
  try {
    load(...text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ key, message }) => `${key}: ${message}`).join('\n');
    throw error;
  }
  return '';
}

describe('what a caller meets in the queue', () => {
  it('announcements and callback with what they leave out', () => {
    const [queue] = load(
      "announcements: { waitSteps: [1m, 2m], prompts: { zh: { position: ['number:{position}'] } } }, callback: { prompts: { '*': { offer: [sound:offer] } } }",
    ).queues;
    expect(queue?.announcements).toEqual({
      firstAfterMs: 20_000,
      everyMs: 60_000,
      positionMax: 20,
      waitStepsMs: [60_000, 120_000],
      prompts: { zh: { position: ['number:{position}'], wait: [], still: [] } },
    });
    expect(queue?.callback).toMatchObject({ key: '1', mode: 'agentFirst', pendingMax: 100, graceMs: 5_000 });
  });

  it('a queue to which callers are sent to be called back needs no offer', () => {
    const sent = "callback: { prompts: { '*': { accepted: [sound:goodbye] } } }, whenFull: 'callback:support'";
    const { queues } = load(sent, "hours: office, closed: { prompt: [], target: 'callback:support' }");
    expect(queues[0]?.whenFull).toEqual({ kind: 'callback', queueId: 'support' });
    expect(problem("whenFull: 'callback:repair'")).toMatch(/queues\[0\]\.whenFull: queue "repair" calls nobody back/);
    expect(problem("whenFull: 'callback:suport'")).toMatch(/there is no queue "suport"/);
    expect(problem('', '').concat(problem(sent.replace(", whenFull: 'callback:support'", '')))).toMatch(/offered it/);
  });

  it('nothing of it is there when it is not asked for', () => {
    const [queue] = load('').queues;
    expect(Object.keys(queue ?? {}).filter((key) => /announcements|callback|resume/.test(key))).toEqual([]);
  });

  it('what becomes of those who wait at closing time', () => {
    const [entry] = load('', 'hours: office, atClosing: { prompt: [sound:closed], target: queue:repair }').entries;
    expect(entry?.hours?.atClosing).toEqual({ prompt: ['sound:closed'], target: { kind: 'queue', queueId: 'repair' } });
  });

  it.each([
    [
      'ranges that go back',
      "announcements: { waitSteps: [2m, 1m], prompts: { '*': {} } }",
      '',
      /waitSteps\[1\]: the range/,
    ],
    ['nothing to say', 'announcements: {}', '', /announcements\.prompts: nothing would be said/],
    ['a language that is none', 'announcements: { prompts: { "z h": {} } }', '', /z h/],
    ['no offer', 'callback: { prompts: { zh: {} } }', '', /callback\.prompts: nobody would be offered it/],
    ['a key that is none', "callback: { key: '12', prompts: { zh: { offer: [sound:a] } } }", '', /callback\.key/],
    ['closing without hours', '', 'atClosing: { target: hangup }', /atClosing: a number without hours/],
    [
      'closing to nowhere',
      '',
      'hours: office, atClosing: { target: queue:gone }',
      /atClosing\.target: there is no queue/,
    ],
  ])('%s', (_name, queue, number, expected) => {
    expect(problem(queue, number)).toMatch(expected);
  });

  it('a callback without a way out', () => {
    expect(problem('callback: { prompts: { zh: { offer: [sound:a] } } }', '', '')).toMatch(/without a way out/);
  });

  it.each(['queues.md', 'queues.zh-CN.md'])('docs/%s shows what loads', (page) => {
    const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
    const [queues = '', callback = '', sent = '', resume = '', numbers = ''] = [
      ...text.matchAll(/```yaml\n(.*?)```/gs),
    ].map(([, yaml]) => yaml);
    const head = file('').split('queues:')[0];
    const rest = `    number: 4001\n    queue: support\n    fallback: hangup\n${outbound}\n`;
    const yaml = `${head}${queues}${callback}${resume}    overflow: hangup\n${numbers}${rest}`;
    expect(parseConfig(yaml, page, { env: { ARI: 'x' } }).queues[0]?.callback?.keepMs).toBe(4 * 3_600_000);
    const sending = `${head}${sent.replace('numbers:', `${callback}numbers:`)}${rest}`;
    expect(parseConfig(sending, page, { env: { ARI: 'x' } }).queues[0]?.overflow.kind).toBe('callback');
  });
});

describe('the hours of a queue', () => {
  it('with what they leave out', () => {
    const [queue, repair] = load('hours: office').queues;
    expect(queue?.hours).toMatchObject({
      schedule: { id: 'office' },
      afterHours: { prompt: [], target: { kind: 'hangup' } },
      atClosing: 'serve',
    });
    expect(repair && 'hours' in repair).toBe(false);
  });

  it('and all that they may say', () => {
    const text = 'hours: office, afterHours: { prompt: [sound:closed], target: queue:repair }, atClosing: afterHours';
    expect(load(text).queues[0]?.hours).toMatchObject({
      afterHours: { prompt: ['sound:closed'], target: { kind: 'queue', queueId: 'repair' } },
      atClosing: 'afterHours',
    });
  });

  it.each([
    ['hours: ofice', /queues\[0\]\.hours: there is no schedule "ofice"/],
    ['hours: office, afterHours: { target: queue:repiar }', /afterHours\.target: there is no queue "repiar"/],
    ['hours: office, afterHours: { target: callback:repair }', /afterHours\.target: queue "repair" calls nobody back/],
    ['hours: office, afterHours: { to: hangup }', /afterHours\.to/],
    ['hours: office, atClosing: hangup', /queues\[0\]\.atClosing/],
    ['afterHours: { target: hangup }', /queues\[0\]\.afterHours: a queue without hours is never closed/],
    ['atClosing: serve', /queues\[0\]\.atClosing: a queue without hours is never closed/],
    ['hours: office, afterHours: { target: queue:support }', /afterHours\.target: queues that are closed at the same/],
  ])('%s is refused', (text, says) => {
    expect(problem(text)).toMatch(says);
  });

  it('queues of the same hours may not name one another, those of others may', () => {
    const ring = (hours: string): string =>
      file('hours: office, afterHours: { target: queue:repair }')
        .replace(
          'id: repair, overflow: hangup',
          `id: repair, overflow: queue:support, whenFull: hangup, hours: ${hours}`,
        )
        .replace('schedules: [', 'schedules: [{ id: late, timeZone: UTC, weekly: {} }, ');
    const read = (text: string) => parseConfig(text, 'ringmaster.yaml', { env: { ARI: 'x' } });
    expect(() => read(ring('office'))).toThrow(/round in a ring/);
    expect(read(ring('late')).queues[1]?.hours?.afterHours.target).toEqual({ kind: 'queue', queueId: 'support' });
  });
});
