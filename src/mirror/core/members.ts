import type { Member } from './facts.ts';

/** What stands in for the members of a queue on a wallboard. */
export interface MemberCounts {
  readonly total: number;
  readonly free: number;
  readonly busy: number;
  readonly paused: number;
  /** The phone is not registered, or unknown to the PBX. */
  readonly away: number;
}

/** A queue of app_queue and who serves it. */
export interface MirroredQueue {
  readonly id: string;
  readonly nodeId: string;
  /** Its name in queues.conf. */
  readonly name: string;
  readonly members: Map<string, Member>;
}

export function countMembers(members: Iterable<Member>): MemberCounts {
  const counts = { total: 0, free: 0, busy: 0, paused: 0, away: 0 };
  for (const member of members) {
    counts.total += 1;
    counts[stateOf(member)] += 1;
  }
  return counts;
}

function stateOf({ device, paused, inCall }: Member): 'free' | 'busy' | 'paused' | 'away' {
  if (device === 'unavailable' || device === 'invalid') return 'away';
  // Of a phone that it knows nothing of, app_queue learns by ringing.
  if (inCall || (device !== 'notInUse' && device !== 'unknown')) return 'busy';
  return paused ? 'paused' : 'free';
}
