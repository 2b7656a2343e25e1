import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerCharacters, answerLine, answerOf, answerVariables } from '../../src/advice/answer.ts';
import type { Advice } from '../../src/bridge/index.ts';
import { customer } from '../bridge/fake-neighbours.ts';

const explanation = { rule: 'longestIdle', waitedMs: 0, orderKey: 0, considered: 1, candidates: [], excluded: [] };
const agent = (endpoint: string, found = customer()): Advice => ({
  callId: 'rm-0190',
  customer: found,
  placement: {
    action: 'agent',
    agentId: 'li',
    endpoint,
    queueId: 'support',
    ringTimeoutMs: 20_000,
    keptUntilMs: 1,
    explanation,
  },
});

describe('the answer', () => {
  it('is one line of nine fields', () => {
    expect(answerLine(answerOf(agent('PJSIP/1001'), true))).toBe('RM1|agent|PJSIP/1001|support|rm-0190|20|gold|c1|0');
    expect(answerLine(answerOf(agent('PJSIP/1001'), false))).toBe('RM1|agent|PJSIP/1001|support|rm-0190|20|||');
    const queued: Advice = { ...agent(''), placement: { action: 'queue', queueId: 'support' } };
    expect(answerLine(answerOf(queued, false))).toBe('RM1|queue||support|rm-0190||||');
    const refused: Advice = { ...queued, placement: { action: 'fallback', reason: 'draining' } };
    expect(answerLine(answerOf(refused, false))).toBe('RM1|fallback|||rm-0190||||');
  });

  it.each(['PJSIP/1&PJSIP/2', 'PJSIP/1,30', 'PJSIP/${X}', 'PJSIP/a b', 'PJSIP/1@trunk', 'Local/1@ctx,1', ''])(
    'never names the endpoint %s',
    (endpoint) => {
      expect(answerOf(agent(endpoint), true)).toMatchObject({ action: 'fallback', endpoint: '' });
    },
  );

  it('leaves out what a CRM writes in other characters', () => {
    const found = answerOf(agent('PJSIP/1', customer({ tier: '金卡', id: 'a,b', vip: true })), true);
    expect([found.tier, found.customer, found.vip]).toEqual(['', '', '1']);
  });

  it('has the allowed characters and nine fields whatever anybody put into it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, text, (endpoint, callId, tier, id) => {
        const line = answerLine(answerOf({ ...agent(endpoint, customer({ tier, id })), callId }, true));
        expect(line).toMatch(answerCharacters);
        expect(line.split('|')).toHaveLength(9);
      }),
    );
  });

  it('is the same as channel variables', () => {
    const variables = Object.fromEntries(answerVariables(answerOf(agent('PJSIP/1001'), true)));
    expect(variables).toEqual({
      RM_ACTION: 'agent',
      RM_ENDPOINT: 'PJSIP/1001',
      RM_QUEUE: 'support',
      RM_CALL: 'rm-0190',
      RM_RING: '20',
      RM_TIER: 'gold',
      RM_CUSTOMER: 'c1',
      RM_VIP: '0',
      RM_ANSWER: 'RM1|agent|PJSIP/1001|support|rm-0190|20|gold|c1|0',
    });
  });
});
