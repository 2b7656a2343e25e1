import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';
import { timeZone } from '../../src/calendar/index.ts';
import { type RoutingFacts, routingFacts } from '../../src/call/index.ts';

const site = (queue = '', routing = '', agents = '') => `tenant: t
insecurePlainSecrets: true
pbx: { nodes: [{ id: a, ari: { url: 'http://h:8088', user: u, password: p } }] }
skills: [zh, en, billing]
numbers: [{ id: hotline, number: '*', queue: support, fallback: hangup }]
routing:
  timeZone: UTC
${routing}
queues:
  - id: support
    overflow: hangup
${queue}
  - id: general
    overflow: hangup
agents:
  - { id: li, name: Li, endpoint: PJSIP/1, skills: { zh: 80, billing: 20 }, queues: [support], team: first }
  - { id: wang, name: Wang, endpoint: PJSIP/2, skills: { en: 80 }, queues: [support, general], attributes: { site: south } }
${agents}`;
const parse = (yaml: string) => parseConfig(yaml, 'ringmaster.yaml', { env: {} });

function problems(yaml: string): readonly string[] {
  try {
    parse(yaml);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ line, key, message, mend }) => `${line} ${key}: ${message}. ${mend}`);
    throw error;
  }
  return [];
}

const caller = { ownerAgentId: '', lastAgentId: '' };
const facts = (over: object) => ({ call: {}, time: {}, caller: { ...caller, ...over } }) as unknown as RoutingFacts;

describe('rules of queues', () => {
  it('leaves a queue that says none of it as it was', () => {
    const { rules } = parse(site());
    expect(rules.queues[0]).not.toHaveProperty('steps');
    expect(rules.queues[0]).not.toHaveProperty('requirement');
    expect(rules.folding.size).toBe(0);
    expect(rules).not.toHaveProperty('place');
    expect(rules.asksForLastAgent).toBe(false);
  });

  it('gives routing plain data where every call gets the same', () => {
    const { rules } = parse(
      site(`    requires: agent.skills.billing >= 10 || agent.attributes.site == "south"
    selection: bestProficiency
    ordering: accumulating
    orderRates: [1, 3]
    vipReserve: 1
    deadlineMs: 10m
    ringAll: 3
    wrapUpMs: 20s
    wrapUp: { kind: extendable, maxMs: 5m }
    noAgentGraceMs: 30s
    joinEmpty: { counted: signedIn, target: queue:general }
    edges: { wang: { priority: 10, delayMs: 5s } }
    steps:
      - { expiresAfterMs: 20s, exclude: [wang] }
      - { needs: { zh: 10 }, requires: agent.team == "first", orderBy: linear, skipIf: agents.free < 1 }`),
    );
    expect(rules.folding.size).toBe(0);
    expect(rules.queues[0]).toMatchObject({
      requirement: { kind: 'any' },
      selection: 'bestProficiency',
      ordering: { kind: 'accumulating', rates: [1, 3] },
      vipReserve: 1,
      deadlineMs: 600_000,
      ringAll: 3,
      wrapUp: { kind: 'extendable', ms: 20_000, maxMs: 300_000 },
      noAgentGraceMs: 30_000,
      joinEmpty: { counted: 'signedIn', target: { kind: 'queue', queueId: 'general' } },
      edges: { wang: { priority: 10, delayMs: 5_000, penalty: 0, weight: 1 } },
      steps: [
        { expiresAfterMs: 20_000, exclude: ['wang'] },
        {
          requirement: {
            kind: 'all',
            of: [
              { kind: 'skill', skill: 'zh', op: '>=', level: 10 },
              { kind: 'attribute', name: 'team', op: '==', value: 'first' },
            ],
          },
          orderBy: 'linear',
          skipIf: { kind: 'agents', counted: 'free', op: '<', count: 1 },
        },
      ],
    });
    expect(rules.queues[0]).not.toHaveProperty('requires');
    expect(rules.agents[0]).toMatchObject({ attributes: { team: 'first' } });
    expect(rules.agents[0]).not.toHaveProperty('capacity');
  });

  it('takes a capacity for what is not a call', () => {
    const agents = '  - { id: zhao, name: Zhao, endpoint: PJSIP/3, queues: [support], capacity: { chat: 3, mail: 5 } }';
    const { rules } = parse(site('', '', agents));
    expect(rules.agents[2]).toMatchObject({ capacity: { chat: 3, mail: 5 } });
    expect(problems(site('', '', agents.replace('chat: 3', 'voice: 2')))[0]).toMatch(/agents\[2\]\.capacity/);
    expect(problems(site('', '', agents.replace('chat: 3', 'chat: many')))[0]).toMatch(/agents\[2\]\.capacity\.chat/);
    expect(problems(site('', '', agents.replace('chat: 3', 'chat: -1')))[0]).toMatch(/agents\[2\]\.capacity\.chat/);
  });

  it('fills in the owner, who talked last, and skills that are never relaxed, for each call', () => {
    const { rules } = parse(
      site(`    neverRelaxed: [zh]
    steps:
      - { expiresAfterMs: 20s, agent: owner }
      - { expiresAfterMs: 20s, agent: last }
      - { needs: {} }`),
    );
    expect(rules.asksForLastAgent).toBe(true);
    expect(rules.queues[0]).not.toHaveProperty('steps');
    const steps = rules.folding.get('support')?.steps;
    const here = { kind: 'agents', counted: 'atWork', op: '<', count: 1 };
    const zh = { kind: 'skill', skill: 'zh', op: '>=', level: 60 };
    expect(steps?.(facts({ ownerAgentId: 'li' }), { zh: 60, billing: 50 })).toEqual([
      { expiresAfterMs: 20_000, agentId: 'li', skipIf: here },
      // Nobody has talked with the number: the step is passed over.
      { expiresAfterMs: 20_000, skipIf: { kind: 'constant', value: true } },
      { requirement: zh },
    ]);
  });

  it('never relaxes what `requires` asks of such a skill, whole; the rest of it is relaxed', () => {
    const { rules } = parse(
      site(`    requires: agent.skills[call.language] >= 60 && (agent.team == "first" || agent.skills.billing >= 50)
    neverRelaxed: [zh, en]
    steps:
      - { needs: { billing: 20 } }`),
    );
    const steps = rules.folding.get('support')?.steps;
    const billing = { kind: 'skill', skill: 'billing', op: '>=', level: 20 };
    const asked = { kind: 'skill', skill: 'zh', op: '>=', level: 60 };
    const of = (language: string): RoutingFacts => {
      const call = { entryId: 'hotline', dialledNumber: '1', callerNumber: '2', language, data: {}, hops: 0 };
      return routingFacts(call, timeZone('UTC'), 0);
    };
    expect(steps?.(of('zh'), {})).toEqual([{ requirement: { kind: 'all', of: [billing, asked] } }]);
    // Of a caller whose language nobody knows, the step asks for none.
    expect(steps?.(of(''), {})).toEqual([{ requirement: billing }]);
  });

  it.each([
    ['    requires: agent.skills.bilingual >= 1', /12 queues\[0\]\.requires: there is no skill "bilingual"/],
    ['    requires: agent.skills.biling >= 1', /Did you mean "billing"\?/],
    ['    requires: agent.skils.zh >= 1', /12 queues\[0\]\.requires: No such key: skils\. Did you mean "skills"\?/],
    [
      '    requires: agent.skills.zh >= 60 && agent.skills.zh < 40',
      /can never be true: agent\.skills\.zh cannot be >= 60 and < 40/,
    ],
    ['    requires: agent.skills.zh >= 60 && agent.skills.en >= 60', /can never match: none of the 2 agents/],
    ['    requires: agent.id == "wong"', /there is no agent "wong"\. Did you mean "wang"\?/],
    ['    requires: agent.attributes.sit == "south"', /there is no attribute "sit"\. Did you mean "site"\?/],
    [
      '    requires: call.queue == "suport" || agent.skills.zh > 1',
      /there is no queue "suport"\. Did you mean "support"\?/,
    ],
    ['    requires: agent.skills.zh >=', /queues\[0\]\.requires/],
    ['    edges: { wong: {} }', /there is no agent "wong"\. Did you mean "wang"\?/],
    ['    neverRelaxed: [zhh]', /there is no skill "zhh"\. Did you mean "zh"\?/],
    ['    ordering: accumulating', /needs a rate for each class/],
    [
      '    steps: [{ needs: { zh: 1 } }, { needs: { zh: 0 } }]',
      /12 queues\[0\]\.steps\[0\]: the steps after it are never reached/,
    ],
    [
      '    steps: [{ expiresAfterMs: 10s, queue: generall }, {}]',
      /there is no queue "generall"\. Did you mean "general"\?/,
    ],
    ['    steps: [{ expiresAfterMs: 10s }, { needs: { zh: 90 } }]', /steps\[1\]: the last step can never match/],
    ['    steps: [{ exclude: [li, wang] }]', /steps\[0\]: the last step can never match/],
    ['    steps: [{ agent: nobody }]', /there is no agent "nobody"/],
    ['    steps: [{ skipIf: agents.free == 7 }]', /one comparison with a whole number/],
    ['    steps: [{ for: 10s }]', /unknown key "for"/],
    ['    selection: longest', /Did you mean|Known: longestIdle/],
  ])('refuses %s', (queue, expected) => {
    expect(problems(site(queue)).join('\n')).toMatch(expected);
  });

  it('refuses nothing because a queue has no agents yet', () => {
    const yaml = site('    requires: agent.skills.zh >= 60').replaceAll('queues: [support', 'queues: [general');
    expect(problems(yaml.replaceAll('[general, general]', '[general]'))).toEqual([]);
  });
});

describe('rules that place calls', () => {
  const call = {
    entryId: 'hotline',
    dialledNumber: '4001',
    callerNumber: '138',
    data: {},
    hops: 0,
    queueId: 'support',
  };
  const rules = `  rules:
    - { id: refunds, when: 'call.data.topic == "refund"', queue: general, priority: 5 }
    - { id: night, when: time.hour >= 20 || time.hour < 8, needs: { zh: 30 } }
    - { id: rest, priority: -1 }`;

  it('takes the first that fits, as the call is now', () => {
    const { place } = parse(site('', rules)).rules;
    const noonMs = Date.UTC(2026, 0, 7, 12);
    expect(place?.(call, noonMs)).toEqual({ rule: 'rest', priority: -1 });
    expect(place?.(call, noonMs + 9 * 3_600_000)).toEqual({ rule: 'night', needs: { zh: 30 } });
    const refund = { ...call, data: { topic: 'refund' } };
    expect(place?.(refund, noonMs)).toEqual({ rule: 'refunds', queueId: 'general', priority: 5 });
  });

  it.each([
    ['{ id: a, when: caller.vp, priority: 1 }', /9 routing\.rules\[0\]\.when: No such key: vp\. Did you mean "vip"\?/],
    ['{ id: a, when: caller.vip, queue: supprt }', /there is no queue "supprt"\. Did you mean "support"\?/],
    ['{ id: a, entries: [hotlin], priority: 1 }', /there is no entry "hotlin"\. Did you mean "hotline"\?/],
    ['{ id: a, when: call.entry == "hot", priority: 1 }', /there is no entry "hot"/],
    ['{ id: a, when: caller.vip }', /this rule does nothing/],
    ['{ id: a, when: caller.value > 100.0, priority: 1 }', /can never be true: caller\.value cannot be > 100/],
    [
      '{ id: a, when: caller.status == "frsh", priority: 1 }',
      /caller\.status cannot be == "frsh"; it is one of fresh,/,
    ],
    ['{ id: a, entries: [hotline], when: call.entry == "", priority: 1 }', /of the calls of this rule it can never be/],
    ['{ id: a, when: agent.id == "li", priority: 1 }', /agent/],
    ['{ id: a, priority: 1 }\n    - { id: b, priority: 2 }', /rules after it are never reached/],
    ['{ id: a, priority: 1, entries: [hotline] }\n    - { id: a, priority: 2 }', /already taken/],
  ])('refuses %s', (rule, expected) => {
    expect(problems(site('', `  rules:\n    - ${rule}`)).join('\n')).toMatch(expected);
  });

  it('refuses a time zone that does not exist, and a rollout that is no share', () => {
    expect(problems(site().replace('timeZone: UTC', 'timeZone: Asia/Shanghia'))[0]).toMatch(/no time zone/);
    expect(problems(site('', '  rollout: half'))[0]).toMatch(/10% of calls/);
  });
});

describe('the version of the rules', () => {
  it('is that of their content', () => {
    const one = parse(site()).rules.version;
    expect(parse(`# a remark\n${site()}`).rules.version).toBe(one);
    expect(parse(site('', '  rollout: 10%')).rules.version).toBe(one);
    expect(parse(site('    ringTimeoutMs: 21s')).rules.version).not.toBe(one);
    expect(parse(site().replace('tenant: t', 'tenant: u')).rules.version).toBe(one);
  });
});
