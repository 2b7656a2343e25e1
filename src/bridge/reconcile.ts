import {
  type AdoptedTalk,
  adoptCall,
  answeredOffer,
  bridgeIdOf,
  bridgeLegsOf,
  type Call,
  type CallInput,
  callIdPrefix,
  channelVariable,
  customerLegIdOf,
  type LegSnapshot,
  type OfferToken,
  offersOf,
  type PbxCommand,
  type PbxFact,
  type PbxSnapshot,
  parseChannelRecord,
} from '../call/index.ts';
import { missedByOutbound, stoppedRinging } from './reconcile-outbound.ts';

/** A call whose agent answered while we were away: this offer stands again before the answer is told. */
export interface Revived {
  readonly call: Call;
  readonly token: OfferToken;
}

/** What a comparison of our calls with a PBX asks for, in order. */
export interface Reconciliation {
  /** Calls that the PBX holds and we did not know. */
  readonly adopted: readonly Call[];
  /** Callers who came while nobody listened. */
  readonly arrivals: readonly Extract<PbxFact, { kind: 'legArrived' }>[];
  /** What known calls missed. */
  readonly inputs: readonly { readonly callId: string; readonly input: CallInput }[];
  readonly revived: readonly Revived[];
  /** Legs and bridges of ours that belong to nothing any more. */
  readonly sweep: readonly PbxCommand[];
  readonly kept: number;
  readonly ended: number;
}

/**
 * Compares the calls that we believe to be on a node with what the node says. Pure.
 * `fresh` names the calls that must be begun again: read from the store at start, or queued while the link was away;
 * `endedInGap` are those that ended meanwhile without the PBX being told, `endedIds` those that a server before us has
 * ended: what is left of them is swept, and a caller among it comes anew.
 */
export function reconcile(
  calls: readonly Call[],
  snapshot: PbxSnapshot,
  fresh: ReadonlySet<string>,
  endedInGap: readonly Call[] = [],
  endedIds: ReadonlySet<string> = new Set(),
): Reconciliation {
  const legs = new Map(snapshot.legs.map((leg) => [leg.legId, leg]));
  const inputs: { callId: string; input: CallInput }[] = [];
  const revived: Revived[] = [];
  const claimed = new Set<string>();
  let kept = 0;
  let ended = 0;
  for (const call of calls) {
    const missed = missedBy(call, legs, snapshot, fresh.has(call.id), revived);
    for (const legId of claimedBy(call, missed)) claimed.add(legId);
    claimed.add(bridgeIdOf(call.id));
    for (const legId of newLegsOf(missed)) claimed.add(legId);
    if (missed.some((input) => endsCall(call, input))) ended += 1;
    else kept += 1;
    inputs.push(...missed.map((input) => ({ callId: call.id, input })));
  }
  const over = [...calls.filter(({ phase }) => phase === 'wrapUp'), ...endedInGap];
  // Who was sent away and came back is in another call now.
  const held = new Set(calls.flatMap((call) => (call.phase === 'wrapUp' ? [] : legsOf(call))));
  const survivors = survivorsOf(over, legs).filter((legId) => !held.has(legId));
  for (const legId of survivors) claimed.add(legId);
  const knownIds = new Set([...[...calls, ...endedInGap].map(({ id }) => id), ...endedIds]);
  const { adopted, arrivals, sweep } = sortStrangers(snapshot, claimed, knownIds);
  const hangups = survivors.map((legId): PbxCommand => ({ kind: 'hangup', legId, reason: 'normal' }));
  return { inputs, revived, kept, ended, adopted, arrivals, sweep: [...hangups, ...sweep] };
}

/**
 * Legs of calls that are over but for the PBX, which could not be told. A caller who should have gone on elsewhere is
 * not hung up but arrives anew.
 */
function survivorsOf(over: readonly Call[], legs: ReadonlyMap<string, LegSnapshot>): string[] {
  const legIds = over.flatMap(({ endReason, callerLegId, talk }) => {
    const goesOn = endReason === 'overflowed' || endReason === 'transferred';
    return [goesOn ? undefined : callerLegId, talk?.legId];
  });
  return legIds.filter((legId) => legId !== undefined && legs.has(legId)) as string[];
}

function missedBy(
  call: Call,
  legs: ReadonlyMap<string, LegSnapshot>,
  snapshot: PbxSnapshot,
  isFresh: boolean,
  revived: Revived[],
): CallInput[] {
  if (call.phase === 'wrapUp' || call.phase === 'ended') return [];
  const { atMs } = snapshot;
  const legEnded = (legId: string) => inferred(snapshot, { kind: 'legEnded', legId, cause: 0 });
  if (call.outbound) return missedByOutbound(call, legs, { nodeId: snapshot.nodeId, atMs, isFresh });
  if (!legs.has(call.callerLegId)) return [legEnded(call.callerLegId)];
  const talk = isFresh ? metUnseen(call, legs, snapshot) : undefined;
  if (talk) return [{ kind: 'recovered', talk, atMs }];
  if (call.talk || call.consult) return missedInTalk(call, legs, snapshot, isFresh, revived);
  const answered = answeredOffer(call);
  if (answered) return legs.has(answered.legId) ? [{ kind: 'recovered', atMs }] : [legEnded(answered.legId)];
  const winner = offersOf(call).find(({ legId }) => legs.get(legId)?.answered);
  if (winner) {
    if (isFresh) revived.push({ call, token: winner.token });
    return [inferred(snapshot, { kind: 'legAnswered', legId: winner.legId })];
  }
  return isFresh ? [{ kind: 'recovered', atMs }] : stoppedRinging(call, legs, atMs);
}

/** Who is in the call's bridge with the caller, when our state is older than that: the store was away when they met. */
function metUnseen(call: Call, legs: ReadonlyMap<string, LegSnapshot>, snapshot: PbxSnapshot): AdoptedTalk | undefined {
  const caller = legs.get(call.callerLegId);
  if (call.consult || caller?.bridgeId !== bridgeIdOf(call.id)) return undefined;
  const talk = talkOf(caller, snapshot);
  return talk && !legsOf(call).includes(talk.legId) ? talk : undefined;
}

function legsOf({ callerLegId, offers = [], talk, consult }: Call): string[] {
  const agents = [...offers.map(({ legId }) => legId), talk?.legId, consult?.legId];
  return [callerLegId, ...agents.filter((legId) => legId !== undefined)];
}

/**
 * The legs that are the call's. The phone of an offer that the state knows as not dialled rings for nobody: the offer is
 * taken back, and the phone swept, unless its answer was missed.
 */
function claimedBy(call: Call, missed: readonly CallInput[]): string[] {
  const isAnswered = (legId: string): boolean =>
    missed.some((input) => input.kind === 'pbx' && 'legId' in input.fact && input.fact.legId === legId);
  const isUndialled = (legId: string): boolean =>
    offersOf(call).some((offer) => offer.legId === legId && offer.stage === 'pending') && !isAnswered(legId);
  return legsOf(call).filter((legId) => !isUndialled(legId));
}

/** Legs that the call did not know and that are its own now. */
const newLegsOf = (missed: readonly CallInput[]): string[] =>
  missed.flatMap((input) => {
    if (input.kind === 'recovered') return input.talk ? [input.talk.legId] : [];
    return input.kind === 'pbx' && input.fact.kind === 'legReplaced' ? [input.fact.byLegId] : [];
  });

/** The end of the call's agent is no end of the call when somebody was asked, who may take over. */
const endsCall = (call: Call, input: CallInput): boolean =>
  input.kind === 'pbx' &&
  input.fact.kind === 'legEnded' &&
  (call.consult === undefined || input.fact.legId === call.callerLegId);

type Bare<Fact> = Fact extends PbxFact ? Omit<Fact, 'nodeId' | 'atMs'> : never;

const inferred = ({ nodeId, atMs }: PbxSnapshot, fact: Bare<PbxFact>): CallInput => ({
  kind: 'pbx',
  fact: { ...fact, nodeId, atMs } as PbxFact,
  atMs,
});

/** Who was asked may have answered or gone, the agent may have gone, or what we asked of the bridge did not happen. */
function missedInTalk(
  call: Call,
  legs: ReadonlyMap<string, LegSnapshot>,
  snapshot: PbxSnapshot,
  isFresh: boolean,
  revived: Revived[],
): CallInput[] {
  const { consult, talk } = call;
  const inputs: CallInput[] = [];
  const isRung = consult !== undefined && consult.stage !== 'answered';
  if (isRung && legs.get(consult.legId)?.answered) {
    if (isFresh && consult.party.kind === 'agent') revived.push({ call, token: consult.party.token });
    inputs.push(inferred(snapshot, { kind: 'legAnswered', legId: consult.legId }));
  } else if (isRung && (isFresh || !legs.has(consult.legId))) {
    // Why the phone stopped ringing was not heard, so nobody is blamed for it.
    inputs.push({ kind: 'recovered', atMs: snapshot.atMs });
  }
  const gone = [talk?.legId, isRung ? undefined : consult?.legId].filter((legId) => legId !== undefined);
  inputs.push(...gone.flatMap((legId) => goneFact(call, legId, snapshot)).map((fact) => inferred(snapshot, fact)));
  if (inputs.length > 0) return inputs;
  const astray = astrayLegs(call, legs);
  // The timers of a recording died with the server.
  const isPending = isFresh && call.recording !== undefined;
  return astray.length > 0 || isPending ? [{ kind: 'recovered', astray, atMs: snapshot.atMs }] : [];
}

/** Whoever is in our bridge, and not by us, took the agent's place while we were away: by the transfer key of the phone. */
function goneFact(call: Call, legId: string, { legs }: PbxSnapshot): Bare<PbxFact>[] {
  const present = legs.filter(({ bridgeId }) => bridgeId === bridgeIdOf(call.id)).map((leg) => leg.legId);
  const isOut = legId === call.talk?.legId && !present.includes(legId);
  const byLegId = present.find((other) => other !== call.callerLegId && !other.startsWith(callIdPrefix));
  if (isOut && byLegId !== undefined && byLegId !== call.consult?.legId)
    return [{ kind: 'legReplaced', legId, byLegId, attended: false }];
  return legs.some((leg) => leg.legId === legId) ? [] : [{ kind: 'legEnded', legId, cause: 0 }];
}

/** Legs of a conversation that are in the bridge and should not be, or the other way round. */
function astrayLegs(call: Call, legs: ReadonlyMap<string, LegSnapshot>): string[] {
  const wanted = bridgeLegsOf(call);
  const answeredParty = call.consult?.stage === 'answered' ? call.consult.legId : undefined;
  return [call.callerLegId, call.talk?.legId, answeredParty].filter((legId): legId is string => {
    const isIn = legs.get(legId ?? '')?.bridgeId === bridgeIdOf(call.id);
    return legId !== undefined && isIn !== wanted.includes(legId);
  });
}

function sortStrangers(
  snapshot: PbxSnapshot,
  claimed: ReadonlySet<string>,
  knownIds: ReadonlySet<string>,
): Pick<Reconciliation, 'adopted' | 'arrivals' | 'sweep'> {
  const adopted: Call[] = [];
  const arrivals: Extract<PbxFact, { kind: 'legArrived' }>[] = [];
  const taken = new Set(claimed);
  const callIds = new Set(knownIds);
  const { nodeId, atMs } = snapshot;
  for (const leg of snapshot.legs) {
    const record = parseChannelRecord(leg.variables[channelVariable]);
    // Of the legs that we dialled only a customer in conversation is a call of its own.
    const isCustomer = record !== undefined && leg.legId === customerLegIdOf(record.id) && leg.bridgeId !== undefined;
    const isOurs = leg.legId.startsWith(callIdPrefix);
    if (taken.has(leg.legId) || (isOurs && (!isCustomer || knownIds.has(record.id)))) continue;
    // A second leg with the record of a call that we have is a copy, or a forgery: a caller of its own.
    if (!record || callIds.has(record.id)) {
      const { legId, callerNumber, callerName, dialledNumber, answered, args = [], language } = leg;
      const caller = { legId, callerNumber, callerName, dialledNumber, answered, args };
      const spoken = language === undefined ? {} : { language };
      arrivals.push({ kind: 'legArrived', ...caller, ...spoken, nodeId, atMs });
      continue;
    }
    const talk = talkOf(leg, snapshot);
    // A server that died while it dialled may have made the bridge and never written the call down.
    const isBridged = snapshot.bridges.some(({ bridgeId }) => bridgeId === bridgeIdOf(record.id));
    const call = adoptCall(nodeId, leg, record, { talk, isBridged }, atMs);
    adopted.push(call);
    callIds.add(call.id);
    taken.add(leg.legId).add(bridgeIdOf(call.id));
    if (talk) taken.add(talk.legId);
  }
  return { adopted, arrivals, sweep: sweepOf(snapshot, taken) };
}

/** Who shares a bridge with the caller; `RINGMASTER_LEG` on the agent's leg says which agent that is. */
function talkOf(caller: LegSnapshot, snapshot: PbxSnapshot): AdoptedTalk | undefined {
  if (caller.bridgeId === undefined) return undefined;
  const partner = snapshot.legs.find((leg) => leg.bridgeId === caller.bridgeId && leg.legId !== caller.legId);
  const agentId = partner?.variables['RINGMASTER_LEG']?.split(',')[1];
  return partner && agentId ? { agentId, legId: partner.legId } : undefined;
}

function sweepOf(snapshot: PbxSnapshot, taken: ReadonlySet<string>): PbxCommand[] {
  const isOrphan = (id: string): boolean => id.startsWith(callIdPrefix) && !taken.has(id);
  const legs = snapshot.legs.filter((leg) => isOrphan(leg.legId));
  const bridges = snapshot.bridges.filter((bridge) => isOrphan(bridge.bridgeId));
  return [
    ...legs.map((leg): PbxCommand => ({ kind: 'hangup', legId: leg.legId, reason: 'normal' })),
    ...bridges.map((bridge): PbxCommand => ({ kind: 'destroyBridge', bridgeId: bridge.bridgeId })),
  ];
}
