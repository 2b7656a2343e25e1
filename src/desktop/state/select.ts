import type { AgentViewData } from '../../events/catalogue/index.ts';
import type { DeskCall, DeskState } from './state.ts';

/** Rows that a list shows, and how many more there are. */
export interface Rows<Row> {
  readonly shown: readonly Row[];
  readonly more: number;
  readonly total: number;
}

export function bounded<Row>(rows: readonly Row[], max: number): Rows<Row> {
  return { shown: rows.slice(0, max), more: Math.max(0, rows.length - max), total: rows.length };
}

/** Who waits, longest first; an offer that comes to nothing puts the call back, so offered calls are not among them. */
export function waitingCalls({ calls }: DeskState, max: number): Rows<DeskCall> {
  const waiting = [...calls.values()].filter(({ view }) => view.phase === 'waiting');
  return bounded(
    waiting.sort((a, b) => waitsSinceMs(a) - waitsSinceMs(b) || byId(a.view, b.view)),
    max,
  );
}

export const waitsSinceMs = ({ view }: DeskCall): number => view.queuedAtMs ?? view.enteredAtMs;

/** Calls that ring at somebody, oldest offer first. */
export function offeredCalls({ calls }: DeskState, max: number): Rows<DeskCall> {
  const offered = [...calls.values()].filter(({ view }) => view.phase === 'offering');
  return bounded(
    offered.sort((a, b) => a.view.phaseSinceMs - b.view.phaseSinceMs || byId(a.view, b.view)),
    max,
  );
}

const importance: Readonly<Record<AgentViewData['routing'], number>> = { offered: 0, talking: 1, wrapUp: 2, idle: 3 };

/** Agents at work before those who are not; within, who has been in the present state longest. */
export function agentsByState({ agents }: DeskState, max: number): Rows<AgentViewData> {
  const rank = (agent: AgentViewData): number =>
    agent.routing === 'idle' && agent.presence === 'signedOut' ? 9 : importance[agent.routing];
  return bounded(
    [...agents.values()].sort((a, b) => rank(a) - rank(b) || a.sinceMs - b.sinceMs || byId(a, b)),
    max,
  );
}

/**
 * The agent's part in a call. `asking`: rings somebody for advice; `private`: talks with who was asked; `between`: back
 * with the caller while the other waits. `asked` and `advising`: is the one who is rung, or talks, for advice.
 */
export type Situation =
  | 'offered'
  | 'dialling'
  | 'talking'
  | 'held'
  | 'asking'
  | 'private'
  | 'between'
  | 'conference'
  | 'asked'
  | 'advising'
  | 'wrapUp';

const byPhase: Partial<Record<DeskCall['view']['phase'], Situation>> = {
  offering: 'offered',
  dialling: 'dialling',
  talking: 'talking',
  held: 'held',
  wrapUp: 'wrapUp',
};
const byConsult = {
  dialled: 'asking',
  ringing: 'asking',
  private: 'private',
  waiting: 'between',
  conference: 'conference',
} as const;

/** Whose the call is, or whose phones ring for it: several where a queue rings several at once. */
export const offeredTo = ({ agentId, offeredTo: several }: DeskCall['view']): readonly string[] =>
  agentId === undefined ? (several ?? []) : [agentId];

/** Undefined when the agent has no part in the call. */
export function situationOf({ view }: DeskCall, agentId: string | undefined): Situation | undefined {
  if (agentId === undefined) return undefined;
  const { consult } = view;
  if (consult?.agentId === agentId) return byConsult[consult.state] === 'asking' ? 'asked' : 'advising';
  if (!offeredTo(view).includes(agentId)) return undefined;
  return consult ? byConsult[consult.state] : byPhase[view.phase];
}

/** The one call that the agent who looks is in: a conversation before what rings, before wrap-up. */
export function ownCall({ calls, viewer }: DeskState): DeskCall | undefined {
  const last: readonly (Situation | undefined)[] = ['dialling', 'asked', 'offered', 'wrapUp'];
  const rank = (call: DeskCall): number => last.indexOf(situationOf(call, viewer?.agentId));
  return [...calls.values()]
    .filter((call) => situationOf(call, viewer?.agentId) !== undefined)
    .sort((a, b) => rank(a) - rank(b))[0];
}

export function ownAgent({ agents, viewer }: DeskState): AgentViewData | undefined {
  return viewer?.agentId === undefined ? undefined : agents.get(viewer.agentId);
}

/** Whether there is more time for this wrap-up, if the agent wants it. */
export function mayExtendWrapUp(agent: AgentViewData | undefined): boolean {
  return (agent?.wrapUpMaxUntilMs ?? 0) > (agent?.wrapUpUntilMs ?? 0);
}

/** True while the desk shows the present, not the past or nothing. */
export const isLive = ({ link }: DeskState): boolean => link.kind === 'live';

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
