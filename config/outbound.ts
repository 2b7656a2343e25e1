import { type Static, Type } from '../src/schema/index.ts';
import { duration, formed, id, path } from './kinds.ts';
import type { Problems } from './problems.ts';

const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });
const hour = 3_600_000;
const day = 24 * hour;
const shown = /^\+?[0-9*#]{0,31}$/;

const Route = Type.Object({
  id: id('name of this route in logs'),
  prefixes: Type.Array(
    formed(/^(\*|\+?[0-9]{1,15})$/, 'the beginning of a number such as +86 or 95, or * for any', 'a beginning'),
    { minItems: 1, maxItems: 1_000, description: 'beginnings of the numbers that go this way; the longest decides' },
  ),
  node: id('the PBX that dials'),
  endpoint: formed(
    /^(PJSIP\/\{number\}@[\w.-]{1,64}|Local\/\{number\}@[\w-]{1,64}\/n)$/,
    'PJSIP/{number}@TRUNK or Local/{number}@CONTEXT/n',
    'what is dialled; {number} is replaced',
  ),
  format: Type.Enum(['e164', 'digits', 'national', 'idd'], {
    default: 'national',
    description: 'how the trunk wants numbers: +8613…, 8613…, 13… or 021…, 008613…',
  }),
  dialPrefix: formed(/^[0-9*#]{0,8}$/, 'up to 8 digits', 'what is dialled before the number', { default: '' }),
  callerId: formed(shown, 'digits, or nothing', 'the number that customers see when no entry is named', {
    default: '',
  }),
  concurrentMax: count(30, 1, 100_000, 'jobs that may use this route at the same time before they talk'),
});

const rule = (attempts: number, delayMs: number, what: string) =>
  Type.Object({
    attemptsMax: count(attempts, 1, 100, `dials that may end so: ${what}`),
    delayMs: duration(delayMs, 1_000, 30 * day, 'how long to wait before the next'),
  });

export const OutboundSection = Type.Object({
  routes: Type.Array(Route, { maxItems: 1_000, description: 'how numbers go out; without any nothing is dialled' }),
  ringTimeoutMs: duration(30_000, 1_000, 5 * 60_000, 'how long the customer’s phone rings'),
  agentWaitMs: duration(15_000, 1_000, 10 * 60_000, 'how long a job that was given to a queue looks for its agent'),
  clickToDial: Type.Object({
    agentHeaders: Type.Record(
      Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]{0,39}$' }),
      Type.String({ pattern: '^[\\x20-\\x7e]{1,200}$', description: 'the header’s value' }),
      { description: 'SIP headers that make the agent’s phone answer by itself, e.g. Alert-Info' },
    ),
    callingHours: Type.Boolean({ default: false, description: 'whether agents, too, keep the calling hours' }),
  }),
  callingHours: Type.Array(
    Type.Object({
      regions: Type.Array(formed(/^([A-Z]{2}|\*)$/, 'a country code such as CN, or * for all others', 'a country'), {
        minItems: 1,
        maxItems: 300,
        description: 'countries of the numbers',
      }),
      schedule: id('the schedule in which they may be called'),
    }),
    { maxItems: 300, description: 'when jobs may call; a country without hours is not called' },
  ),
  doNotCall: Type.Object({ csv: Type.Optional(path('CSV file with a column of numbers that are never called')) }),
  retry: Type.Object({
    attemptsMax: count(3, 1, 100, 'dials of one job in all'),
    busy: rule(3, 5 * 60_000, 'busy or declined'),
    noAnswer: rule(2, hour, 'not answered'),
    failed: rule(2, 10 * 60_000, 'failed, or an end that was not seen'),
  }),
  retryBounds: Type.Object({
    attemptsMax: count(10, 1, 100, 'dials that a job may ask for'),
    delayMinMs: duration(60_000, 0, day, 'the shortest delay that a job may ask for'),
  }),
  restMs: duration(5_000, 100, hour, 'before a job is tried again whose customer was not dialled'),
  jobMaxAgeMs: duration(day, 60_000, 400 * day, 'a job without notAfterMs expires after so long'),
  keepMs: duration(30 * day, hour, 400 * day, 'how long finished jobs and their idempotency keys are kept'),
  ratePerSecond: Type.Number({ default: 5, minimum: 0.01, maximum: 1_000, description: 'jobs started a second' }),
  concurrentMax: count(100, 1, 100_000, 'jobs with a call that is not talking yet'),
  queueConcurrentMax: count(50, 1, 100_000, 'the same for one queue'),
  tickMs: duration(500, 50, 60_000, 'how often it is looked whether due jobs have idle agents'),
  saveDeadlineMs: duration(
    3_000,
    100,
    60_000,
    'what must be in the store before a dial is there by then, or nothing is dialled',
  ),
});

type OutboundData = Static<typeof OutboundSection>;
type Refer = (what: 'node' | 'schedule', name: string, key: string) => void;

export function checkOutbound({ routes, callingHours }: OutboundData, refer: Refer, problems: Problems): void {
  routes.forEach((route, index) => refer('node', route.node, `outbound.routes[${index}].node`));
  const seen = new Map<string, number>();
  callingHours.forEach(({ regions, schedule }, index) => {
    const key = `outbound.callingHours[${index}]`;
    refer('schedule', schedule, `${key}.schedule`);
    for (const region of regions) {
      const before = seen.get(region);
      if (before === undefined) seen.set(region, index);
      else {
        const said = `"${region}" is already in outbound.callingHours[${before}]`;
        problems.report('duplicate', `${key}.regions`, said, 'Name each country once.');
      }
    }
  });
}
