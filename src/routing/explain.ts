import type { Candidate, DecisionExplanation } from '../call/index.ts';
import { hasBit, lowest } from './bits.ts';
import type { Crowd } from './crowd.ts';
import { objections, unavailabilityFor } from './eligibility.ts';
import { firstFitsMax } from './first-fits.ts';
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
    orderKey: floor.signatures.keyOf(call),
    considered: crowd.size,
    candidates: candidates(floor, signature, best, nowMs),
    excluded: whoCouldNot(floor, call, found, nowMs),
  };
  // Spread only where there is something to add: it costs as much as the rest.
  const hasSteps = request.steps !== undefined || rules.policy.steps !== undefined;
  if (!hasSteps && signature.isSimple) return explanation;
  const { spec } = signature;
  const [first] = best;
  return {
    ...explanation,
    ...(hasSteps ? { step: call.progress.step } : {}),
    ...(spec.asked.edges && first ? { edgePriority: signature.priorityFor(first) } : {}),
    ...(spec.rate === 1 ? {} : { keyNow: signature.keyNow(call.orderKey, nowMs) }),
  };
}

function candidates(floor: Floor, signature: Signature, best: readonly Slot[], nowMs: number): readonly Candidate[] {
  const { crowd } = floor;
  const told = best.length > candidatesMax ? best.slice(0, candidatesMax) : best;
  if (!signature.isSimple || signature.strategy !== 'longestIdle') return compared(floor, signature, told, nowMs);
  const [only] = told;
  // On a busy floor an agent looks for a call, and there is but one.
  return only && told.length === 1 ? [byIdle(crowd, only, nowMs)] : told.map((slot) => byIdle(crowd, slot, nowMs));
}

const byIdle = (crowd: Crowd, { place, idleSinceMs }: Slot, nowMs: number): Candidate => ({
  agentId: crowd.idAt(place),
  idleMs: Math.max(0, nowMs - idleSinceMs),
});

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

function whoCouldNot(floor: Floor, call: WaitingCall, found: Found, nowMs: number): Excluded {
  const { crowd } = floor;
  if (crowd.size <= smallSiteMax) return everybodyElse(crowd, found, call.progress.excluded, nowMs);
  return fittingButBusy(floor, found.signature, nowMs);
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

/** A few of those who fit and are signed in. On a busy floor they are among the first who fit. */
function fittingButBusy(floor: Floor, signature: Signature, nowMs: number): Excluded {
  const { crowd, signatures } = floor;
  const free = crowd.freeOf(signature.freeKind);
  // Made as long as it will be nearly always: one that grows takes six times the room.
  const excluded = new Array<Excluded[number]>(busyMax);
  let count = 0;
  const firsts = signatures.firstFits.of(signature);
  const { places } = signatures.firstFits;
  for (let at = firsts; at < firsts + firstFitsMax; at += 1) {
    const place = places[at] as number;
    if (place < 0 || !hasBit(crowd.signedIn, place) || hasBit(free, place)) continue;
    excluded[count] = busyAt(crowd, signature, place, nowMs);
    count += 1;
    if (count === busyMax) return excluded;
  }
  return allBusy(crowd, signature, nowMs);
}

/** The same of all who fit, for when few of them are at work, or few fit. */
function allBusy(crowd: Crowd, signature: Signature, nowMs: number): Excluded {
  const { agents, freeKind } = signature;
  const free = crowd.freeOf(freeKind);
  const excluded: Excluded[number][] = [];
  for (let word = 0; word < agents.length; word += 1) {
    let rest = (agents[word] as number) & (crowd.signedIn[word] as number) & ~(free[word] as number);
    for (; rest !== 0; rest &= rest - 1) {
      excluded.push(busyAt(crowd, signature, (word << 5) + lowest(rest), nowMs));
      if (excluded.length === busyMax) return excluded;
    }
  }
  return excluded;
}

function busyAt(crowd: Crowd, { channel }: Signature, place: number, nowMs: number): Excluded[number] {
  const reason = channel === 'voice' ? crowd.reasonAt(place) : unavailabilityFor(crowd.at(place), channel, nowMs);
  return { agentId: crowd.idAt(place), reason: reason ?? 'busy' };
}
