import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';

const file = (entry: string): string => `tenant: t
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' } }] }
schedules: [{ id: office, timeZone: Asia/Shanghai, weekly: { mon-fri: ['09:00-18:00'] } }]
queues: [{ id: support, overflow: hangup }, { id: repair, overflow: hangup }]
numbers:
  - { id: hotline, number: 4001, queue: support, fallback: 'dialplan:fallback,s,1', ${entry} }
`;
const load = (entry: string) => parseConfig(file(entry), 'ringmaster.yaml', { env: { ARI: 'x' } }).entries[0];

function problem(entry: string): string {
  try {
    load(entry);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ key, message, mend }) => `${key}: ${message}. ${mend}`).join('\n');
    throw error;
  }
  return '';
}

const keys = "keys: { '1': { target: 'queue:repair', label: 报修, data: { topic: repair } }, 2: { target: hangup } }";

describe('the way in', () => {
  it('a menu with what it leaves out', () => {
    expect(load(`menu: { prompt: [sound:menu], ${keys} }`)?.flow?.steps['main']).toEqual({
      kind: 'menu',
      prompt: ['sound:menu'],
      promptMaxMs: 30_000,
      keys: {
        '1': { target: { kind: 'queue', queueId: 'repair' }, label: '报修', data: { topic: 'repair' } },
        '2': { target: { kind: 'hangup' }, label: '', data: {} },
      },
      timeoutMs: 5_000,
      attempts: 3,
      wrongKey: [],
      otherwise: { kind: 'queue', queueId: 'support' },
    });
  });

  it('hours with their schedule; who is closed out goes to the fallback when nothing is said', () => {
    expect(load('hours: office')?.hours).toMatchObject({
      schedule: { id: 'office' },
      closed: { prompt: [], target: { kind: 'dialplan', context: 'fallback' } },
    });
    const message = load('hours: office, closed: { prompt: [sound:closed], target: queue:repair }')?.hours?.closed;
    expect(message).toEqual({ prompt: ['sound:closed'], target: { kind: 'queue', queueId: 'repair' } });
  });

  it('neither is there when it is not asked for', () => {
    expect(Object.keys(load('priority: 0') ?? {}).filter((name) => name === 'hours' || name === 'flow')).toEqual([]);
  });

  it.each([
    ['a schedule that is not there', 'hours: offce', /hours: there is no schedule "offce"\. Did you mean "office"/],
    ['a message without hours', 'closed: { prompt: [sound:closed] }', /closed: a number without hours is never closed/],
    ['a menu without keys', 'menu: { prompt: [sound:menu] }', /menu\.keys: a menu without keys/],
    ['a menu without a prompt', `menu: { ${keys} }`, /menu\.prompt: this list is missing/],
    [
      'a key that is none',
      "menu: { prompt: [sound:menu], keys: { '12': { target: hangup } } }",
      /keys\.12: "12" is not a good name\. Write a key of the keypad/,
    ],
    [
      'a key to a queue that is not there',
      "menu: { prompt: [sound:menu], keys: { '1': { target: queue:repar } } }",
      /keys\.1\.target: there is no queue "repar"/,
    ],
    [
      'a default that is not there',
      `menu: { prompt: [sound:menu], ${keys}, otherwise: queue:x }`,
      /menu\.otherwise: there is no queue/,
    ],
    ['VIPs to nowhere', `menu: { prompt: [sound:menu], ${keys}, vip: agent:x }`, /menu\.vip: there is no agent/],
    [
      'a menu for callers who are not answered',
      `answer: withAgent, menu: { prompt: [sound:menu], ${keys} }`,
      /menu: a caller who is not answered/,
    ],
    [
      'a message for them',
      'answer: withAgent, hours: office, closed: { prompt: [sound:closed] }',
      /closed\.prompt: a caller who is not answered/,
    ],
    ['a language that is none', 'language: "z h"', /language: "z h" has the wrong form/],
  ])('%s is refused', (_name, entry, says) => {
    expect(problem(entry)).toMatch(says);
  });
});

it('what the example file only hints at is right, too', () => {
  const text = readFileSync(new URL('../../config/example.yaml', import.meta.url), 'utf8');
  const hinted = text
    .replaceAll(/^ {4}# (hours:|closed:|afterHours:|atClosing:|menu:|announcements:|callback:| +)/gm, '    $1')
    .replace(/^# outbound:\n(#.*\n)+/m, (block) => block.replaceAll(/^# ?/gm, ''));
  const env = { RINGMASTER_ARI_PASSWORD: 'x', RINGMASTER_AMI_SECRET: 'y' };
  const { entries, queues } = parseConfig(hinted, 'config/example.yaml', { env });
  const [hotline] = entries;
  expect([queues[0]?.announcements?.waitStepsMs.length, queues[0]?.callback?.mode]).toEqual([4, 'agentFirst']);
  expect(queues[0]?.hours).toMatchObject({ schedule: { id: 'office' }, atClosing: 'afterHours' });
  const menu = hotline?.flow?.steps['main'];
  expect([hotline?.hours?.schedule.id, menu?.kind === 'menu' && Object.keys(menu.keys)]).toEqual([
    'office',
    ['1', '2'],
  ]);
});
