import { type Schedule, timeZone } from '../src/calendar/index.ts';
import type { Destination, FlowBranch, FlowPolicy, FlowStep } from '../src/call/index.ts';
import { compileCondition } from '../src/rules/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { destination, duration, formed, id, target } from './kinds.ts';
import { keys, language, promptMaxMs, question, sounds } from './question.ts';

const Say = Type.Object({
  prompt: sounds('sounds that the caller hears', 1),
  promptMaxMs: promptMaxMs('the flow goes on'),
  next: destination('where the caller goes then'),
});

const Menu = Type.Object({
  prompt: sounds('sounds that name the keys', 1),
  promptMaxMs: promptMaxMs('the caller may choose'),
  keys: keys(destination('where the key leads: a step, back, repeat, or a target')),
  ...question,
  otherwise: Type.Optional(
    destination('where a caller goes who has not chosen; where the whole flow says when absent'),
  ),
});

const Collect = Type.Object({
  prompt: sounds('sounds that ask for the digits', 1),
  promptMaxMs: promptMaxMs('the caller may type'),
  into: formed(/^[A-Za-z]\w{0,31}$/, 'letters, digits and "_"', 'the name of the answer in the data of the call'),
  digitsMin: Type.Integer({ default: 1, minimum: 1, maximum: 32, description: 'digits at least' }),
  digitsMax: Type.Integer({
    default: 16,
    minimum: 1,
    maximum: 32,
    description: 'digits at most; the last ends the answer',
  }),
  endKey: Type.Enum(['#', '*', 'none'], { default: '#', description: 'the key that ends the answer' }),
  ...question,
  check: Type.Optional(id('who is asked whether there is such a number; a name of checks')),
  unknown: sounds('sounds before the prompt when there is no such number'),
  sensitive: Type.Boolean({ default: false, description: 'whether only the last digits are attached, told and shown' }),
  next: destination('where a caller goes who has answered'),
  otherwise: Type.Optional(destination('where a caller goes who has not; where the whole flow says when absent')),
});

const Branch = Type.Object({
  if: Type.Optional(Type.String({ description: 'a condition in CEL, see docs/entry-flows.md' })),
  open: Type.Optional(id('a schedule: taken when it is open')),
  target: destination('where the caller goes'),
  language: Type.Optional(language('the language in which the call goes on')),
});

const Step = Type.Object({
  say: Type.Optional(Say),
  menu: Type.Optional(Menu),
  collect: Type.Optional(Collect),
  decide: Type.Optional(
    Type.Array(Branch, {
      minItems: 1,
      maxItems: 20,
      description: 'the first that holds is taken; the last has no condition',
    }),
  ),
});

/** What conditions of a flow may ask about; the call has the values. */
export const flowFactTypes = {
  caller: {
    known: 'bool',
    vip: 'bool',
    tier: 'string',
    value: 'double',
    language: 'string',
    region: 'string',
    tags: 'list',
    openTickets: 'int',
    churnRisk: 'string',
  },
  call: { number: 'string', dialled: 'string', entry: 'string', language: 'string', data: 'map' },
  time: { hour: 'int', minute: 'int', weekday: 'int', date: 'string' },
} as const;

/** What callers go through between greeting and queue. */
export const FlowSection = Type.Object({
  id: id('name of this flow'),
  start: Type.Optional(
    formed(/^[A-Za-z][\w-]{0,31}$/, 'the name of a step', 'the first step; the one on top when absent'),
  ),
  steps: Type.Record(Type.String({ pattern: '^[A-Za-z][\\w-]{0,31}$' }), Step, {
    description: 'the steps by name; each has one of say, menu, collect and decide',
    'x-form': 'a name of letters, digits, "_" and "-", at most 32',
  }),
  vip: Type.Optional(target('where a VIP goes, wherever in the flow, as soon as the lookup knows')),
  otherwise: Type.Optional(target('where a caller goes who gets nowhere; the number’s queue when absent')),
  stepsMax: Type.Integer({ default: 50, minimum: 1, maximum: 500, description: 'steps of one call' }),
  timeMaxMs: duration(600_000, 10_000, 3_600_000, 'time of one call in the flow, looked at when a step begins'),
  timeZone: formed(
    /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/,
    'a name such as Asia/Shanghai',
    'time zone of time.hour and the like',
    {
      default: 'Asia/Shanghai',
    },
  ),
});

export type FlowData = Static<typeof FlowSection>;
export type StepData = Static<typeof Step>;

/** Puts a checked flow into the domain's types, for a number whose callers go to `queueId`. */
export function toFlow(data: FlowData, schedules: readonly Schedule[], queueId: string): FlowPolicy {
  const { start, steps, vip, otherwise = { kind: 'queue', queueId } as const } = data;
  const build = (step: StepData): FlowStep => toStep(step, { data, schedules, otherwise });
  return {
    id: data.id,
    start: start ?? Object.keys(steps)[0] ?? '',
    steps: Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, build(step)])),
    ...(vip ? { vip } : {}),
    otherwise,
    stepsMax: data.stepsMax,
    timeMaxMs: data.timeMaxMs,
  };
}

interface Around {
  readonly data: FlowData;
  readonly schedules: readonly Schedule[];
  readonly otherwise: Destination;
}

function toStep({ say, menu, collect, decide }: StepData, around: Around): FlowStep {
  const { otherwise } = around;
  if (say) return { ...say, kind: 'say' };
  if (menu) return { ...menu, kind: 'menu', otherwise: menu.otherwise ?? otherwise };
  if (collect) {
    const { endKey, ...rest } = collect;
    const ends = endKey === 'none' ? {} : { endKey };
    return { ...rest, ...ends, kind: 'collect', otherwise: collect.otherwise ?? otherwise };
  }
  const branches = decide ?? [];
  return {
    kind: 'decide',
    branches: branches.slice(0, -1).map((branch) => toBranch(branch, around)),
    zone: timeZone(around.data.timeZone),
    needsCaller: branches.some((branch) => /\bcaller\b/.test(branch.if ?? '')),
    otherwise: branches.at(-1)?.target ?? otherwise,
  };
}

function toBranch({ if: text, open, target, language }: Static<typeof Branch>, { schedules }: Around): FlowBranch {
  const schedule = schedules.find((one) => one.id === open);
  const compiled = text === undefined ? undefined : compileCondition(text, flowFactTypes);
  return {
    target,
    ...(language === undefined ? {} : { language }),
    ...(schedule ? { open: schedule } : {}),
    ...(compiled?.ok ? { when: compiled.condition } : {}),
  };
}
