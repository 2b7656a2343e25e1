import type { EntryPolicy, FlowPolicy, Target } from '../src/call/index.ts';
import { type FlowData, toFlow } from './flows.ts';
import { target } from './kinds.ts';
import { keys, promptMaxMs, question, sounds } from './question.ts';
import type { Problems } from './problems.ts';
import { toRule } from './recording-rule.ts';
import type { Schedule } from '../src/calendar/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import type { AtClosingSection } from './waiting.ts';

/** A menu that stands at its number is a flow of one step, which goes by this name. */
const menuId = 'main';
/** Only its attempts bound it. */
const menuTimeMaxMs = 3_600_000;

export const MenuSection = Type.Object({
  prompt: sounds('sounds that name the keys', 1),
  promptMaxMs: promptMaxMs('the caller may choose'),
  keys: keys(target('where the key leads')),
  ...question,
  otherwise: Type.Optional(target('where a caller goes who has not chosen; the number’s queue when absent')),
  vip: Type.Optional(target('where a VIP goes without choosing, as soon as the lookup knows')),
});

export const ClosedSection = Type.Object({
  prompt: sounds('sounds that say so, instead of greeting and menu'),
  target: Type.Optional(target('where the caller goes then; the fallback when absent')),
});

/** What of a number this file reads; the rest is as the domain has it. */
export interface EntryData extends Omit<EntryPolicy, 'queueId' | 'hours' | 'flow' | 'recording'> {
  readonly recording?: string;
  readonly queue: string;
  readonly hours?: string;
  readonly closed?: Static<typeof ClosedSection>;
  readonly atClosing?: Static<typeof AtClosingSection>;
  readonly menu?: Static<typeof MenuSection>;
  readonly flow?: string;
}

type Refer = (what: 'schedule' | 'flow', name: string, key: string) => void;
type ReferTarget = (target: Target | undefined, key: string) => void;

interface Referring {
  readonly refer: Refer;
  readonly referTarget: ReferTarget;
}

function checkHours(
  { hours, closed, atClosing }: EntryData,
  key: string,
  { refer, referTarget }: Referring,
  problems: Problems,
): void {
  if (hours !== undefined) refer('schedule', hours, `${key}.hours`);
  for (const [part, section] of Object.entries({ closed, atClosing })) {
    if (!section) continue;
    referTarget(section.target, `${key}.${part}.target`);
    if (hours !== undefined) continue;
    const mend = `Add hours: ID of a schedule, or remove ${part}.`;
    problems.report('contradiction', `${key}.${part}`, 'a number without hours is never closed', mend);
  }
}

export function checkWayIn(entry: EntryData, key: string, { refer, referTarget }: Referring, problems: Problems): void {
  const { closed, menu, flow } = entry;
  checkHours(entry, key, { refer, referTarget }, problems);
  if (flow !== undefined) refer('flow', flow, `${key}.flow`);
  if (flow !== undefined && menu) {
    const mend = 'Keep one of them; a menu can be a step of the flow.';
    problems.report('contradiction', `${key}.menu`, 'this number has a flow as well', mend);
  }
  for (const [name, choice] of Object.entries(menu?.keys ?? {}))
    referTarget(choice.target, `${key}.menu.keys.${name}.target`);
  referTarget(menu?.otherwise, `${key}.menu.otherwise`);
  referTarget(menu?.vip, `${key}.menu.vip`);
  if (menu && Object.keys(menu.keys).length === 0) {
    problems.report('missing', `${key}.menu.keys`, 'a menu without keys cannot be chosen from', 'Add a key, e.g. "1".');
  }
  if (entry.answer === 'atEntry') return;
  const heard = [
    ['greeting', entry.greeting.length > 0],
    ['menu', menu !== undefined],
    ['flow', flow !== undefined],
    ['closed.prompt', (closed?.prompt.length ?? 0) > 0],
  ] as const;
  for (const [part, is] of heard) {
    if (!is) continue;
    const mend = `Remove the ${part} or set answer: atEntry.`;
    problems.report('contradiction', `${key}.${part}`, `a caller who is not answered cannot hear a ${part}`, mend);
  }
}

/** Puts a checked number into the domain's types. */
export function toEntry(data: EntryData, schedules: readonly Schedule[], flows: readonly FlowData[]): EntryPolicy {
  const { queue, hours, closed, atClosing, menu, flow, recording, ...entry } = data;
  const schedule = schedules.find((one) => one.id === hours);
  const named = flows.find((one) => one.id === flow);
  return {
    ...entry,
    queueId: queue,
    ...toRule(recording),
    ...(schedule
      ? {
          hours: {
            schedule,
            closed: { prompt: closed?.prompt ?? [], target: closed?.target ?? entry.fallback },
            ...(atClosing ? { atClosing } : {}),
          },
        }
      : {}),
    ...(menu ? { flow: flowOfMenu(menu, queue) } : {}),
    ...(named ? { flow: toFlow(named, schedules, queue) } : {}),
  };
}

function flowOfMenu({ vip, ...menu }: Static<typeof MenuSection>, queueId: string): FlowPolicy {
  const otherwise = menu.otherwise ?? ({ kind: 'queue', queueId } as const);
  return {
    id: menuId,
    start: menuId,
    steps: { [menuId]: { ...menu, kind: 'menu', otherwise } },
    ...(vip ? { vip } : {}),
    otherwise,
    stepsMax: 1,
    timeMaxMs: menuTimeMaxMs,
  };
}
