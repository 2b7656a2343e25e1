/** What a pacing rule is told of one queue, at one moment. */
export interface PacingView {
  /** Agents who could take a call now. */
  readonly idleAgents: number;
  /** Calls placed for the queue that have no agent yet. */
  readonly reserving: number;
  /** Calls placed for the queue whose agents are rung, or whose customers are dialled. */
  readonly dialling: number;
}

/** How many customers of a queue may be called now. Pure: preview and predictive rules are others of this shape. */
export type Pacing = (view: PacingView) => number;
