import type { AgentViewData, CallViewData, CustomerCardData, QueueViewData } from '../../events/catalogue/index.ts';
import type { LinkState } from '../client/feed.ts';
import type { DeskEvent } from '../client/frames.ts';

/** An offer as the desk knows it; a snapshot tells only that there is one. */
export interface DeskOffer {
  readonly agentId: string;
  readonly attempt: number | undefined;
  readonly mode: 'ring' | 'accept' | undefined;
  /** By the clock of the server. */
  readonly expiresAtMs: number | undefined;
  readonly ringing: boolean;
}

export interface DeskCall {
  readonly view: CallViewData;
  readonly card?: CustomerCardData | undefined;
  readonly offer?: DeskOffer | undefined;
  /** How long the caller had waited when the conversation began, in milliseconds; a snapshot does not tell. */
  readonly waitedMs?: number | undefined;
}

/** Who looks. */
export interface Viewer {
  /** Empty until the server has told. `agent`: sees only what concerns itself; all others see everything. */
  readonly kind: string;
  readonly name: string;
  /** The agent as whom the person takes calls; a supervisor may have one too. */
  readonly agentId: string | undefined;
  /** Whether numbers come masked. */
  readonly masked: boolean;
}

export interface DeskState {
  readonly viewer: Viewer | undefined;
  readonly link: LinkState;
  /** To add to the local clock for the server's time. */
  readonly serverMinusLocalMs: number;
  readonly calls: ReadonlyMap<string, DeskCall>;
  readonly agents: ReadonlyMap<string, AgentViewData>;
  readonly queues: ReadonlyMap<string, QueueViewData>;
  /** What happened, newest first, at most `latestMax`. */
  readonly latest: readonly DeskEvent[];
}

export const latestMax = 60;

export const emptyState: DeskState = {
  viewer: undefined,
  link: { kind: 'stopped' },
  serverMinusLocalMs: 0,
  calls: new Map(),
  agents: new Map(),
  queues: new Map(),
  latest: [],
};
