import type { QueuePolicy } from '../src/routing/index.ts';
import { type Static, type TSchema, Type } from '../src/schema/index.ts';
import { duration, formed, target } from './kinds.ts';
import type { Problems } from './problems.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Like the sounds of a number, with places for what is told, e.g. `number:{position}`. */
const spoken = (description: string) =>
  Type.Array(
    formed(
      /^(prompt|sound|recording|number|digits|characters|tone):[^\s,]+$/,
      'prompt:NAME, or an ARI media name such as sound:welcome or number:{position}',
      'a sound',
    ),
    { description, maxItems: 20 },
  );
const byLanguage = <Prompts extends TSchema>(prompts: Prompts, description: string) =>
  Type.Record(Type.String({ pattern: '^(\\*|[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*)$' }), prompts, {
    'x-form': 'a language such as zh or en_GB, or "*" for all others',
    description,
  });

/** What a caller meets who waits; optional parts of a queue. */
export const waitingKeys = {
  handlingMs: duration(
    180_000,
    1_000,
    day,
    'how long a call is taken to last, wrap-up included, until it was measured',
  ),
  announcements: Type.Optional(
    Type.Object({
      firstAfterMs: duration(20_000, 1_000, hour, 'when the first is heard'),
      everyMs: duration(60_000, 5_000, hour, 'music between two'),
      positionMax: Type.Integer({
        default: 20,
        minimum: 0,
        maximum: 10_000,
        description: 'nobody further back is told a place; 0: nobody is',
      }),
      waitSteps: Type.Array(duration(undefined, 1_000, day, 'end of a range'), {
        maxItems: 50,
        description: 'ends of the ranges in which waits are told, ascending; without any no wait is told',
      }),
      prompts: byLanguage(
        Type.Object({
          position: spoken('sounds that tell the place: {position}'),
          wait: spoken('sounds that tell the wait: {from} and {to}, in minutes'),
          still: spoken('sounds when there is nothing better to tell than before'),
        }),
        'what is said, by language of the caller',
      ),
    }),
  ),
  callback: Type.Optional(
    Type.Object({
      key: formed(/^[0-9*#]$/, 'a key of the keypad in quotes: "0" to "9", "*" or "#"', 'the key that asks for it', {
        default: '1',
      }),
      afterMs: duration(60_000, 0, day, 'offered after so long a wait'),
      atWaitMs: Type.Optional(duration(undefined, 1_000, day, 'offered at once when so long a wait is expected')),
      answerMs: duration(8_000, 1_000, 60_000, 'how long a caller may think about a question'),
      attempts: Type.Integer({ default: 3, minimum: 1, maximum: 10, description: 'how often a caller is asked' }),
      mode: Type.Enum(['agentFirst', 'customerFirst'], {
        default: 'agentFirst',
        description: 'agentFirst: an agent is reserved, then the customer dialled; customerFirst: the other way round',
      }),
      leadMs: duration(30_000, 0, hour, 'customerFirst: the customer is dialled when so short a wait is left'),
      graceMs: duration(5_000, 0, hour, 'nobody is called back sooner after having hung up'),
      keepMs: duration(4 * hour, 60_000, 30 * day, 'a callback that was not possible by then is given up'),
      pendingMax: Type.Integer({ default: 100, minimum: 1, maximum: 10_000, description: 'callbacks that may wait' }),
      prompts: byLanguage(
        Type.Object({
          offer: spoken('sounds that offer it and name the key'),
          confirm: spoken('sounds that say {number}: 1 to be called there, 2 to enter another, * to wait on'),
          enter: spoken('sounds that ask for a number and #'),
          accepted: spoken('sounds that say goodbye'),
          refused: spoken('sounds when it cannot be'),
        }),
        'what is said, by language of the caller',
      ),
    }),
  ),
  resumeWindowMs: Type.Optional(
    duration(undefined, 1_000, hour, 'who gave up and calls again within this time gets the age back'),
  ),
};

type WaitingData = { readonly [Key in keyof typeof waitingKeys]?: Static<(typeof waitingKeys)[Key]> | undefined };

export const AtClosingSection = Type.Object({
  prompt: spoken('sounds that say so'),
  target: target('where those go who still wait when the hours end'),
});

/** Puts the checked part of a queue into the domain's types. */
export function toWaiting({ announcements, callback }: WaitingData): Pick<QueuePolicy, 'announcements' | 'callback'> {
  const offered = callback ? { callback } : {};
  if (!announcements) return offered;
  const { waitSteps: waitStepsMs, ...rest } = announcements;
  return { ...offered, announcements: { ...rest, waitStepsMs } };
}

export function checkWaiting(
  { announcements, callback }: WaitingData,
  key: string,
  { canCallOut, isSentTo }: { readonly canCallOut: boolean; readonly isSentTo: boolean },
  problems: Problems,
): void {
  const steps = announcements?.waitSteps ?? [];
  steps.forEach((step, index) => {
    if (step > (steps[index - 1] ?? 0)) return;
    problems.report(
      'contradiction',
      `${key}.announcements.waitSteps[${index}]`,
      'the range ends before it begins',
      'Write the ends in ascending order.',
    );
  });
  if (announcements && Object.keys(announcements.prompts).length === 0) {
    problems.report(
      'missing',
      `${key}.announcements.prompts`,
      'nothing would be said',
      'Add a language, e.g. zh or "*".',
    );
  }
  if (!callback) return;
  if (!canCallOut) {
    const mend = 'Add a route to outbound.routes and hours to outbound.callingHours, or remove callback.';
    problems.report('contradiction', `${key}.callback`, 'nobody can be called back without a way out', mend);
  }
  // Rules that send callers to be called back need no offer.
  if (!isSentTo && !Object.values(callback.prompts).some(({ offer }) => offer.length > 0)) {
    problems.report(
      'missing',
      `${key}.callback.prompts`,
      'nobody would be offered it',
      'Add an offer, e.g. under zh or "*".',
    );
  }
}
