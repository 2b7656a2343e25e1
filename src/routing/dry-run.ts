import { isAtRest } from '../agents/index.ts';
import { specOf } from './asking.ts';
import { type Ineligible, objections } from './eligibility.ts';
import { refusal } from './entering.ts';
import type { Floor } from './floor.ts';
import { ringingTogether, whoCould } from './matching.ts';
import { keyNow, rateOf } from './order.ts';
import { enterStep } from './progress.ts';
import type { RoutingRequest } from './request.ts';
import type { SelectionStrategy } from './selection/strategy.ts';
import type { Slot } from './slot.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Who would get a call, and why everyone else would not: the answer about one call, looked at without touching it. */
export interface DryRun {
  readonly queueId: string;
  /** The rules that the call has or would have. */
  readonly policyVersion: string;
  /** Where the call is in its wait, from 0. */
  readonly step: number;
  readonly selection: SelectionStrategy | 'agentAsked';
  /** Virtual arrival, Unix milliseconds: the lowest goes first. */
  readonly orderKey: number;
  /** Calls of the queue that would be served before it. */
  readonly waitingBefore: number;
  /**
   * `offer`: would be offered now; `offered`: is; `wait`: to nobody now; `refused`: would not be let in, for the queue is
   * full, closed or has no agents; `passedOn`: is on its way elsewhere.
   */
  readonly decision: 'offer' | 'offered' | 'wait' | 'refused' | 'passedOn';
  /** Who would be or is asked, the first choice first; several when phones ring together. */
  readonly chosen: readonly string[];
  /** Everybody: those who could take it in the order of choice, then the others by id. */
  readonly agents: readonly AgentVerdict[];
}

export interface AgentVerdict {
  readonly agentId: string;
  /** All that speaks against; nothing means that the agent could take it. */
  readonly reasons: readonly Ineligible[];
  readonly idleMs: number;
}

export type Examined = { readonly callId: string } | { readonly request: RoutingRequest };

export function dryRun(floor: Floor, what: Examined, nowMs: number): DryRun | undefined {
  const call = 'callId' in what ? floor.calls.get(what.callId) : madeUp(floor, what.request, nowMs);
  if (!call) return undefined;
  const signature = floor.signatures.of(specOf(call, floor.book));
  const { spec } = signature;
  const able = whoCould(floor, signature, { length: floor.crowd.size, excluded: call.progress.excluded }, nowMs).best;
  const isRefused = 'request' in what && refusal(floor, call) !== undefined;
  const first = able.slice(0, Math.max(0, ringingTogether(floor, signature)));
  const chosen = isRefused ? [] : chosenFor(floor, call, first);
  return {
    queueId: call.request.queueId,
    policyVersion: call.rules.version,
    step: call.progress.step,
    selection: spec.agentId === undefined ? spec.strategy : 'agentAsked',
    orderKey: call.orderKey,
    waitingBefore: waitingBefore(floor, call, nowMs),
    decision: isRefused ? 'refused' : decisionOf(call, chosen),
    chosen,
    agents: [
      ...able.map((slot) => verdict(slot, [], nowMs)),
      ...others(floor, able).map((slot) => {
        const reasons = objections(slot, spec, call.progress.excluded, nowMs);
        return verdict(slot, reasons.length > 0 ? reasons : ['reserved'], nowMs);
      }),
    ],
  };
}

function decisionOf({ offer, progress: { passedOn } }: WaitingCall, chosen: readonly string[]): DryRun['decision'] {
  if (offer) return 'offered';
  if (passedOn) return 'passedOn';
  return chosen.length > 0 ? 'offer' : 'wait';
}

function chosenFor(floor: Floor, call: WaitingCall, able: readonly Slot[]): readonly string[] {
  if (call.offer) return call.offers.map(({ agentId }) => agentId);
  if (call.progress.passedOn || floor.signatures.isClosed(call.request.nodeId)) return [];
  return able.map((slot) => slot.id);
}

function waitingBefore({ calls }: Floor, call: WaitingCall, nowMs: number): number {
  const keyOf = (one: WaitingCall): number => keyNow(one.orderKey, rateOf(one), nowMs);
  const key = keyOf(call);
  return call.line.numbers.filter((number) => keyOf(calls.at(number)) < key).length;
}

function madeUp(floor: Floor, request: RoutingRequest, nowMs: number): WaitingCall | undefined {
  const call = floor.callFor(request, nowMs);
  if (call) enterStep(floor, call, 0, nowMs);
  return call;
}

function others(floor: Floor, able: readonly Slot[]): readonly Slot[] {
  const known = new Set(able);
  return [...floor.crowd.all()].filter((slot) => !known.has(slot)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function verdict(slot: Slot, reasons: readonly Ineligible[], nowMs: number): AgentVerdict {
  const idleMs = isAtRest(slot) ? Math.max(0, nowMs - slot.idleSinceMs) : 0;
  return { agentId: slot.id, reasons, idleMs };
}
