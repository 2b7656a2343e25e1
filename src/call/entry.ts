import type { Schedule } from '../calendar/index.ts';
import type { FlowPolicy } from './flow-policy.ts';
import type { RecordingRule } from './recording-care.ts';
import type { Target } from './target.ts';
import type { AtClosing } from './wait-care.ts';

/** When a number is open, and what follows for who rings outside of it. */
export interface EntryHours {
  readonly schedule: Schedule;
  /** Sounds played instead of greeting and menu, then where the caller goes. */
  readonly closed: { readonly prompt: readonly string[]; readonly target: Target };
  /** What becomes of those who wait when it closes; absent: they stay. */
  readonly atClosing?: AtClosing;
}

/** How calls to one number (DNIS) are received; from config. */
export interface EntryPolicy {
  readonly id: string;
  /** The number dialled, as the PBX passes it in `Stasis(app,…)` or as the dialled extension; `*` takes any. */
  readonly number: string;
  readonly queueId: string;
  /** The language of its prompts; that of the channel when absent. */
  readonly language?: string | undefined;
  /**
   * `atEntry` answers the caller at once (needed for greeting and music);
   * `withAgent` leaves the caller ringing, unpaid, until an agent answers.
   */
  readonly answer: 'atEntry' | 'withAgent';
  /** Sounds played once while the lookup runs, e.g. `sound:welcome`; empty for none. */
  readonly greeting: readonly string[];
  /** After this the call is queued even if the PBX never reported the end of the greeting. */
  readonly greetingMaxMs: number;
  /** Always open when absent. */
  readonly hours?: EntryHours | undefined;
  /** What callers go through after the greeting, while the lookup runs: menus, questions, announcements, conditions. */
  readonly flow?: FlowPolicy | undefined;
  /** Minutes of waiting that calls to this number are ahead of others. */
  readonly priority: number;
  /** Skills that every call to this number needs, besides those of the queue: skill to lowest level 0 to 100. */
  readonly needs: Readonly<Record<string, number>>;
  /** Goes before what the queue says. */
  readonly recording?: RecordingRule;
  /** Where a caller on the blacklist goes. */
  readonly blacklisted: Target;
  /** Where waiting callers go when the server is shut down or the queue cannot take them. */
  readonly fallback: Target;
}
