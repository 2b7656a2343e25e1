import { type AgentRecord, recordOf } from '../agents/index.ts';
import {
  agentLegIdOf,
  answeredOffer,
  attemptOfLeg,
  bridgeIdOf,
  type Call,
  partyAgentId,
  type PbxSnapshot,
} from '../call/index.ts';
import type { Logger } from '../kernel/index.ts';
import type { Board } from './board.ts';
import type { Journal } from './ports.ts';
import { reconcile, type Revived } from './reconcile.ts';
import { queuedAgain } from './routing-desk.ts';

/** A link may have been dead for so long before anybody noticed; what was asked of the PBX then did not happen. */
const unnoticedMs = 10_000;

/** Of so many calls it is known that they have ended, should something of them still be on the PBX. */
const endedIdsMax = 5_000;

/**
 * Makes our state true again: after a start from what the store kept, and after each gap in the link from what the
 * PBX says it holds. One algorithm for both; what it infers is marked as such in the events.
 */
export class Recovery {
  private readonly board: Board;
  private readonly logger: Logger;
  /** Calls read from the store that have not been compared with their PBX yet. */
  private readonly fresh = new Set<string>();
  private readonly lostAtMs = new Map<string, number>();
  /** Nodes that have been seen in this life of the server. */
  private readonly compared = new Set<string>();
  /** Calls that ended while their node was out of reach; kept until it is back. */
  private readonly endedInGap = new Map<string, Call>();
  /** Calls that ended just now, oldest first: the link may be dead without anybody having noticed. */
  private readonly endedLately = new Map<string, { readonly call: Call; readonly atMs: number }>();
  /** The newest calls that have ended, here or with a server before us; the PBX may not have heard of it. */
  private readonly endedIds = new Set<string>();

  constructor(board: Board, logger: Logger) {
    this.board = board;
    this.logger = logger;
  }

  async restore(journal: Journal, nowMs: number): Promise<void> {
    for (const callId of await journal.endedLately()) this.noteEnd(callId);
    const kept = await journal.load();
    // Before the agents, who may be in other rules than those of the file.
    this.board.restoreRules(kept.find(({ kind }) => kind === 'rules')?.state ?? null);
    for (const { kind, id, state } of kept) {
      if (state === null) continue;
      if (kind === 'call') this.restoreCall(state as Call);
      else if (kind === 'agent') this.restoreAgent(id, notAhead(state as AgentRecord, nowMs));
    }
    this.board.lastAgents.restore(kept.filter(({ kind }) => kind === 'lastAgent'));
    this.board.redials.restore(
      kept.filter(({ kind }) => kind === 'redial'),
      nowMs,
    );
  }

  forget(call: Call, atMs: number): void {
    this.fresh.delete(call.id);
    this.noteEnd(call.id);
    const isOutOfReach = this.lostAtMs.has(call.nodeId) || !this.compared.has(call.nodeId);
    if (isOutOfReach) return void this.endedInGap.set(call.id, call);
    for (const [id, { atMs: endedAtMs }] of this.endedLately) {
      if (endedAtMs >= atMs - unnoticedMs) break;
      this.endedLately.delete(id);
    }
    this.endedLately.set(call.id, { call, atMs });
  }

  private noteEnd(callId: string): void {
    this.endedIds.add(callId);
    const [oldest] = this.endedIds;
    if (this.endedIds.size > endedIdsMax && oldest !== undefined) this.endedIds.delete(oldest);
  }

  linkLost(nodeId: string, atMs: number): void {
    if (this.lostAtMs.has(nodeId)) return;
    this.lostAtMs.set(nodeId, atMs);
    for (const [id, { call, atMs: endedAtMs }] of this.endedLately) {
      if (call.nodeId !== nodeId) continue;
      this.endedLately.delete(id);
      if (endedAtMs >= atMs - unnoticedMs) this.endedInGap.set(id, call);
    }
  }

  onSnapshot(snapshot: PbxSnapshot): void {
    const { board } = this;
    const { nodeId, atMs } = snapshot;
    this.compared.add(nodeId);
    this.noteBridges(snapshot);
    this.noteAttempts(snapshot);
    const known = [...board.calls.all()].filter((call) => call.nodeId === nodeId);
    const result = reconcile(known, snapshot, this.toBegin(known, nodeId), this.endedOn(nodeId), this.endedIds);
    board.recorder.reconciling = true;
    for (const call of result.adopted) this.adopt(call, atMs);
    for (const revived of result.revived) this.reviveOffer(revived);
    for (const { callId, input } of result.inputs) {
      if (input.kind === 'recovered' && input.talk) this.restoreTalk(callId, input.talk.agentId, atMs);
      board.post(callId, input);
    }
    for (const call of known) this.fresh.delete(call.id);
    this.lostAtMs.delete(nodeId);
    for (const { id } of this.endedOn(nodeId)) this.endedInGap.delete(id);
    this.freeStuckAgents();
    this.endOrphanedWrapUps(known);
    board.recorder.reconciling = false;
    for (const command of result.sweep) board.send(nodeId, 'sweep', command);
    for (const fact of result.arrivals) board.onFact(fact);
    const counts = {
      kept: result.kept,
      ended: result.ended,
      adopted: result.adopted.length,
      swept: result.sweep.length,
    };
    this.logger.info({ nodeId, ...counts, arrivals: result.arrivals.length }, 'compared with the PBX');
    board.recorder.event('pbx.reconciled.v1', `node/${nodeId}`, atMs, { nodeId, ...counts });
    board.desk.step({ kind: 'node', nodeId, up: true });
  }

  /** A server that died before it had written down that it made a bridge must not leave it behind. */
  private noteBridges({ bridges }: PbxSnapshot): void {
    const { calls } = this.board;
    for (const { bridgeId } of bridges) {
      const call = calls.get(calls.ownerOf(bridgeId) ?? '');
      if (call && !call.bridged && bridgeId === bridgeIdOf(call.id)) calls.update({ ...call, bridged: true });
    }
  }

  /** The phone of an offer of which nothing was written down is swept, and the next one must not have its name. */
  private noteAttempts({ legs }: PbxSnapshot): void {
    const { calls } = this.board;
    for (const { legId } of legs) {
      const call = calls.get(calls.ownerOf(legId) ?? '');
      const attempt = call ? attemptOfLeg(call.id, legId) : 0;
      if (!call || attempt <= call.attempts || legId !== agentLegIdOf(call.id, attempt)) continue;
      calls.update({ ...call, attempts: attempt });
    }
  }

  /**
   * Besides the calls from the store those that were queued in the gap, to whom no music plays and on whom nothing is
   * written, those in a flow, whose keys and prompts were not heard of, and those who leave a message.
   */
  private toBegin(known: readonly Call[], nodeId: string): ReadonlySet<string> {
    const sinceMs = (this.lostAtMs.get(nodeId) ?? Number.POSITIVE_INFINITY) - unnoticedMs;
    const missed = known.filter(
      ({ phase, phaseSinceMs, flow }) =>
        flow !== undefined || phase === 'voicemail' || (phase === 'waiting' && phaseSinceMs >= sinceMs),
    );
    return new Set([...this.fresh, ...missed.map(({ id }) => id)]);
  }

  private endedOn(nodeId: string): readonly Call[] {
    return [...this.endedInGap.values()].filter((call) => call.nodeId === nodeId);
  }

  private restoreCall(call: Call): void {
    this.board.calls.add(call);
    this.fresh.add(call.id);
  }

  /** Offers are made anew after a restart; conversations and wrap-ups go on. */
  private restoreAgent(agentId: string, record: AgentRecord): void {
    const { offer: _offer, callId: _callId, ...rest } = record;
    const isOffered = record.routing === 'offered';
    const restored: AgentRecord = isOffered ? { ...rest, routing: 'idle', version: record.version + 1 } : record;
    this.board.desk.step({ kind: 'restoreAgent', agentId, record: restored });
    if (record.skills) this.board.profileChanged(agentId);
    if (isOffered) this.board.agentChanged(agentId);
  }

  private adopt(stranger: Call, atMs: number): void {
    const call = this.announce(stranger, atMs);
    this.board.calls.add(call);
    if (call.talk) this.restoreTalk(call.id, call.talk.agentId, atMs);
    this.board.post(call.id, { kind: 'recovered', atMs });
  }

  /** The log knows nothing of it, or its arrival was lost with the server before us: readers hear of it now. */
  private announce(stranger: Call, atMs: number): Call {
    const { recorder } = this.board;
    if (stranger.direction === 'outbound') {
      recorder.callState(stranger);
      return stranger;
    }
    const call = { ...stranger, version: stranger.version + 1 };
    recorder.callStep({ call, effects: [], events: [{ call, event: { type: 'call.arrived.v1' } }] }, atMs);
    return call;
  }

  private restoreTalk(callId: string, agentId: string, atMs: number): void {
    const agent = this.board.desk.engine.agent(agentId);
    if (!agent) return;
    const record = recordOf(agent);
    const presence = agent.presence === 'signedOut' ? 'available' : agent.presence;
    const version = record.version + 1;
    const free = { offer: undefined, wrapUpUntilMs: undefined };
    const talking: AgentRecord = { ...record, ...free, version, presence, routing: 'talking', callId, sinceMs: atMs };
    this.board.desk.step({ kind: 'restoreAgent', agentId, record: talking });
    this.board.agentChanged(agentId);
  }

  /** Who is asked for advice belongs to a call that is not in line. */
  private reviveOffer({ call, token }: Revived): void {
    const { desk } = this.board;
    if (!call.consult) desk.step({ kind: 'enqueue', request: queuedAgain(this.board.requestOf(call), call) });
    desk.step({ kind: 'restoreOffer', token });
  }

  /** An agent in conversation with a call that is not there is let go. */
  freeStuckAgents(): void {
    const { desk, calls } = this.board;
    for (const { callId, routing, profile, contacts = [] } of desk.engine.allAgents()) {
      for (const contact of contacts) this.endLost(contact.callId, profile.id);
      if (routing !== 'talking' || callId === undefined || isWith(calls.get(callId), profile.id)) continue;
      desk.step({ kind: 'talkEnded', agentId: profile.id, callId, queueId: '', outcome: 'callerLeft' });
    }
  }

  /** A chat or mail of which nobody knows would take the agent's capacity for ever. */
  private endLost(callId: string, agentId: string): void {
    const { desk, calls } = this.board;
    if (!calls.get(callId)) desk.step({ kind: 'talkEnded', agentId, callId, queueId: '', outcome: 'callerLeft' });
  }

  private endOrphanedWrapUps(known: readonly Call[]): void {
    for (const { id, talk } of known) {
      const call = this.board.calls.get(id);
      if (call && talk) this.board.endWrapUpOfNobody(call, talk.agentId);
    }
  }
}

/** Whether agent and caller are in conversation, or being joined. */
function isWith(call: Call | undefined, agentId: string): boolean {
  if (call?.phase === 'offering' || call?.phase === 'dialling') return answeredOffer(call)?.token.agentId === agentId;
  if (call?.phase !== 'talking' && call?.phase !== 'held') return false;
  return call.talk?.agentId === agentId || (call.consult?.stage === 'answered' && partyAgentId(call) === agentId);
}

/** A clock that was set back between two lives of the server must not make a rest or a wrap-up longer. */
function notAhead(record: AgentRecord, nowMs: number): AgentRecord {
  const { sinceMs, idleSinceMs, cooldownUntilMs, wrapUpUntilMs } = record;
  const ends = (untilMs: number): number => Math.min(untilMs, nowMs + Math.max(0, untilMs - sinceMs));
  return {
    ...record,
    sinceMs: Math.min(sinceMs, nowMs),
    idleSinceMs: Math.min(idleSinceMs, nowMs),
    cooldownUntilMs: ends(cooldownUntilMs),
    ...(wrapUpUntilMs === undefined ? {} : { wrapUpUntilMs: ends(wrapUpUntilMs) }),
  };
}
