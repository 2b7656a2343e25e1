import { describe, expect, it } from 'vitest';
import { en } from '../../src/desktop/words/en.ts';
import { reasonText } from '../../src/desktop/words/errors.ts';
import { contactsText, eventText, pauseText } from '../../src/desktop/words/events.ts';
import { clockText, dateText, durationText, languageOf, momentText, sayIn } from '../../src/desktop/words/words.ts';
import { zh } from '../../src/desktop/words/zh.ts';
import { catalogue, type EventType } from '../../src/events/catalogue/index.ts';
import { callView, eventOf, offered } from './rig.ts';

const names = { agent: (id: string) => `agent ${id}`, queue: (id: string) => `queue ${id}` };
const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();

describe('the languages', () => {
  it('have the same texts, with the same blanks, none of them empty', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      const chinese = zh[key as keyof typeof en];
      expect([key, ...blanks(chinese)]).toEqual([key, ...blanks(text)]);
      expect(chinese.trim()).not.toBe('');
    }
  });

  it('are in Chinese where they are Chinese', () => {
    const latin = Object.entries(zh).filter(([, text]) => !/[一-鿿]/.test(text));
    expect(latin.map(([key]) => key)).toEqual(['brand', 'agentChanged', 'callOfferEnded', 'callEnded', 'callOther']);
  });

  it.each([
    ['zh', ['en-US'], 'zh'],
    [undefined, ['zh-TW', 'en'], 'zh'],
    [undefined, ['fr-FR', 'en-GB', 'zh'], 'en'],
    [undefined, ['fr'], 'en'],
    [undefined, [], 'en'],
    ['klingon', ['zh-CN'], 'zh'],
  ])('chosen %s, of the browser %j: %s', (chosen, browser, expected) => {
    expect(languageOf(chosen, browser)).toBe(expected);
  });
});

describe('texts', () => {
  it('have their blanks filled, and nothing of what is filled in is read as a blank', () => {
    expect(sayIn('en')('offeredTo', { agent: '{number}' })).toBe('at {number}');
    expect(sayIn('zh')('more', { count: 3 })).toBe('另有 3 项');
  });

  it.each([
    [0, '0:00'],
    [-5_000, '0:00'],
    [999, '0:00'],
    [75_000, '1:15'],
    [3_600_000, '1:00:00'],
    [3_675_000, '1:01:15'],
  ])('%i ms are %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('have dates of the language', () => {
    const noonMs = Date.UTC(2026, 2, 4, 12);
    expect(dateText(noonMs, 'zh')).toBe('2026年3月4日');
    expect(dateText(noonMs, 'en')).toBe('Mar 4, 2026');
    expect(momentText(noonMs, 'zh')).toMatch(/^2026年3月4日 \d{2}:\d{2}$/);
    expect(clockText(noonMs, 'zh')).toMatch(/^\d\d:00:00$/);
  });

  it('name every event of the catalogue in both languages', () => {
    const data = {
      call: callView('a', { agentId: 'li' }),
      agent: { id: 'li', name: 'Li', presence: 'available' },
      agentId: 'li',
      nodeId: 'pbx1',
      outcome: 'declined',
      reason: 'completed',
    };
    for (const type of Object.keys(catalogue) as EventType[]) {
      if (type === 'queue.stats.v1') continue;
      const fields = Object.keys(catalogue[type].data.properties);
      const part = Object.fromEntries(Object.entries(data).filter(([name]) => fields.includes(name)));
      for (const language of ['en', 'zh'] as const) {
        const text = eventText(eventOf(type, part as never), language, names);
        expect(text).not.toMatch(/[{}]|undefined|\.v\d/);
      }
    }
  });

  it('tell an offer', () => {
    expect(eventText(offered(callView('a'), 'li'), 'en', names)).toBe('138****8000 is offered to agent li');
    expect(eventText(offered(callView('a'), 'li'), 'zh', names)).toBe('138****8000 派给 agent li');
  });

  it('give a reason for a failure, known or not', () => {
    expect(reasonText('call.held_by_phone', sayIn('zh'))).toBe('话机上处于保持，请在话机上恢复');
    expect(reasonText('strange.code', sayIn('en'))).toBe('the server says strange.code');
    expect(pauseText('lunch', sayIn('zh'))).toBe('午餐');
    expect(pauseText('dentist', sayIn('zh'))).toBe('dentist');
  });
});

describe('what an agent has in hand beside calls', () => {
  const held = (...channels: string[]) => ({ contacts: channels.map((channel) => ({ channel })) });
  it.each([
    [held('chat', 'mail', 'chat'), 'in hand: chat 2, mail 1', '手头：chat 2, mail 1'],
    [held(), undefined, undefined],
    [{}, undefined, undefined],
  ])('%j', (agent, english, chinese) => {
    expect([contactsText(agent, sayIn('en')), contactsText(agent, sayIn('zh'))]).toEqual([english, chinese]);
  });
});
