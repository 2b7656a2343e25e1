import type { Agent } from '../../src/agents/index.ts';
import type { Switchboard } from '../../src/bridge/index.ts';
import type { CallViewData } from '../../src/events/catalogue/index.ts';
import { bridgeLegsOf, type Call, offersOf, partyAgentId } from '../../src/call/index.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Diary } from './diary.ts';
import type { Disk } from './disk.ts';
import { Lasting } from './lasting.ts';
import type { LogCheck } from './log-check.ts';
import type { Server } from './server.ts';
import { relaxAfterMs, skilledLevel, trunk } from './site.ts';

/** So long a call may wait beside an idle agent: as long as the news of either is under way. */
const idleBesideWaitingMs = 3_000;
/** So long the server's story may differ from the PBX's on a calm day: as long as commands are under way. */
const disagreementMs = 8_000;
/** So long after the last trouble all is expected to be as if there had been none. */
const calmAfterMs = 40_000;
const fullLookEveryMs = 30_000;
/** An offer rings for as long as it may, twice where it wants a click first. */
const offeredMaxMs = 40_000;
/** A wrap-up may be over for so long, and may go on for so long at most. */
const wrapUpLateMs = 10_000;
const wrapUpAheadMs = 25_000;
/** Greeting, menu and lookup take so long at most. */
const arrivingMaxMs = 90_000;
const timersPerCallMax = 40;
const timersBesideMax = 400;

interface Whereabouts {
  readonly world: VirtualClock;
  readonly pbx: VirtualAsterisk;
  readonly disk: Disk;
  readonly log: LogCheck;
  readonly diary: Diary;
}

/** Looks at server, PBX and log once a second. What must hold always is looked for always, the rest on calm days. */
export class FloorCheck {
  private readonly at: Whereabouts;
  private readonly lasting: Lasting;
  private troubleAtMs = 0;
  private fullLookAtMs = 0;
  calmMs = 0;

  constructor(at: Whereabouts) {
    this.at = at;
    this.lasting = new Lasting(at.diary);
  }

  /** Something is wrong with a neighbour: what comes of it has time. */
  trouble(): void {
    this.troubleAtMs = this.at.pbx.clock.nowMs();
  }

  look(server: Server | undefined): void {
    const nowMs = this.at.pbx.clock.nowMs();
    const { board } = server ?? {};
    if (!server || !board) return this.trouble();
    this.liveTokens(board);
    if (!server.isAriUp || !server.isAmiUp || server.life.isPaused) this.trouble();
    this.memory(board);
    if (nowMs - this.troubleAtMs < calmAfterMs) return this.lasting.forget();
    this.calmMs += 1_000;
    this.callers(board, nowMs);
    this.strays(board, nowMs);
    this.calls(board, nowMs, server.life.nowMs());
    this.jobs(board, nowMs);
    this.agents(board, nowMs, server.life.nowMs());
    this.idleBesideWaiting(board, nowMs, server.life.nowMs());
    this.lasting.endOfLook();
    if (nowMs - this.fullLookAtMs < fullLookEveryMs || server.log?.health().buffered !== 0) return;
    this.fullLookAtMs = nowMs;
    this.replay(server);
  }

  /** An agent belongs to one call at most, a call to no more agents than it has offers or voices. */
  private liveTokens({ calls, desk: { engine } }: Switchboard): void {
    const ofAgent = new Map<string, string>();
    for (const call of calls.all()) {
      for (const agentId of agentsOf(call)) {
        const other = ofAgent.get(agentId);
        if (other !== undefined) this.at.diary.violated('one live token', `${agentId}: ${other} and ${call.id}`);
        ofAgent.set(agentId, call.id);
      }
    }
    for (const { request, offer } of engine.waitingCalls()) {
      const agent = offer && engine.agent(offer.agentId);
      if (offer && agent?.offer?.callId !== request.callId && agent?.callId !== request.callId)
        this.at.diary.violated('one live token', `${request.callId} is offered to ${offer.agentId}, who knows nothing`);
    }
  }

  /** Whoever is in our application has a call. */
  private callers({ calls }: Switchboard, nowMs: number): void {
    for (const { id, endpoint, place } of this.at.pbx.channels.values()) {
      if (endpoint === undefined && place === 'stasis' && calls.ownerOf(id) === undefined)
        this.lasting.found('no caller is forgotten', id, nowMs, disagreementMs);
    }
  }

  /** What we made on the PBX belongs to a call, and each phone rings for one only. */
  private strays({ calls }: Switchboard, nowMs: number): void {
    const ringing = new Map<string, string>();
    for (const { id, endpoint, place } of this.at.pbx.channels.values()) {
      // A customer whom we called may have been sent on, and is the dialplan's.
      if (endpoint === undefined || !id.startsWith('rm-') || place === 'dialplan') continue;
      if (calls.ownerOf(id) === undefined) this.lasting.found('nothing is left behind', id, nowMs, disagreementMs);
      if (place !== 'dialling' || isOutside(endpoint)) continue;
      const other = ringing.get(endpoint);
      if (other) this.lasting.found('one phone, one offer', `${other} ${id}`, nowMs, disagreementMs);
      ringing.set(endpoint, id);
    }
    for (const id of this.at.pbx.bridges.keys()) {
      if (calls.ownerOf(id) === undefined) this.lasting.found('nothing is left behind', id, nowMs, disagreementMs);
    }
  }

  private calls({ calls }: Switchboard, nowMs: number, lifeMs: number): void {
    const { channels } = this.at.pbx;
    for (const call of calls.all()) {
      const { id, phase, phaseSinceMs, callerLegId, outbound } = call;
      // The customer of a call that goes out has no leg until there is an agent.
      if (phase === 'wrapUp' || phase === 'ended' || outbound) continue;
      if (phase === 'arriving' && lifeMs - phaseSinceMs > arrivingMaxMs)
        this.lasting.found('no call is stuck', `${id} ${phase}`, nowMs, disagreementMs);
      if (!channels.has(callerLegId)) this.lasting.found('no ghost call', `${id} ${phase}`, nowMs, disagreementMs);
      for (const legId of bridgeLegsOf(call)) {
        const channel = channels.get(legId);
        if (channel?.bridgeId !== `${id}.bridge`)
          this.lasting.found('who talks is heard', `${legId} ${phase}`, nowMs, disagreementMs);
      }
    }
  }

  /** A job that is being called has its call. */
  private jobs({ calls }: Switchboard, nowMs: number): void {
    for (const { id, status, call } of this.at.disk.jobs.values()) {
      if (status !== 'active' || calls.get(call?.callId ?? '')) continue;
      this.lasting.found('no job is forgotten', id, nowMs, disagreementMs);
    }
  }

  private agents({ calls, desk: { engine } }: Switchboard, nowMs: number, lifeMs: number): void {
    for (const agent of engine.allAgents()) {
      const { routing, callId, profile, sinceMs, wrapUpUntilMs = lifeMs } = agent;
      if (routing === 'idle') continue;
      const call = calls.get(callId ?? '');
      const stuck = `${profile.id} ${routing} ${callId ?? ''}`;
      const isOver =
        routing === 'wrapUp'
          ? lifeMs - wrapUpUntilMs > wrapUpLateMs || wrapUpUntilMs - lifeMs > wrapUpAheadMs
          : !call || !agentsOf(call).includes(profile.id) || (routing === 'offered' && lifeMs - sinceMs > offeredMaxMs);
      if (isOver) this.lasting.found('no agent is stuck', stuck, nowMs, disagreementMs);
    }
  }

  /** Who could take a call, by their own state and what the PBX says of their phone, and a call that nobody was tried for. */
  private idleBesideWaiting({ calls, desk: { engine } }: Switchboard, nowMs: number, lifeMs: number): void {
    const idle = [...engine.allAgents()].filter((agent) => this.isIdle(agent, lifeMs));
    if (idle.length === 0) return;
    for (const call of calls.all()) {
      const { phase, id, queueId = '', outbound } = call;
      // A callback may wait for its time, a job only where an agent was idle.
      if (phase !== 'waiting' || outbound) continue;
      const inLine = [...engine.callsOf(queueId)].find(({ request }) => request.callId === id);
      if (inLine?.progress.passedOn || inLine?.progress.overdue || (!inLine && isSaidGoodbye(call))) continue;
      // Whoever a transfer names is asked for a while only; then those of the queue are.
      const asked = { ...call, onlyAgentId: inLine ? inLine.progress.onlyAgentId : call.onlyAgentId };
      const able = idle.find(
        ({ profile }) => !inLine?.progress.excluded.has(profile.id) && mayTake(asked, profile, lifeMs),
      );
      if (able) this.lasting.found('nobody idle beside a waiting call', id, nowMs, idleBesideWaitingMs);
    }
  }

  private isIdle({ presence, routing, cooldownUntilMs, profile }: Agent, lifeMs: number): boolean {
    if (presence !== 'available' || routing !== 'idle' || cooldownUntilMs > lifeMs) return false;
    return [...this.at.pbx.devices.all()].some(
      ([device, state]) => device === profile.endpoint && state === 'NOT_INUSE',
    );
  }

  private replayCalls(live: ReadonlyMap<string, CallViewData>): void {
    const { diary, log } = this.at;
    const told = 'the log gives the live state';
    for (const [id, { view, gapped }] of log.calls) {
      const call = live.get(id);
      if (gapped) continue;
      if (!call) diary.violated(told, `${id} is not alive, ${view.phase} in the log`);
      else if (call.version !== view.version || call.phase !== view.phase)
        diary.violated(told, `${id}: ${call.phase} ${call.version}, ${view.phase} ${view.version} in the log`);
    }
    for (const id of live.keys()) if (!log.calls.has(id) && !log.gaps) diary.violated(told, `${id} is not in the log`);
  }

  /** What the log and the store say of now is what the server says, but for what a gap has announced as lost. */
  private replay({ board, desk }: Server): void {
    const { diary, disk, log } = this.at;
    if (!board || !desk) return;
    const live = new Map(desk.snapshot().calls.map(({ call }) => [call.id, call]));
    this.replayCalls(live);
    for (const agent of desk.snapshot().agents) {
      const told = log.agents.get(agent.id);
      if (told && (told.routing !== agent.routing || told.presence !== agent.presence || told.callId !== agent.callId))
        diary.violated('the log gives the live state', `${agent.id}: ${agent.routing}, ${told.routing} in the log`);
    }
    for (const call of board.calls.all()) {
      const kept = disk.states.get(`call/${call.id}`)?.state;
      if (JSON.stringify(kept) !== JSON.stringify(call))
        diary.violated(
          'the store has the live state',
          `${call.id} ${call.phase}: ${JSON.stringify(kept)} is not ${JSON.stringify(call)}`,
        );
    }
    for (const [key, { kind, id }] of disk.states)
      if (kind === 'call' && !live.has(id)) diary.violated('the store has the live state', `${key} is over`);
  }

  private memory({ calls }: Switchboard): void {
    const { pbx, diary, world } = this.at;
    const most = timersBesideMax + timersPerCallMax * (pbx.channels.size + calls.size);
    const { pending } = world;
    if (pending > most) diary.violated('memory is bounded', `${pending} timers for ${calls.size} calls`);
  }
}

/** The caller is out of line and hears that somebody will call. */
const isSaidGoodbye = ({ wait }: Call): boolean =>
  wait?.callback?.stage === 'sent' || wait?.callback?.stage === 'accepted';

const isOutside = (endpoint: string): boolean => endpoint.startsWith('Local/') || endpoint.endsWith(`@${trunk}`);

/** Whether an agent may be given a waiting call, as the rules of the site say; worked out anew, not by the engine. */
function mayTake(call: Call, { id, queues, skills }: Agent['profile'], lifeMs: number): boolean {
  const { queueId = '', onlyAgentId, queuedAtMs = lifeMs, waitingSinceMs = queuedAtMs } = call;
  if (onlyAgentId !== undefined) return id === onlyAgentId;
  if (!queues.includes(queueId)) return false;
  const isRelaxed = lifeMs - Math.max(waitingSinceMs, call.phaseSinceMs) > relaxAfterMs;
  return queueId !== 'repair' || isRelaxed || (skills['repair'] ?? 0) >= skilledLevel;
}

/** Whose the call is: rung for it, in it, or asked about it. */
function agentsOf(call: Call): readonly string[] {
  const asked = partyAgentId(call);
  const talking = call.talk && call.phase !== 'ended' ? [call.talk.agentId] : [];
  const all = [
    ...offersOf(call).map(({ token }) => token.agentId),
    ...talking,
    ...(asked === undefined ? [] : [asked]),
  ];
  return [...new Set(all)];
}
