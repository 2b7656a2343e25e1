import { isOpen } from '../calendar/index.ts';
import { type Call, greetingIdOf } from './call.ts';
import type { CustomerResult } from './customer.ts';
import { type CallStep, Draft } from './draft.ts';
import { goOnWhenReady } from './entering.ts';
import type { EntryPolicy } from './entry.ts';
import type { PbxFact } from './facts.ts';
import { callerKnown, enterFlow, firstState } from './flow.ts';
import { overflowTo } from './leaving.ts';
import { placeAnew, ruledFromNow } from './placing.ts';
import type { CallPolicy } from './policy.ts';

export type ArrivalFact = Extract<PbxFact, { kind: 'legArrived' }>;

/** A call begins: the caller is answered and greeted as the entry says, while the CRM is asked who it is. */
export function arrive(id: string, fact: ArrivalFact, policy: CallPolicy, resumedMs?: number): CallStep {
  const { entry } = policy;
  const answersNow = !fact.answered && entry.answer === 'atEntry';
  const hears = fact.answered || answersNow;
  const closed = entry.hours !== undefined && !isOpen(entry.hours.schedule, fact.atMs);
  const greeting = hears ? firstSounds(entry, closed) : [];
  const greets = greeting.length > 0;
  const language = entry.language ?? fact.language;
  const call: Call = {
    id,
    nodeId: fact.nodeId,
    version: 0,
    phase: 'arriving',
    phaseSinceMs: fact.atMs,
    entryId: entry.id,
    callerLegId: fact.legId,
    callerNumber: fact.callerNumber,
    callerName: fact.callerName,
    dialledNumber: fact.dialledNumber,
    ...(language === undefined ? {} : { language }),
    answered: hears,
    ...(resumedMs === undefined ? {} : { resumedMs }),
    enteredAtMs: fact.atMs,
    awaiting: { lookup: true, greeting: greets },
    returned: false,
    attempts: 0,
    hops: 0,
    bridged: false,
    talkedMs: 0,
    heldMs: 0,
    data: {},
    ...ruledFromNow(policy.rules, fact.callerNumber),
    ...(closed ? { closed } : {}),
    ...(entry.flow && hears && !closed ? { flow: firstState(entry.flow, fact.atMs) } : {}),
  };
  const draft = new Draft(call, policy, fact.atMs);
  draft.ask({ kind: 'lookup' });
  if (answersNow) draft.pbx({ kind: 'answer', legId: fact.legId });
  else if (!fact.answered) draft.pbx({ kind: 'ring', legId: fact.legId });
  if (greets) {
    const spoken = entry.language === undefined ? {} : { language: entry.language };
    draft.pbx({ kind: 'play', legId: fact.legId, playbackId: greetingIdOf(id), media: greeting, ...spoken });
    draft.ask({ kind: 'startTimer', timer: 'greeting', afterMs: entry.greetingMaxMs });
  }
  draft.tell({ type: 'call.arrived.v1' });
  enterFlow(draft);
  return draft.finish();
}

/** Outside the hours nobody is welcomed who is then sent away. */
function firstSounds({ greeting, hours }: EntryPolicy, closed: boolean): readonly string[] {
  return closed ? (hours?.closed.prompt ?? []) : greeting;
}

/**
 * The lookup settled, or a late answer came. A late answer moves no call to another queue, it informs it and may change
 * its place in line; only a caller who turns out to be on the blacklist is sent away while nobody is offered the call.
 */
export function customerFound(draft: Draft, result: CustomerResult, late: boolean): void {
  const { call } = draft;
  if (call.phase === 'ended') return;
  const waits = call.phase === 'arriving' && call.awaiting.lookup;
  const isNews = call.customer?.customer?.blacklisted !== true;
  draft.change({ customer: result, awaiting: { ...call.awaiting, lookup: false } });
  draft.tell({ type: 'call.customer.updated.v1', customer: result, late });
  if (result.customer?.blacklisted && isNews && !call.talk && !call.offers && !call.outbound) {
    return overflowTo(draft, draft.policy.entry.blacklisted, 'blacklisted');
  }
  callerKnown(draft);
  if (waits) goOnWhenReady(draft);
  else if (call.phase === 'waiting' || call.phase === 'offering') {
    placeAnew(draft);
    draft.ask({ kind: 'reassess' });
  }
}

/** The greeting was heard, failed, or its end was never reported. */
export function greetingOver(draft: Draft): void {
  if (draft.call.phase !== 'arriving' || !draft.call.awaiting.greeting) return;
  draft.change({ awaiting: { ...draft.call.awaiting, greeting: false } });
  enterFlow(draft);
  goOnWhenReady(draft);
}

/** The greeting takes longer than it may: cut, since Asterisk would let music and agent wait for its end. */
export function greetingOverdue(draft: Draft): void {
  if (draft.call.phase !== 'arriving' || !draft.call.awaiting.greeting) return;
  draft.pbx({ kind: 'stopPlayback', playbackId: greetingIdOf(draft.call.id) });
  greetingOver(draft);
}
