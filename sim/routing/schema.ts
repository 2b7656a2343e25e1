import { duration, EdgeSection, formed, id, levels, path, Queue } from '../../config/index.ts';
import { type Static, Type } from '../../src/schema/index.ts';

/** The scenario file. Everything that has a default may be left out; `docs/simulator.md` tells it in full. */
const hour = 3_600_000;
const day = 24 * hour;
const timeForm = 'a time of the day such as 08:30, up to 48:00';
const time = (description: string, value?: string) =>
  formed(/^([0-3]\d|4[0-7]):[0-5]\d$|^48:00$/, timeForm, description, value === undefined ? {} : { default: value });
const share = (description: string) => Type.Number({ default: 0, minimum: 0, maximum: 1, description });
const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });

const Duration = (description: string) =>
  Type.Object(
    {
      constant: Type.Optional(duration(undefined, 0, day, 'always this long')),
      exponential: Type.Optional(duration(undefined, 1, day, 'exponential with this mean')),
      lognormal: Type.Optional(
        Type.Object({
          mean: duration(undefined, 1, day, 'mean'),
          variation: Type.Number({ minimum: 0.01, maximum: 20, description: 'standard deviation ÷ mean' }),
        }),
      ),
      empirical: Type.Optional(path('CSV file with a column of seconds that were measured')),
    },
    { description },
  );

const Arrivals = Type.Object({
  perHour: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description: 'calls an hour, at random' })),
  profile: Type.Array(
    Type.Object({
      from: time('from this time of the day'),
      perHour: Type.Number({ minimum: 0, maximum: 1e6, description: 'calls an hour, at random' }),
    }),
    { maxItems: 1_440, description: 'how many calls an hour over the day; the last goes on to midnight' },
  ),
  csv: Type.Optional(path('CSV file of a real day: a column time, and perhaps callers and calls')),
  draw: Type.Enum(['exact', 'random'], {
    default: 'exact',
    description: 'calls of the CSV file at the very times, or as many on average in each quarter of an hour',
  }),
});

const Callers = Type.Object({
  id: id('name of these callers'),
  queue: id('the queue'),
  needs: levels('skills that they need besides those of the queue'),
  arrivals: Arrivals,
  handling: Duration('how long a conversation takes'),
  wrapUp: Type.Optional(Duration('how long writing up takes; never longer than the queue allows')),
  patience: Type.Optional(Duration('how long they wait before they hang up; for ever without')),
  vipShare: share('share of VIPs, 0 to 1'),
  stickyShare: share('share who have an agent they know: owner and last in rules, 0 to 1'),
  priority: Type.Number({ default: 0, minimum: -1_000, maximum: 1_000, description: 'minutes ahead, as of a number' }),
  tier: Type.String({ default: '', maxLength: 64, description: 'customer tier, for rules: caller.tier' }),
  language: Type.String({ default: '', maxLength: 35, description: 'for rules: caller.language' }),
  value: count(0, 0, 100, 'customer value'),
  urgency: Type.Enum(['low', 'normal', 'high', 'critical'], {
    default: 'normal',
    description: 'of their open tickets',
  }),
});

const Times = (description: string) =>
  Type.Array(Type.Object({ from: time('from this time'), to: time('to this time; over midnight as 24:00 and more') }), {
    maxItems: 24,
    description,
  });

const Agents = Type.Object({
  group: id('name of this group; its agents are NAME-1 and so on'),
  count: count(1, 1, 100_000, 'how many they are'),
  skills: levels('skill to level, 0 to 100'),
  attributes: Type.Record(Type.String({ pattern: '^[A-Za-z][\\w-]{0,63}$' }), Type.String({ description: 'a text' }), {
    description: 'what rules may ask for beside skills; team is one of them',
  }),
  queues: Type.Array(id('a queue'), { maxItems: 1_000, description: 'the queues they serve' }),
  edges: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }), EdgeSection, {
    description: 'by queue, how each of them stands to it; as edges of the queue',
  }),
  shifts: Times('when they work, each day; always without'),
  breaks: Times('when they pause, each day'),
  ringTime: Type.Optional(Duration('until they pick up or decline; at once without')),
  rejectShare: share('share of offers they decline'),
  noAnswerShare: share('share of offers they let ring'),
  backAfter: duration(5 * 60_000, 0, day, 'when they are back after a pause for not answering'),
});

const PolicySection = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100, description: 'name of this policy in the report' }),
  queues: Type.Array(Queue, { maxItems: 1_000, description: 'queues with what is other than above, by id' }),
  agents: Type.Array(Agents, { maxItems: 1_000, description: 'groups with what is other than above, by group' }),
});

export const ScenarioFile = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200, description: 'name of this scenario in the report' }),
  seed: count(1, 0, 2 ** 32 - 1, 'the same seed gives the same callers'),
  replications: count(10, 1, 10_000, 'days that are played; intervals need two at least'),
  start: time('when the day begins', '00:00'),
  duration: duration(day, 60_000, 31 * day, 'how long calls come, the warm-up included'),
  warmUp: duration(0, 0, 30 * day, 'what comes before is not counted'),
  lines: count(100_000, 1, 1_000_000, 'callers in the house at one time; more get a busy tone'),
  answerWithin: duration(20_000, 0, day, 'the service level is the share answered within this time'),
  skills: Type.Array(id('a skill'), { maxItems: 10_000, description: 'all skills' }),
  callers: Type.Array(Callers, { minItems: 1, maxItems: 1_000, description: 'who calls' }),
  agents: Type.Array(Agents, { minItems: 1, maxItems: 1_000, description: 'who works' }),
  queues: Type.Array(Queue, { minItems: 1, maxItems: 1_000, description: 'queues, as in the server’s configuration' }),
  policies: Type.Array(PolicySection, { maxItems: 20, description: 'what is tried besides; one policy without' }),
});

export type ScenarioData = Static<typeof ScenarioFile>;
export type CallersData = ScenarioData['callers'][number];
export type AgentsData = ScenarioData['agents'][number];
export type DurationData = CallersData['handling'];

/** Names of the agents of a group. */
export const agentIds = ({ group, count }: AgentsData): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${group}-${index + 1}`);
