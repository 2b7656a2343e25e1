import { describe, expect, it } from 'vitest';
import { ConfigError, configWarnings, parseConfig } from '../../config/index.ts';
import { isOpen } from '../../src/calendar/index.ts';

const file = (schedules: string): string => `tenant: t
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' } }] }
numbers: [{ id: hotline, number: 4001, queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
schedules:
${schedules}`;
const load = (schedules: string) => parseConfig(file(schedules), 'ringmaster.yaml', { env: { ARI: 'x' } });

function problem(schedules: string): string {
  try {
    load(schedules);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ line, key, message, mend }) => `${line} ${key}: ${message}. ${mend}`).join('\n');
    throw error;
  }
  return '';
}

const office = `  - id: office
    timeZone: Asia/Shanghai
    weekly: { mon-fri: ['09:00-12:00', '13:00-18:00'], sat: ['10:00-14:00'] }
    holidays: china
    exceptions: { 2026-10-05: ['10:00-11:00'], '2026-12-31': [] }
`;

describe('schedules', () => {
  const [schedule] = load(office).schedules;
  const says = (text: string): boolean => isOpen(schedule ?? expect.fail(), Date.parse(`${text}+08:00`));

  it.each([
    ['a Monday', '2026-11-23T09:00', true],
    ['at noon', '2026-11-23T12:30', false],
    ['an ordinary Saturday', '2026-11-21T13:30', true],
    ['an ordinary Sunday', '2026-11-22T10:30', false],
    ['the Saturday after the National Day week, worked: hours of a Monday', '2026-10-10T17:30', true],
    ['a Sunday before it, worked', '2026-09-20T17:30', true],
    ['the first of October', '2026-10-01T10:00', false],
    ['the seventh of October, a Wednesday', '2026-10-07T10:00', false],
    ['the eighth of October', '2026-10-08T10:00', true],
    ['an own exception inside the holidays', '2026-10-05T10:30', true],
    ['and its end', '2026-10-05T11:00', false],
    ['an own closed day', '2026-12-31T10:00', false],
    ['the Spring Festival', '2026-02-17T10:00', false],
    ['a Saturday worked before it', '2026-02-14T17:30', true],
    ['a year whose holidays nobody has published: by the week', '2031-10-01T10:00', true],
  ])('%s', (_name, text, expected) => {
    expect(says(text)).toBe(expected);
  });

  it('ranges of weekdays may run over Sunday', () => {
    const [days] = load(`  - { id: s, timeZone: UTC, weekly: { sat-mon: ['09:00-18:00'] } }`).schedules;
    expect(days?.weekly.map((list) => list.length)).toEqual([1, 0, 0, 0, 0, 1, 1]);
  });

  it.each([
    [
      'an unknown time zone',
      office.replace('Asia/Shanghai', 'Asia/Shangai'),
      /7 schedules\[0\]\.timeZone: there is no time zone "Asia\/Shangai"/,
    ],
    [
      'a weekday that is none',
      office.replace('mon-fri', 'mon-fry'),
      /8 schedules\[0\]\.weekly\.mon-fry: .*Write a weekday or a range/,
    ],
    ['hours that are none', office.replace('09:00-12:00', '9-12'), /weekly\.mon-fri\[0\]: "9-12" has the wrong form/],
    ['hours after midnight', office.replace('09:00-12:00', '09:00-24:30'), /has the wrong form/],
    ['hours without length', office.replace('09:00-12:00', '09:00-09:00'), /begins when it ends.*00:00-24:00/],
    [
      'a day that is none',
      office.replace('2026-12-31', '2026-11-31'),
      /exceptions\.2026-11-31: "2026-11-31" is no day/,
    ],
    ['a date of another form', office.replace("'2026-12-31'", "'31.12.2026'"), /Write a date such as/],
    ['holidays of another country', office.replace('china', 'chna'), /Did you mean "china"/],
    ['one id twice', office + office, /is already taken/],
  ])('%s is refused', (_name, text, says) => {
    expect(problem(text)).toMatch(says);
  });
});

describe('years without published holidays', () => {
  const warned = (text: string, schedules = office): number => configWarnings(load(schedules), Date.parse(text)).length;

  it('are told when they have begun, and a month before', () => {
    expect([warned('2026-06-01T00:00Z'), warned('2030-12-15T00:00Z'), warned('2031-06-01T00:00Z')]).toEqual([0, 2, 1]);
    expect(configWarnings(load(office), Date.parse('2031-06-01T00:00Z'))[0]).toMatch(
      /^schedules office: .* of 2031 .*2004 to \d{4}/,
    );
  });

  it('matter only to a schedule that follows them', () => {
    expect(warned('2031-06-01T00:00Z', office.replace('    holidays: china\n', ''))).toBe(0);
  });
});
