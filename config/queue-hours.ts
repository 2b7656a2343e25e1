import type { Schedule } from '../src/calendar/index.ts';
import type { QueueHours, Target } from '../src/call/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { id, target } from './kinds.ts';
import type { Problems } from './problems.ts';
import { sounds } from './question.ts';

/** When a queue is open; optional keys of a queue. */
export const hoursKeys = {
  hours: Type.Optional(id('the schedule by which it is open; always open without')),
  afterHours: Type.Optional(
    Type.Object({
      prompt: sounds('sounds that say so'),
      target: Type.Optional(target('where callers go who come while it is closed; as overflow when absent')),
    }),
  ),
  atClosing: Type.Optional(
    Type.Enum(['serve', 'afterHours'], {
      description: 'who waits when it closes: serve, they wait on; afterHours, they go where it says. serve',
    }),
  ),
};

type HoursData = { readonly [Key in keyof typeof hoursKeys]?: Static<(typeof hoursKeys)[Key]> | undefined };
type QueueData = HoursData & { readonly id: string; readonly overflow: Target };

interface Referring {
  readonly refer: (what: 'schedule', name: string, key: string) => void;
  readonly referTarget: (target: Target | undefined, key: string) => void;
  readonly problems: Problems;
}

const targetOf = ({ afterHours, overflow }: QueueData): Target => afterHours?.target ?? overflow;

/** Schedules and targets must be there, and queues that close by the same hours must not name one another in a ring. */
export function checkQueueHours(queues: readonly QueueData[], { refer, referTarget, problems }: Referring): void {
  queues.forEach(({ hours, afterHours, atClosing }, index) => {
    const key = `queues[${index}]`;
    if (hours !== undefined) refer('schedule', hours, `${key}.hours`);
    referTarget(afterHours?.target, `${key}.afterHours.target`);
    if (hours !== undefined) return;
    for (const [part, section] of Object.entries({ afterHours, atClosing })) {
      if (section === undefined) continue;
      const mend = `Add hours: ID of a schedule, or remove ${part}.`;
      problems.report('contradiction', `${key}.${part}`, 'a queue without hours is never closed', mend);
    }
  });
  checkRings(queues, problems);
}

function checkRings(queues: readonly QueueData[], problems: Problems): void {
  const byId = new Map(queues.map((queue) => [queue.id, queue]));
  queues.forEach((first, index) => {
    const { hours } = first;
    if (hours === undefined) return;
    const seen = new Set<string>();
    for (let at: QueueData | undefined = first; at?.hours === hours && !seen.has(at.id); ) {
      seen.add(at.id);
      const next: Target = targetOf(at);
      at = next.kind === 'queue' ? byId.get(next.queueId) : undefined;
      if (at !== first) continue;
      const field = first.afterHours?.target ? 'afterHours.target' : 'overflow';
      const mend = 'Let one of them send callers elsewhere: afterHours: { target: … }.';
      const says = 'queues that are closed at the same hours would pass a call round in a ring';
      problems.report('contradiction', `queues[${index}].${field}`, says, mend);
      return;
    }
  });
}

/** Puts the checked hours of a queue into the domain's types. */
export function toQueueHours(queue: QueueData, schedules: readonly Schedule[]): { hours?: QueueHours } {
  const schedule = schedules.find(({ id: name }) => name === queue.hours);
  if (!schedule) return {};
  const afterHours = { prompt: queue.afterHours?.prompt ?? [], target: targetOf(queue) };
  return { hours: { schedule, afterHours, atClosing: queue.atClosing ?? 'serve' } };
}
