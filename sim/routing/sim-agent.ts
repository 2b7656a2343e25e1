import type { AgentProfile } from '../../src/agents/index.ts';
import type { OfferToken } from '../../src/call/index.ts';
import type { AgentGroup } from './scenario.ts';

/** One agent as the simulation sees the person: at work or not, with a phone that rings or not. */
export interface SimAgent {
  readonly profile: AgentProfile;
  readonly group: AgentGroup;
  /** Signed in and not on a break. */
  present: boolean;
  /** The offer that the phone rings for. */
  token: OfferToken | undefined;
  /** Talking or writing up, and for which call. */
  busyWith: string | undefined;
  /** Since when `present` and `busyWith` are as they are. */
  sinceMs: number;
  busyMs: number;
  /** At work, or still busy after the end of the shift. */
  staffedMs: number;
}

export function newSimAgent(profile: AgentProfile, group: AgentGroup, nowMs: number): SimAgent {
  return {
    profile,
    group,
    present: false,
    token: undefined,
    busyWith: undefined,
    sinceMs: nowMs,
    busyMs: 0,
    staffedMs: 0,
  };
}

export function isFree({ present, token, busyWith }: SimAgent): boolean {
  return present && token === undefined && busyWith === undefined;
}
