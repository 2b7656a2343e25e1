import type { AgentViewData, CallViewData, QueueViewData } from '../../events/catalogue/index.ts';
import type { FeedNews } from '../client/feed.ts';
import type { DeskEvent, SnapshotState } from '../client/frames.ts';
import { offeredTo } from './select.ts';
import { type DeskCall, type DeskState, latestMax, type Viewer } from './state.ts';

/**
 * The state after a batch of news. Pure; one batch copies each table at most once, so that a storm of events costs one
 * copy a frame and not one an event. A batch that changes nothing gives back the same object.
 */
export function reduce(state: DeskState, batch: readonly FeedNews[]): DeskState {
  const draft = new Draft(state);
  for (const news of batch) draft.take(news);
  return draft.result();
}

class Draft {
  private state: DeskState;
  private readonly before: DeskState;

  constructor(state: DeskState) {
    this.state = state;
    this.before = state;
  }

  result(): DeskState {
    return this.state;
  }

  take(news: FeedNews): void {
    switch (news.kind) {
      case 'signedIn':
        return this.viewer({ name: news.name, agentId: news.agentId });
      case 'hello':
        this.viewer({ kind: news.principalKind });
        return this.set({ serverMinusLocalMs: news.serverMinusLocalMs });
      case 'granted':
        return this.viewer({ masked: news.masked, ...(news.agentId === undefined ? {} : { agentId: news.agentId }) });
      case 'link':
        return this.set({ link: news.link });
      case 'snapshot':
        return this.replace(news);
      case 'event':
        return this.event(news.event);
    }
  }

  private viewer(part: Partial<Viewer>): void {
    const nobody = { kind: '', name: '', agentId: undefined, masked: true };
    this.set({ viewer: { ...(this.state.viewer ?? nobody), ...part } });
  }

  private set(part: Partial<DeskState>): void {
    this.state = { ...this.state, ...part };
  }

  private replace({ holds, state }: { readonly holds: readonly string[]; readonly state: SnapshotState }): void {
    if (holds.includes('calls')) this.set({ calls: this.callsOf(state) });
    if (holds.includes('agents')) this.set({ agents: new Map(state.agents.map((agent) => [agent.id, agent])) });
    if (holds.includes('queues')) this.set({ queues: new Map(state.queues.map((queue) => [queue.id, queue])) });
  }

  /** A call that we know better than the snapshot, by its offer's deadline, keeps that. */
  private callsOf({ calls }: SnapshotState): ReadonlyMap<string, DeskCall> {
    const known = this.state.calls;
    return new Map(
      calls.map(({ call: view, customer: card }) => {
        const offer = standingOffer(view, known.get(view.id), this.state.viewer?.agentId);
        return [view.id, { view, ...(card ? { card } : {}), ...(offer ? { offer } : {}) }];
      }),
    );
  }

  private event(event: DeskEvent): void {
    switch (event.type) {
      case 'agent.state.v1':
        this.agent(event, event.data.agent);
        return;
      case 'queue.stats.v1':
        this.queues().set(event.data.queue.id, event.data.queue);
        return;
      case 'pbx.link.lost.v1':
        if (event.data.link === 'ari') this.mark(event.data.nodeId, true);
        return this.note(event);
      case 'pbx.reconciled.v1':
        this.mark(event.data.nodeId, false);
        return this.note(event);
      case 'pbx.link.restored.v1':
      case 'pbx.restarted.v1':
      case 'stream.gap.v1':
        return this.note(event);
      default:
        if ('call' in event.data) this.call(event, event.data.call);
    }
  }

  /** What is known of the calls of a node, and of who is on them, cannot be trusted, or can be again. */
  private mark(nodeId: string, stale: boolean): void {
    for (const [id, call] of this.state.calls) {
      if (call.view.nodeId === nodeId) this.calls().set(id, { ...call, view: marked(call.view, stale) });
    }
    for (const [id, agent] of this.state.agents) {
      if (this.state.calls.get(agent.callId ?? '')?.view.nodeId === nodeId) this.agents().set(id, marked(agent, stale));
    }
  }

  private call(event: DeskEvent, told: CallViewData): void {
    const known = this.state.calls.get(told.id);
    if (known && known.view.version >= told.version) return;
    const view = known?.view.stale ? marked(told, true) : told;
    this.note(event);
    if (view.phase === 'ended' || this.isOthers(view)) {
      if (known) this.calls().delete(view.id);
      return;
    }
    const card = 'customer' in event.data ? event.data.customer : known?.card;
    const offer = offerAfter(event, view, known, this.state.viewer?.agentId);
    const waitedMs = event.type === 'call.connected.v1' ? event.data.waitedMs : known?.waitedMs;
    this.calls().set(view.id, { view, card, offer, waitedMs });
  }

  /** Who sees only the own calls hears no more of one that went on to somebody else. */
  private isOthers(view: CallViewData): boolean {
    const { viewer } = this.state;
    if (viewer?.kind !== 'agent' || viewer.agentId === undefined) return false;
    return view.consult?.agentId !== viewer.agentId && !offeredTo(view).includes(viewer.agentId);
  }

  private agent(event: DeskEvent, agent: AgentViewData): void {
    const known = this.state.agents.get(agent.id);
    if (known && known.version > agent.version) return;
    this.agents().set(agent.id, agent);
    if (known?.presence !== agent.presence) this.note(event);
  }

  private note(event: DeskEvent): void {
    this.set({ latest: [event, ...this.state.latest].slice(0, latestMax) });
  }

  private calls(): Map<string, DeskCall> {
    if (this.state.calls === this.before.calls) this.set({ calls: new Map(this.before.calls) });
    return this.state.calls as Map<string, DeskCall>;
  }

  private agents(): Map<string, AgentViewData> {
    if (this.state.agents === this.before.agents) this.set({ agents: new Map(this.before.agents) });
    return this.state.agents as Map<string, AgentViewData>;
  }

  private queues(): Map<string, QueueViewData> {
    if (this.state.queues === this.before.queues) this.set({ queues: new Map(this.before.queues) });
    return this.state.queues as Map<string, QueueViewData>;
  }
}

function offerAfter(
  event: DeskEvent,
  view: CallViewData,
  known: DeskCall | undefined,
  viewer: string | undefined,
): DeskCall['offer'] {
  const standing = standingOffer(view, known, viewer);
  // Of several phones that ring for a call, who looks cares for the own one.
  if ('agentId' in event.data && event.data.agentId !== viewer && standing?.agentId === viewer) return standing;
  // Somebody who is asked for advice is offered the call too, while it stays with who asks: `consult` tells of that.
  if (event.type === 'call.offered.v1' && view.phase === 'offering') {
    const { agentId, attempt, mode, expiresAtMs } = event.data;
    return { agentId, attempt, mode, expiresAtMs, ringing: false };
  }
  return standing && event.type === 'call.offer.ringing.v1' ? { ...standing, ringing: true } : standing;
}

function standingOffer(view: CallViewData, known: DeskCall | undefined, viewer: string | undefined): DeskCall['offer'] {
  const agentIds = view.phase === 'offering' ? offeredTo(view) : [];
  const before = known?.view.phase === 'offering' ? known.offer : undefined;
  // Of several the one to who looks, else the one that is shown already.
  const agentId = [viewer, before?.agentId].find((id) => id !== undefined && agentIds.includes(id)) ?? agentIds[0];
  if (agentId === undefined) return undefined;
  if (before?.agentId === agentId) return before;
  return { agentId, attempt: undefined, mode: undefined, expiresAtMs: undefined, ringing: false };
}

function marked<View extends { readonly stale?: true }>({ stale: _before, ...view }: View, stale: boolean): View {
  return (stale ? { ...view, stale } : view) as View;
}
