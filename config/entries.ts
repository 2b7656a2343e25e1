import type { EntryPolicy, MenuPolicy, Target } from '../src/call/index.ts';
import { duration, formed, target } from './kinds.ts';
import type { Problems } from './problems.ts';
import { toRule } from './recording-rule.ts';
import type { Schedule } from '../src/calendar/index.ts';
import { type Static, Type } from '../src/schema/index.ts';

/** The one menu of a number; steps of a call's path name it. */
const menuId = 'main';

export const sounds = (description: string, minItems = 0) =>
  Type.Array(
    formed(
      /^(sound|recording|number|digits|characters|tone):[^\s,]+$/,
      'an ARI media name such as sound:welcome',
      'a sound',
    ),
    { description, minItems, maxItems: 20 },
  );

const Key = Type.Object({
  target: target('where the key leads'),
  label: Type.String({ default: '', maxLength: 40, description: 'what the key stands for, for the agent' }),
  data: Type.Record(Type.String({ pattern: '^[\\w.-]{1,64}$' }), Type.String({ description: 'a text' }), {
    description: 'attached to the call of who presses it',
  }),
});

export const MenuSection = Type.Object({
  prompt: sounds('sounds that name the keys', 1),
  promptMaxMs: duration(30_000, 1_000, 10 * 60_000, 'after this the prompt is cut and the caller may choose'),
  keys: Type.Record(Type.String({ pattern: '^[0-9*#]$' }), Key, {
    'x-form': 'a key of the keypad in quotes: "0" to "9", "*" or "#"',
    description: 'the keys and what they lead to',
  }),
  timeoutMs: duration(5_000, 1_000, 60_000, 'how long a caller may think after the prompt'),
  attempts: Type.Integer({ default: 3, minimum: 1, maximum: 10, description: 'how often the prompt is played' }),
  wrongKey: sounds('sounds before the prompt after a key that leads nowhere'),
  otherwise: Type.Optional(target('where a caller goes who has not chosen; the number’s queue when absent')),
  vip: Type.Optional(target('where a VIP goes without choosing, as soon as the lookup knows')),
});

export const ClosedSection = Type.Object({
  prompt: sounds('sounds that say so, instead of greeting and menu'),
  target: Type.Optional(target('where the caller goes then; the fallback when absent')),
});

/** What of a number this file reads; the rest is as the domain has it. */
export interface EntryData extends Omit<EntryPolicy, 'queueId' | 'hours' | 'menu' | 'recording'> {
  readonly recording?: string;
  readonly queue: string;
  readonly hours?: string;
  readonly closed?: Static<typeof ClosedSection>;
  readonly menu?: Static<typeof MenuSection>;
}

type Refer = (what: 'schedule', name: string, key: string) => void;
type ReferTarget = (target: Target | undefined, key: string) => void;

export function checkWayIn(
  entry: EntryData,
  key: string,
  { refer, referTarget }: { readonly refer: Refer; readonly referTarget: ReferTarget },
  problems: Problems,
): void {
  const { hours, closed, menu } = entry;
  if (hours !== undefined) refer('schedule', hours, `${key}.hours`);
  referTarget(closed?.target, `${key}.closed.target`);
  for (const [name, choice] of Object.entries(menu?.keys ?? {}))
    referTarget(choice.target, `${key}.menu.keys.${name}.target`);
  referTarget(menu?.otherwise, `${key}.menu.otherwise`);
  referTarget(menu?.vip, `${key}.menu.vip`);
  if (closed && hours === undefined) {
    const mend = 'Add hours: ID of a schedule, or remove closed.';
    problems.report('contradiction', `${key}.closed`, 'a number without hours is never closed', mend);
  }
  if (menu && Object.keys(menu.keys).length === 0) {
    problems.report('missing', `${key}.menu.keys`, 'a menu without keys cannot be chosen from', 'Add a key, e.g. "1".');
  }
  if (entry.answer === 'atEntry') return;
  const heard = [
    ['greeting', entry.greeting.length > 0],
    ['menu', menu !== undefined],
    ['closed.prompt', (closed?.prompt.length ?? 0) > 0],
  ] as const;
  for (const [part, is] of heard) {
    if (!is) continue;
    const mend = `Remove the ${part} or set answer: atEntry.`;
    problems.report('contradiction', `${key}.${part}`, `a caller who is not answered cannot hear a ${part}`, mend);
  }
}

/** Puts a checked number into the domain's types. */
export function toEntry(data: EntryData, schedules: readonly Schedule[]): EntryPolicy {
  const { queue, hours, closed, menu, recording, ...entry } = data;
  const schedule = schedules.find((one) => one.id === hours);
  return {
    ...entry,
    queueId: queue,
    ...toRule(recording),
    ...(schedule
      ? { hours: { schedule, closed: { prompt: closed?.prompt ?? [], target: closed?.target ?? entry.fallback } } }
      : {}),
    ...(menu ? { menu: toMenu(menu, queue) } : {}),
  };
}

function toMenu({ otherwise, vip, ...menu }: Static<typeof MenuSection>, queueId: string): MenuPolicy {
  return { ...menu, id: menuId, otherwise: otherwise ?? { kind: 'queue', queueId }, ...(vip ? { vip } : {}) };
}
