import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';
import type { FlowPolicy, FlowStep } from '../../src/call/index.ts';
import { arrival, found, policyWith, run } from '../call/fixtures.ts';

const yaml = (flow: string, entry = 'flow: hotline'): string => `tenant: t
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' } }] }
schedules: [{ id: office, timeZone: Asia/Shanghai, weekly: { mon-fri: ['09:00-18:00'] } }]
queues: [{ id: support, overflow: hangup }, { id: repair, overflow: hangup }]
numbers:
  - { id: hotline, number: 4001, queue: support, fallback: 'dialplan:fallback,s,1', ${entry} }
flows:
  - id: hotline
${flow.replaceAll(/^/gm, '    ')}
`;

const load = (flow: string, entry?: string): FlowPolicy => {
  const policy = parseConfig(yaml(flow, entry), 'ringmaster.yaml', { env: { ARI: 'x' } }).entries[0]?.flow;
  if (!policy) throw new Error('no flow');
  return policy;
};

function problems(flow: string, entry?: string): string {
  try {
    load(flow, entry);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ line, key, message, mend }) => `${line} ${key}: ${message}. ${mend}`).join('\n');
    throw error;
  }
  return '';
}

const stepOf = (policy: FlowPolicy, name: string): FlowStep | undefined => policy.steps[name];

const good = `vip: queue:repair
steps:
  language:
    menu:
      prompt: [sound:language]
      keys: { '1': { target: order, language: zh }, '2': { target: order, language: en }, '*': { target: back } }
      otherwise: order
  order:
    collect: { prompt: [sound:order], into: order, next: who }
  who:
    decide:
      - { if: 'caller.tier == "gold" && time.hour < 24', target: queue:repair }
      - { open: office, target: bye, language: en }
      - { target: hangup }
  bye: { say: { prompt: [sound:bye], next: hangup } }`;

describe('a flow in the config', () => {
  it('is read with what it leaves out; the first step begins, the queue of the number is the way out', () => {
    const policy = load(good);
    expect(policy).toMatchObject({
      id: 'hotline',
      start: 'language',
      vip: { kind: 'queue', queueId: 'repair' },
      otherwise: { kind: 'queue', queueId: 'support' },
      stepsMax: 50,
      timeMaxMs: 600_000,
    });
    expect(stepOf(policy, 'language')).toMatchObject({
      kind: 'menu',
      attempts: 3,
      keys: { '1': { target: { kind: 'step', stepId: 'order' }, language: 'zh' }, '*': { target: { kind: 'back' } } },
      otherwise: { kind: 'step', stepId: 'order' },
    });
    expect(stepOf(policy, 'order')).toMatchObject({
      kind: 'collect',
      digitsMin: 1,
      digitsMax: 16,
      endKey: '#',
      sensitive: false,
      otherwise: { kind: 'queue', queueId: 'support' },
    });
    expect(stepOf(policy, 'who')).toMatchObject({ kind: 'decide', needsCaller: true, otherwise: { kind: 'hangup' } });
  });

  /** Where the first step leads a caller of this tier at that time. */
  const decided = (steps: string, tier: string, atMs: number): string => {
    const policy = { flow: load(steps), greeting: [] };
    const arrived = arrival(policy).call;
    const since = arrived.flow ? { ...arrived, flow: { ...arrived.flow, sinceMs: atMs } } : arrived;
    const { call } = run(since, [{ ...found({ tier }), atMs }], policyWith(policy));
    return call.phase === 'ended' ? 'hangup' : (call.queueId ?? call.flow?.stepId ?? '');
  };
  const monday = Date.UTC(2027, 0, 18, 2);
  const night = Date.UTC(2027, 0, 18, 20);

  it.each<[string, string, number, string]>([
    ['gold in the morning', 'gold', monday, 'repair'],
    ['gold at night', 'gold', night, 'hangup'],
    ['anybody while the office is open', '', monday, 'bye'],
    ['anybody at night', '', night, 'hangup'],
  ])('its conditions ask about the caller, the hour and schedules: %s', (_name, tier, atMs, where) => {
    const only = `steps:\n${good.slice(good.indexOf('  who:')).replace('time.hour < 24', 'time.hour > 6')}`;
    expect(decided(only, tier, atMs)).toBe(where);
  });

  it('a condition that cannot be evaluated does not hold', () => {
    const steps = `steps: { who: { decide: [{ if: 'caller.known && call.data.nothing == "x"', target: hangup }, { target: queue:repair }] } }`;
    expect(decided(steps, '', monday)).toBe('repair');
  });
});

const say = (next: string) => `{ say: { prompt: [sound:x], next: '${next}' } }`;
const menu = (keys: string, more = '') => `{ menu: { prompt: [sound:x], keys: { ${keys} }${more} } }`;

describe('a flow that would not work is refused, with its line and how to mend it', () => {
  it.each<[string, string, RegExp]>([
    ['no steps', 'stepsMax: 5', /steps: a flow without steps leads nowhere/],
    [
      'an unknown step',
      `steps: { a: ${say('ordr')}, order: ${say('hangup')} }`,
      /^9 flows\[0\]\.steps\.a\.say\.next: there is no step "ordr"\. Did you mean "order"\?/m,
    ],
    [
      'an unknown start',
      `start: mian\nsteps: { main: ${say('hangup')} }`,
      /start: there is no step "mian"\. Did you mean "main"/,
    ],
    ['an unknown queue', `steps: { a: ${say('queue:suport')} }`, /there is no queue "suport"\. Did you mean "support"/],
    [
      'an unknown schedule',
      `steps: { a: { decide: [{ open: offce, target: hangup }, { target: hangup }] } }`,
      /decide\[0\]\.open: there is no schedule "offce"\. Did you mean "office"/,
    ],
    [
      'an unknown check',
      `steps: { a: { collect: { prompt: [sound:x], into: n, check: orders, next: hangup } } }`,
      /there is no check "orders"/,
    ],
    [
      'a ring without a key',
      `steps: { a: ${say('b')}, b: { decide: [{ target: a }] } }`,
      /go round without a key: a → b → a/,
    ],
    ['a default that leads to itself', `steps: { a: ${menu(`'1': { target: hangup }`, ', otherwise: a')} }`, /a → a/],
    ['repeat without a key', `steps: { a: ${say('repeat')} }`, /repeat without a key of the caller would go round/],
    [
      'a step that no caller reaches',
      `steps: { a: ${say('hangup')}, b: ${say('hangup')} }`,
      /steps\.b: no caller reaches this step from "a"/,
    ],
    [
      'a step of two kinds',
      `steps: { a: { say: { prompt: [sound:x], next: hangup }, decide: [{ target: hangup }] } }`,
      /cannot be say and decide at once/,
    ],
    ['a step of no kind', 'steps: { a: {} }', /a step without content/],
    ['a menu without keys', `steps: { a: ${menu('')} }`, /a menu without keys cannot be chosen from/],
    [
      'a last branch with a condition',
      `steps: { a: { decide: [{ open: office, target: hangup }] } }`,
      /the last must have no condition/,
    ],
    [
      'a branch without a condition',
      `steps: { a: { decide: [{ target: hangup }, { target: hangup }] } }`,
      /decide\[0\]: needs either if or open/,
    ],
    [
      'a condition that does not compile',
      `steps: { a: { decide: [{ if: 'caller.vpi', target: hangup }, { target: hangup }] } }`,
      /decide\[0\]\.if: .*vpi/,
    ],
    [
      'a condition about a number that is not there',
      `steps: { a: { decide: [{ if: 'call.entry == "hotlnie"', target: hangup }, { target: hangup }] } }`,
      /decide\[0\]\.if: there is no entry "hotlnie"\. Did you mean "hotline"/,
    ],
    [
      'a condition that can never hold',
      `steps: { a: { decide: [{ if: 'time.hour > 20 && time.hour < 8', target: hangup }, { target: hangup }] } }`,
      /decide\[0\]\.if: this can never be true: time\.hour cannot be > 20 and < 8/,
    ],
    [
      'an answer that nobody can give',
      `steps: { a: { collect: { prompt: [sound:x], into: n, digitsMin: 9, digitsMax: 3, next: hangup } } }`,
      /no answer has so few digits/,
    ],
    [
      'an unknown word',
      `steps: { a: { say: { prompt: [sound:x], nxt: hangup } } }`,
      /unknown key "nxt"\. Did you mean "next"/,
    ],
    [
      'a zone that is none',
      `timeZone: Asia/Shangai\nsteps: { a: ${say('hangup')} }`,
      /there is no time zone "Asia\/Shangai"/,
    ],
  ])('%s', (_name, flow, says) => {
    expect(problems(flow)).toMatch(says);
  });

  it('a flow that is not there, and one beside a menu', () => {
    expect(problems(`steps: { a: ${say('hangup')} }`, 'flow: hotlne')).toMatch(
      /no flow "hotlne"\. Did you mean "hotline"/,
    );
    const both = `flow: hotline, menu: { prompt: [sound:x], keys: { '1': { target: hangup } } }`;
    expect(problems(`steps: { a: ${say('hangup')} }`, both)).toMatch(/menu: this number has a flow as well/);
    expect(problems(`steps: { a: ${say('hangup')} }`, 'flow: hotline, answer: withAgent')).toMatch(
      /cannot hear a flow/,
    );
  });
});

describe('voicemail boxes', () => {
  const box = (more: string) => `voicemails: [{ id: night, prompt: [sound:x]${more} }]`;
  const withBox = (more: string) =>
    yaml(`steps: { a: ${say('voicemail:night')} }\n`).replace('flows:', `${box(more)}\nflows:`);
  const read = (text: string) => parseConfig(text, 'ringmaster.yaml', { env: { ARI: 'x' } });

  it('are where steps lead to, with what they leave out', () => {
    expect(read(withBox('')).voicemails).toEqual([
      {
        id: 'night',
        prompt: ['sound:x'],
        promptMaxMs: 30_000,
        thanks: [],
        format: 'wav',
        lengthMaxMs: 180_000,
        silenceMaxMs: 5_000,
        shortestMs: 2_000,
        callback: 'never',
      },
    ]);
  });

  it('are refused when not there, as a fallback, and when nobody says how to call back', () => {
    expect(problems(`steps: { a: ${say('voicemail:nigt')} }`)).toMatch(/there is no voicemail "nigt"/);
    const fallback = withBox('').replace("'dialplan:fallback,s,1'", "'voicemail:night'");
    expect(() => read(fallback)).toThrow(/a fallback must lead outside/);
    expect(() => read(withBox(', callback: message, queue: support'))).toThrow(/how these callers are called back/);
  });
});

describe('prompts by name', () => {
  const prompts = (more = '') => `prompts: { texts: { hello: { en: Hello, zh: 您好 } }${more} }\n`;
  const withPrompt = (name: string, section: string) =>
    `${section}${yaml(`steps: { a: { say: { prompt: ['prompt:${name}'], next: hangup } } }`)}`;
  const read = (text: string) => parseConfig(text, 'ringmaster.yaml', { env: { ARI: 'x' } });

  it('are the files that prompts build makes, wherever something is played', () => {
    const config = read(withPrompt('hello', prompts()));
    expect(config.entries[0]?.flow?.steps['a']).toMatchObject({ prompt: ['sound:ringmaster/hello'] });
    expect(config.prompts).toMatchObject({ fallback: 'en', texts: { hello: { zh: '您好' } } });
  });

  it.each<[string, string, RegExp]>([
    ['helo', prompts(), /say\.prompt\[0\]: there is no prompt "helo"\. Did you mean "hello"/],
    ['hello', '', /there is no prompt "hello"\. Write it under prompts\.texts/],
    ['hello', prompts(', fallback: fr'), /prompts\.texts\.hello: no text in the fallback language fr/],
    ['hello', prompts(', command: [say, "{textFile}"]'), /the command does not say \{output\}/],
  ])('%s is refused where it cannot be played', (name, section, says) => {
    expect(() => read(withPrompt(name, section))).toThrow(says);
  });
});
