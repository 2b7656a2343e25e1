import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoutingFacts } from '../../src/call/index.ts';
import { evaluate, type Requirement, type Traits } from '../../src/routing/index.ts';
import {
  compileCondition,
  compileRequirement,
  compileStepCondition,
  mayMeet,
  routingFactTypes,
} from '../../src/rules/index.ts';

const facts: RoutingFacts = {
  call: {
    entry: 'hotline',
    queue: 'support',
    number: '4001',
    callerNumber: '13800000000',
    language: 'zh',
    menu: ['1'],
    data: { region: 'south' },
    hops: 0,
  },
  caller: {
    status: 'fresh',
    known: true,
    id: 'c1',
    tier: 'gold',
    value: 7,
    vip: true,
    tags: ['b2b'],
    language: 'zh',
    region: '',
    churnRisk: '',
    openTickets: 2,
    ownerAgentId: 'li',
    lastAgentId: '',
  },
  time: { hour: 9, minute: 30, weekday: 3, date: '2026-01-07' },
};

function compiled(text: string) {
  const rule = compileRequirement(text, routingFactTypes);
  if (!rule.ok) throw new Error(`${rule.message}: ${rule.mend}`);
  return rule;
}

const skill = (name: string, op: '>=' | '<', level: number): Requirement => ({ kind: 'skill', skill: name, op, level });

describe('a requirement in CEL', () => {
  it.each<[string, Requirement]>([
    ['agent.skills.zh >= 60', skill('zh', '>=', 60)],
    ['60 <= agent.skills.zh', skill('zh', '>=', 60)],
    ['agent.skills["zh-CN"] >= 60', skill('zh-CN', '>=', 60)],
    ['!(agent.skills.zh < 60)', { kind: 'not', of: skill('zh', '<', 60) }],
    [
      'agent.skills.zh >= 60 || agent.team == "second"',
      {
        kind: 'any',
        of: [skill('zh', '>=', 60), { kind: 'attribute', name: 'team', op: '==', value: 'second' }],
      },
    ],
    ['agent.attributes.site in ["a", "b"]', { kind: 'attribute', name: 'site', op: 'in', values: ['a', 'b'] }],
    ['agent.id == "li"', { kind: 'agent', agentId: 'li' }],
    ['agent.id != "li"', { kind: 'not', of: { kind: 'agent', agentId: 'li' } }],
    ['true', { kind: 'always' }],
  ])('%s becomes plain data, the same for every call', (text, expected) => {
    const rule = compiled(text);
    expect(rule.constant).toBe(true);
    expect(rule.fold(facts)).toEqual(expected);
  });

  it.each<[string, Requirement]>([
    ['agent.skills[caller.language] >= 60', skill('zh', '>=', 60)],
    ['agent.id == caller.ownerAgentId', { kind: 'agent', agentId: 'li' }],
    ['caller.vip && agent.skills.vip >= 1', skill('vip', '>=', 1)],
    ['!caller.vip && agent.skills.vip >= 1', { kind: 'any', of: [] }],
    ['caller.vip ? agent.skills.zh >= 80 : true', skill('zh', '>=', 80)],
    ['caller.vip || agent.skills.zh >= 80', { kind: 'always' }],
    ['agent.attributes.region == call.data.region', { kind: 'attribute', name: 'region', op: '==', value: 'south' }],
    ['agent.team in caller.tags', { kind: 'attribute', name: 'team', op: 'in', values: ['b2b'] }],
    // What the call does not have cannot be compared: nobody fits, and the next step asks something else.
    ['agent.attributes.region == call.data.nothing', { kind: 'unknown' }],
    ['!(agent.attributes.region == call.data.nothing)', { kind: 'not', of: { kind: 'unknown' } }],
    [
      '!(call.data.nothing == "x") && agent.skills.zh >= 1',
      { kind: 'all', of: [{ kind: 'unknown' }, skill('zh', '>=', 1)] },
    ],
    ['time.hour < 8 || agent.skills.zh >= 40', skill('zh', '>=', 40)],
  ])('%s is filled in with what is known of the call', (text, expected) => {
    const rule = compiled(text);
    expect(rule.constant).toBe(false);
    expect(rule.fold(facts)).toEqual(expected);
  });

  it.each([
    ['agent.skils.zh >= 60', /skils/, /Did you mean "skills"/],
    ['caller.teir == "gold"', /teir/, /Did you mean "tier"/],
    ['agnet.id == "li"', /agnet/, /Did you mean "agent"/],
    ['agent.skills.zh', /not true or false/, /./],
    ['agent.skills.zh == agent.skills.en', /two things of the agent/, /Compare/],
    ['agent.skills.exists(s, s == "zh")', /held against/, /Compare/],
    ['agent.id.startsWith("l")', /held against/, /Compare/],
    ['(agent.id == "li") == true', /cannot be asked/, /Compare/],
    ['agent.id in caller.name', /name/, /./],
    ['agent.skills.zh >= "60"', /overload/, /./],
    ['agent.id.matches("(a+)+$")', /matches/, /./],
  ])('refuses %s, with what to do about it', (text, message, mend) => {
    const rule = compileRequirement(text, routingFactTypes);
    const said = { message: expect.stringMatching(message) as string, mend: expect.stringMatching(mend) as string };
    expect(rule).toMatchObject({ ok: false, ...said });
  });

  it('names what must be in the config', () => {
    const { names } = compiled('agent.skills.zh > 1 && agent.attributes.site == "a" && call.queue in ["q", "r"]');
    expect(names).toEqual([
      { what: 'skill', name: 'zh' },
      { what: 'attribute', name: 'site' },
      { what: 'queue', name: 'q' },
      { what: 'queue', name: 'r' },
    ]);
  });

  it.each([
    ['agent.skills.zh >= 60 && agent.skills.zh < 40', 'agent.skills.zh cannot be >= 60 and < 40'],
    ['agent.skills.zh > 100', 'agent.skills.zh cannot be > 100'],
    ['agent.skills.zh > 5 && agent.skills.zh < 6', /cannot be/],
    ['agent.id == "a" && agent.id == "b"', /cannot be/],
    ['agent.team in ["a", "b"] && agent.team == "c"', /cannot be/],
    ['!(agent.skills.zh < 60 || agent.skills.zh >= 60)', /cannot be/],
    ['caller.vip && !caller.vip', /cannot be/],
    ['false', 'it is never true'],
  ])('says that %s can never be true', (text, why) => {
    expect(compiled(text).never).toMatch(why);
  });

  it.each([
    'agent.skills.zh >= 60 && agent.skills.zh <= 60',
    'agent.skills.zh >= 60 || agent.skills.zh < 40',
    'agent.skills.zh > 5 && agent.skills.zh < 7',
    'caller.value > 5 && caller.value < 6',
    'agent.team != "a" && agent.team != "b"',
    '!(agent.team in ["a", "b"])',
    'time.hour >= 23 && time.minute >= 59',
  ])('does not say so of %s', (text) => {
    expect(compiled(text).never).toBeUndefined();
  });
});

describe('whether an agent could ever do', () => {
  const agent: Traits = { id: 'li', skills: { zh: 50 }, attributes: { team: 'a' } };
  it.each([
    ['agent.skills.zh >= 50', true],
    ['agent.skills.zh >= 51', false],
    ['agent.skills.en >= 0', false],
    ['!(agent.skills.en >= 0)', false],
    ['caller.vip && agent.skills.zh >= 51', false],
    ['caller.vip || agent.skills.zh >= 51', true],
    ['agent.skills[caller.language] >= 99', true],
    ['agent.team == call.data.team', true],
    ['agent.team == "b" && agent.team == call.data.team', false],
    ['!(agent.team == call.data.team)', true],
  ])('%s: %s', (text, expected) => {
    expect(mayMeet(compiled(text).sketch, agent)).toBe(expected);
  });
});

describe('when a step is passed over', () => {
  it.each([
    ['agents.free < 2', { kind: 'agents', counted: 'free', op: '<', count: 2 }],
    ['agents.atWork == 0', { kind: 'agents', counted: 'atWork', op: '<', count: 1 }],
    ['3 < queue.waiting', { kind: 'waiting', op: '>=', count: 4 }],
    ['queue.waitedMs >= 60000', { kind: 'waited', op: '>=', waitedMs: 60_000 }],
    ['caller.vip', { kind: 'constant', value: true }],
    ['call.data.nothing == "x"', { kind: 'constant', value: false }],
  ])('%s', (text, expected) => {
    const rule = compileStepCondition(text, routingFactTypes);
    expect(rule.ok && rule.fold(facts)).toEqual(expected);
  });

  it.each(['agents.free < 2 && caller.vip', 'agents.free == 3', 'agents.free < queue.waiting', 'agents.fre < 1'])(
    'refuses %s',
    (text) => {
      expect(compileStepCondition(text, routingFactTypes).ok).toBe(false);
    },
  );
});

/** Text of a random expression about agents and calls. */
const expression = fc.letrec<{ whole: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    fc
      .tuple(fc.constantFrom('zh', 'en'), fc.constantFrom('>=', '<', '==', '!='), fc.integer({ min: 0, max: 100 }))
      .map(([name, op, level]) => `agent.skills.${name} ${op} ${level}`),
    fc.constantFrom('agent.team == "a"', 'agent.id != "li"', 'agent.id in ["li", "wang"]', 'agent.team in caller.tags'),
    fc.constantFrom('caller.vip', 'caller.value > 5.0', 'call.data.nothing == "x"', 'true', 'false'),
  ),
  whole: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    tie('whole').map((one) => `!(${one})`),
    fc.tuple(tie('whole'), fc.constantFrom('&&', '||'), tie('whole')).map(([a, op, b]) => `(${a}) ${op} (${b})`),
  ),
})).whole;

const agents = fc.record({
  id: fc.constantFrom('li', 'wang', 'zhao'),
  skills: fc.dictionary(fc.constantFrom('zh', 'en'), fc.integer({ min: 0, max: 100 })),
  attributes: fc.dictionary(fc.constantFrom('team'), fc.constantFrom('a', 'b2b')),
});

describe('any requirement', () => {
  it('is met by nobody when it was said that it can never be true, or that the agent could never do', () => {
    fc.assert(
      fc.property(expression, agents, fc.boolean(), (text, agent, vip) => {
        const rule = compileRequirement(text, routingFactTypes);
        if (!rule.ok) return;
        const met = evaluate(rule.fold({ ...facts, caller: { ...facts.caller, vip } }), agent) === true;
        if (!met) return;
        expect(rule.never).toBeUndefined();
        expect(mayMeet(rule.sketch, agent)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws and never takes long, whatever is written', () => {
    const token = fc.constantFrom(
      'agent',
      '.',
      'skills',
      'zh',
      '>=',
      '60',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '[',
      ']',
      '"a"',
      'in',
      ',',
      'caller',
      'vip',

      '?',
      ':',
      '-',
      '+',
      'id',
      'team',
      'has',
      'exists',
      'map',
      'size',
      '{',
      '}',
      'null',
      '1e9',
      'call',
      'data',
      '==',
      '_',
      '#',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(token, { maxLength: 40 }).map((all) => all.join(' ')),
          fc.string(),
        ),
        (text) => {
          const rule = compileRequirement(text, routingFactTypes);
          if (rule.ok) rule.fold(facts);
          const condition = compileCondition(text, routingFactTypes);
          if (condition.ok) condition.condition(facts);
          compileStepCondition(text, routingFactTypes);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
