import { type Static, Type } from '../src/schema/index.ts';
import { duration, formed, id, target } from './kinds.ts';
import { levels } from './levels.ts';

const hour = 3_600_000;
const day = 24 * hour;
const selections = [
  'longestIdle',
  'leastOccupied',
  'fewestCalls',
  'bestProficiency',
  'leastSkilled',
  'roundRobin',
  'weighted',
  'linear',
] as const;
const counted = ['signedIn', 'atWork', 'free'] as const;
const rule = (description: string) => Type.Optional(Type.String({ maxLength: 2_000, description }));

export const StepSection = Type.Object({
  expiresAfterMs: Type.Optional(duration(undefined, 1_000, day, 'how long this step lasts; without end when absent')),
  needs: Type.Optional(levels('skills asked for in this step, instead of those of queue and call')),
  requires: rule('what is asked of an agent in this step, in CEL; beside needs'),
  agent: Type.Optional(
    formed(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'owner, last, or the id of an agent',
      'only this agent: the owner of the customer in the CRM, who talked with this number last, or one by id',
    ),
  ),
  queue: Type.Optional(id('agents of this queue are asked; the call stays in its own')),
  orderBy: Type.Optional(Type.Enum([...selections], { description: 'which agent first in this step' })),
  priorityDelta: Type.Optional(
    Type.Number({ minimum: -1_000, maximum: 1_000, description: 'minutes of waiting that entering it puts ahead' }),
  ),
  exclude: Type.Array(id('an agent'), { maxItems: 1_000, description: 'agents left out in this step' }),
  skipIf: rule('when the step is passed over, in CEL'),
});

const EmptySection = (description: string) =>
  Type.Object(
    {
      counted: Type.Enum([...counted], { default: 'atWork', description: `${description}: which agents count` }),
      target: target(`${description}: where the caller goes`),
    },
    { description },
  );

export const EdgeSection = Type.Object({
  priority: Type.Integer({ default: 50, minimum: 1, maximum: 99, description: 'lower: this queue first' }),
  delayMs: duration(0, 0, day, 'calls must have waited so long before this agent is asked'),
  penalty: Type.Integer({ default: 0, minimum: 0, maximum: 1_000, description: 'agents with less are asked first' }),
  weight: Type.Number({ default: 1, minimum: 0.01, maximum: 1_000, description: 'share of calls with weighted' }),
});

/** What a queue may say beside its plain settings; everything may be left out. */
export const queueRuleKeys = {
  requires: rule('what is asked of an agent beside needs, in CEL; docs/routing-rules.md'),
  neverRelaxed: Type.Array(id('a skill'), { maxItems: 100, description: 'skills that hold in every step, if needed' }),
  steps: Type.Array(StepSection, { maxItems: 20, description: 'how the wait goes on' }),
  edges: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }), EdgeSection, {
    description: 'how single agents stand to this queue',
  }),
  selection: Type.Optional(Type.Enum([...selections], { description: 'which of several free agents; longestIdle' })),
  ordering: Type.Optional(
    Type.Enum(['virtualArrival', 'strict', 'accumulating'], { description: 'which waiting call; virtualArrival' }),
  ),
  orderRates: Type.Array(Type.Number({ minimum: 0.01, maximum: 1_000, description: 'a rate' }), {
    maxItems: 20,
    description: 'for accumulating: how fast each class gathers priority, class 0 first; VIPs are class 1',
  }),
  vipReserve: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10_000, description: 'so many fitting agents are kept free for VIPs' }),
  ),
  deadlineMs: Type.Optional(duration(undefined, 1_000, day, 'who has waited so long goes before all who have not')),
  ringAll: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 50, description: 'so many phones ring at once; the first to answer wins' }),
  ),
  joinEmpty: Type.Optional(EmptySection('callers who find no agent for them')),
  leaveEmpty: Type.Optional(EmptySection('callers whose last agent left')),
  noAgentGraceMs: Type.Optional(duration(undefined, 0, hour, 'how long they wait for an agent to come back')),
  wrapUp: Type.Optional(
    Type.Object({
      kind: Type.Enum(['fixed', 'manual', 'extendable'], { default: 'fixed', description: 'how wrap-up ends' }),
      maxMs: duration(10 * 60_000, 0, hour, 'its longest time, by the agent’s wish'),
    }),
  ),
  outboundResetsIdle: Type.Optional(
    Type.Boolean({ description: 'whether a call that an agent makes begins the idle time anew' }),
  ),
};

/** A queue with its rules as the file says them. */
export type QueueData = Static<ReturnType<typeof Type.Object<typeof queueRuleKeys>>> & {
  readonly id: string;
  readonly needs: Readonly<Record<string, number>>;
  readonly wrapUpMs: number;
};
export type StepData = Static<typeof StepSection>;
