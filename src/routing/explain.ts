import type { Candidate, DecisionExplanation } from '../call/index.ts';
import { lowest } from './bits.ts';
import type { Crowd } from './crowd.ts';
import { objections, unavailabilityFor } from './eligibility.ts';
import type { Floor } from './floor.ts';
import { edgeOf } from './rules.ts';
import { type Found, rankOf } from './shortlist.ts';
import type { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { Spec } from './spec.ts';
import type { WaitingCall } from './waiting-call.ts';

const candidatesMax = 10;
const excludedMax = 20;
/** On a busy floor of thousands nearly all who fit are busy: a few of them say so. */
const busyMax = 3;
/** With so few agents everybody is named; with more, only those who fit and are busy. A dry run names all. */
const smallSiteMax = 128;

/** Reasons that say nothing of this moment: told only where there is room, or a large site would tell nothing else. */
const remote: ReadonlySet<string> = new Set(['signedOut', 'notInQueue', 'notOnChannel', 'otherNode', 'notTheOneAsked']);

type Excluded = DecisionExplanation['excluded'];

/** Why this call goes to the first of those who could take it, and why to nobody else. */
export function explain(floor: Floor, call: WaitingCall, found: Found, nowMs: number): DecisionExplanation {
  const { crowd } = floor;
  const { best, signature } = found;
  const { request, rules } = call;
  const explanation = {
    rule: signature.rule,
    waitedMs: Math.max(0, nowMs - request.waitingSinceMs),
    orderKey: call.orderKey,
    considered: crowd.size,
    candidates: candidates(floor, signature, best, nowMs),
    excluded: whoCouldNot(crowd, call, found, nowMs),
  };
  // Spread only where there is something to add: it costs as much as the rest.
  const hasSteps = request.steps !== undefined || rules.policy.steps !== undefined;
  if (!hasSteps && signature.isSimple) return explanation;
  const { spec } = signature;
  const [first] = best;
  return {
    ...explanation,
    ...(hasSteps ? { step: call.step } : {}),
    ...(spec.asked.edges && first ? { edgePriority: signature.priorityFor(first) } : {}),
    ...(spec.rate === 1 ? {} : { keyNow: signature.keyNow(call.orderKey, nowMs) }),
  };
}

function candidates(floor: Floor, signature: Signature, best: readonly Slot[], nowMs: number): readonly Candidate[] {
  const { crowd } = floor;
  const told = best.length > candidatesMax ? best.slice(0, candidatesMax) : best;
  if (!signature.isSimple || signature.strategy !== 'longestIdle') return compared(floor, signature, told, nowMs);
  return told.map(({ place, idleSinceMs }) => ({
    agentId: crowd.idAt(place),
    idleMs: Math.max(0, nowMs - idleSinceMs),
  }));
}

/** Nothing but the time decides: also contacts in hand would. */
const isByIdle = ({ agentId, strategy, channel }: Spec): boolean =>
  agentId !== undefined || (strategy === 'longestIdle' && channel === 'voice');

/** With all that the choice went by, where it is more than the idle time. */
function compared(floor: Floor, { spec, skills }: Signature, best: readonly Slot[], nowMs: number): Candidate[] {
  const { crowd } = floor;
  const turns = floor.lineOf(spec.rules.policy.id);
  turns.places = crowd.places;
  return best.map((slot) => {
    const agentId = crowd.idAt(slot.place);
    return {
      agentId,
      idleMs: Math.max(0, nowMs - slot.idleSinceMs),
      ...(spec.asked.edges ? { penalty: edgeOf(spec.asked, agentId).penalty } : {}),
      ...(isByIdle(spec) ? {} : { rank: rankOf(spec, slot, { nowMs, skills, turns }) }),
    };
  });
}

function whoCouldNot(crowd: Crowd, call: WaitingCall, found: Found, nowMs: number): Excluded {
  if (crowd.size <= smallSiteMax) return everybodyElse(crowd, found, call.excluded, nowMs);
  return fittingButBusy(crowd, found.signature, nowMs);
}

function everybodyElse(
  crowd: Crowd,
  { signature: { spec }, best }: Found,
  declined: ReadonlySet<string>,
  nowMs: number,
): Excluded {
  const near: { agentId: string; reason: string }[] = [];
  const far: { agentId: string; reason: string }[] = [];
  for (const slot of crowd.all()) {
    if (best.includes(slot)) continue;
    const [reason] = objections(slot, spec, declined, nowMs);
    if (reason === undefined) continue;
    const excluded = remote.has(reason) ? far : near;
    if (excluded.length < excludedMax) excluded.push({ agentId: slot.id, reason });
  }
  return [...near, ...far].slice(0, excludedMax);
}

function fittingButBusy(crowd: Crowd, { agents, freeKind, channel }: Signature, nowMs: number): Excluded {
  const free = crowd.freeOf(freeKind);
  const excluded: { agentId: string; reason: string }[] = [];
  for (let word = 0; word < agents.length; word += 1) {
    let rest = (agents[word] as number) & (crowd.signedIn[word] as number) & ~(free[word] as number);
    for (; rest !== 0; rest &= rest - 1) {
      const place = (word << 5) + lowest(rest);
      const reason = channel === 'voice' ? crowd.reasonAt(place) : unavailabilityFor(crowd.at(place), channel, nowMs);
      excluded.push({ agentId: crowd.idAt(place), reason: reason ?? 'busy' });
      if (excluded.length === busyMax) return excluded;
    }
  }
  return excluded;
}
