import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  always,
  both,
  evaluate,
  meets,
  type Requirement,
  requirementKey,
  requirementOf,
  type Traits,
} from '../../src/routing/requirement.ts';

const seed = 20_261_122;
const skill = (name: string, level: number, op: '>=' | '>' | '<=' | '<' | '==' | '!=' = '>='): Requirement => ({
  kind: 'skill',
  skill: name,
  op,
  level,
});
const not = (of: Requirement): Requirement => ({ kind: 'not', of });
const all = (...of: Requirement[]): Requirement => ({ kind: 'all', of });
const any = (...of: Requirement[]): Requirement => ({ kind: 'any', of });
const site = (value: string): Requirement => ({ kind: 'attribute', name: 'site', op: '==', value });

const ann: Traits = { id: 'ann', skills: { english: 50, billing: 0 }, attributes: { site: 'Xi’an', senior: true } };

describe('what an agent must be', () => {
  it.each<[string, Requirement, boolean | undefined]>([
    ['nothing', always, true],
    ['the level', skill('english', 50), true],
    ['one more', skill('english', 51), false],
    ['more than', skill('english', 50, '>'), false],
    ['at most', skill('english', 50, '<='), true],
    ['less than', skill('english', 50, '<'), false],
    ['equal', skill('english', 50, '=='), true],
    ['not equal', skill('english', 50, '!='), false],
    ['level 0 that is there', skill('billing', 0), true],
    ['a missing skill, level 0', skill('french', 0), undefined],
    ['a missing skill, less than', skill('french', 100, '<'), undefined],
    ['a missing skill, not equal', skill('french', 50, '!='), undefined],
    ['not a missing skill', not(skill('french', 50)), undefined],
    ['not not a missing skill', not(not(skill('french', 50))), undefined],
    ['a skill with the name of what every object has', skill('constructor', 0), undefined],
    ['this agent', { kind: 'agent', agentId: 'ann' }, true],
    ['another agent', { kind: 'agent', agentId: 'bob' }, false],
    ['an attribute', site('Xi’an'), true],
    ['another value', site('Chengdu'), false],
    ['any value but', { kind: 'attribute', name: 'site', op: '!=', value: 'Chengdu' }, true],
    ['one of the values', { kind: 'attribute', name: 'site', op: 'in', values: ['Chengdu', 'Xi’an'] }, true],
    ['none of the values', { kind: 'attribute', name: 'senior', op: 'in', values: ['true', 1] }, false],
    ['a missing attribute', { kind: 'attribute', name: 'sex', op: '!=', value: 'm' }, undefined],
    ['all', all(skill('english', 50), site('Xi’an')), true],
    ['all, one unknown', all(skill('english', 50), skill('french', 1)), undefined],
    ['all, one unknown and one false', all(skill('french', 1), skill('english', 99)), false],
    ['not (all, one unknown and one false)', not(all(skill('french', 1), skill('english', 99))), true],
    ['any, one unknown and one true', any(skill('french', 1), skill('english', 1)), true],
    ['any, one unknown and one false', any(skill('french', 1), skill('english', 99)), undefined],
    ['all of nothing', all(), true],
    ['any of nothing', any(), false],
  ])('%s', (_name, requirement, expected) => {
    expect(evaluate(requirement, ann)).toBe(expected);
    expect(meets(requirement, ann)).toBe(expected === true);
  });

  it('an agent without attributes has none', () => {
    expect(evaluate(site('Xi’an'), { id: 'bob', skills: {} })).toBeUndefined();
  });
});

describe('the plain form', () => {
  it('is all of its levels', () => {
    expect(requirementOf({ mandarin: 60, billing: 40 })).toEqual(all(skill('mandarin', 60), skill('billing', 40)));
    expect(requirementOf({ mandarin: 60 })).toEqual(skill('mandarin', 60));
    expect(requirementOf({})).toEqual(always);
  });
  it('joined with nothing stays as it is', () => {
    expect(both(always, site('a'))).toEqual(site('a'));
    expect(both(site('a'), always)).toEqual(site('a'));
    expect(both(site('a'), site('b'))).toEqual(all(site('a'), site('b')));
  });
});

describe('the key by which calls share a signature', () => {
  it.each<[string, Requirement, Requirement]>([
    ['in another order', all(skill('a', 1), skill('b', 2)), all(skill('b', 2), skill('a', 1))],
    ['nested', all(skill('a', 1), all(skill('b', 2), skill('c', 3))), all(skill('a', 1), skill('b', 2), skill('c', 3))],
    ['twice', any(site('a'), site('a')), site('a')],
    ['the higher of two levels', all(skill('a', 1), skill('a', 9)), skill('a', 9)],
    ['the lower where one is enough', any(skill('a', 1), skill('a', 9)), skill('a', 1)],
    ['not not', not(not(site('a'))), site('a')],
    ['and always', all(site('a'), always), site('a')],
    ['or always', any(site('a'), always), always],
    ['all of nothing', all(), always],
    ['any of nothing', any(), not(always)],
  ])('%s: the same', (_name, a, b) => {
    expect(requirementKey(a)).toBe(requirementKey(b));
  });

  it.each<[string, Requirement, Requirement]>([
    ['another level', skill('a', 1), skill('a', 2)],
    ['another comparison', skill('a', 1, '>'), skill('a', 1)],
    ['all and any', all(site('a'), site('b')), any(site('a'), site('b'))],
    ['not', not(site('a')), site('a')],
    [
      'a number and its digits',
      { kind: 'attribute', name: 'n', op: '==', value: 1 },
      { kind: 'attribute', name: 'n', op: '==', value: '1' },
    ],
    ['a name that looks like the syntax', skill('a">=1', 1), skill('a', 1)],
    ['an agent and an attribute', { kind: 'agent', agentId: 'a' }, site('a')],
  ])('%s: another', (_name, a, b) => {
    expect(requirementKey(a)).not.toBe(requirementKey(b));
  });

  const names = fc.constantFrom('a', 'b', 'c');
  const { requirement } = fc.letrec<{ requirement: Requirement }>((tie) => ({
    requirement: fc.oneof(
      { maxDepth: 3 },
      fc.record({
        kind: fc.constant('skill' as const),
        skill: names,
        op: fc.constantFrom('>=', '>', '<=', '<', '==', '!='),
        level: fc.nat(3),
      }),
      fc.constant(always),
      names.map((agentId) => ({ kind: 'agent' as const, agentId })),
      fc.record({
        kind: fc.constant('attribute' as const),
        name: names,
        op: fc.constantFrom('==', '!='),
        value: fc.nat(2),
      }),
      fc.record({
        kind: fc.constant('attribute' as const),
        name: names,
        op: fc.constant('in' as const),
        values: fc.array(fc.nat(2), { maxLength: 2 }),
      }),
      tie('requirement').map(not),
      fc.record({ kind: fc.constantFrom('all', 'any'), of: fc.array(tie('requirement'), { maxLength: 3 }) }),
    ),
  }));
  const levels = fc.dictionary(names, fc.nat(3));
  const agent = fc.record({ id: names, skills: levels, attributes: levels });

  it('never joins what differs for some agent', () => {
    const seen = new Map<string, Requirement>();
    fc.assert(
      fc.property(requirement, agent, (asked, traits) => {
        const key = requirementKey(asked);
        const twin = seen.get(key) ?? asked;
        seen.set(key, asked);
        expect(evaluate(twin, traits)).toBe(evaluate(asked, traits));
      }),
      { seed, numRuns: 20_000 },
    );
  });
});
