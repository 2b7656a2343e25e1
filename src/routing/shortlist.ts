import { type Bits, lowest } from './bits.ts';
import type { Crowd } from './crowd.ts';
import { edgeOf } from './rules.ts';
import type { Asked } from './selection/strategy.ts';
import { strategies } from './selection/index.ts';
import type { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { Spec } from './spec.ts';

const lengthMin = 10;
const nobodyFree: readonly Slot[] = [];

/** Longer than anybody has been idle, and short enough to be added to a time. */
const aeonMs = 1e13;

interface Entry {
  readonly slot: Slot;
  readonly penalty: number;
  readonly rank: number;
}

/** Who could take a call, the first choice first. */
export interface Found {
  readonly signature: Signature;
  readonly best: readonly Slot[];
}

/** The best of those who fit the signature and are free; at least ten, so that an explanation can name whom they were compared with. */
export function shortlist(
  signature: Signature,
  crowd: Crowd,
  asked: Asked & { readonly excluded: ReadonlySet<string> },
  length: number,
): readonly Slot[] {
  const { agents, freeKind } = signature;
  if (crowd.isNobodyFree(freeKind)) return nobodyFree;
  const free: Bits = crowd.freeOf(freeKind);
  const max = Math.max(length, lengthMin);
  let best: Entry[] | undefined;
  for (let word = 0; word < agents.length; word += 1) {
    let both = (agents[word] as number) & (free[word] as number);
    for (; both !== 0; both &= both - 1) {
      const slot = crowd.at((word << 5) + lowest(both));
      if (asked.excluded.has(slot.id)) continue;
      best ??= [];
      consider(best, max, slot, signature, asked);
    }
  }
  return best ? best.map(({ slot }) => slot) : nobodyFree;
}

/** Who has contacts in hand is not idle: the fewer, the sooner asked for one more, and then by the time. */
export function rankOf({ strategy, channel }: Spec, slot: Slot, asked: Asked): number {
  const rank = strategies[strategy](slot, asked);
  return channel === 'voice' || strategy !== 'longestIdle' ? rank : rank + slot.inHand * aeonMs;
}

/** Keeps the first in order; sorting a whole shift for each call would cost more than the rest of the decision. */
function consider(best: Entry[], max: number, slot: Slot, { spec }: Signature, asked: Asked): void {
  const rank = rankOf(spec, slot, asked);
  const penalty = spec.asked.edges === undefined ? 0 : edgeOf(spec.asked, slot.id).penalty;
  const last = best.at(-1);
  if (best.length === max && last && !isAhead(slot, penalty, rank, last)) return;
  let at = best.length;
  while (at > 0 && isAhead(slot, penalty, rank, best[at - 1] as Entry)) at -= 1;
  best.splice(at, 0, { slot, penalty, rank });
  if (best.length > max) best.pop();
}

/** The lower penalty, then the lower rank, then who has been idle for longest, then the lower id, so that a replay agrees. */
function isAhead(slot: Slot, penalty: number, rank: number, other: Entry): boolean {
  if (penalty !== other.penalty) return penalty < other.penalty;
  if (rank !== other.rank) return rank < other.rank;
  if (slot.idleSinceMs !== other.slot.idleSinceMs) return slot.idleSinceMs < other.slot.idleSinceMs;
  return slot.id < other.slot.id;
}
