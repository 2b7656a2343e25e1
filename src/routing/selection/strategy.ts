/**
 * Which of several free agents is asked first. `longestIdle`: without a call for the longest time; `leastOccupied`: the
 * smallest share of the signed-in time spent at work; `fewestCalls`: the fewest in the last hour; `bestProficiency`:
 * the highest levels of the skills asked for; `leastSkilled`: the fewest skills, so that generalists stay free;
 * `roundRobin`: in turn; `weighted`: in turn by the weight of the agent's edge; `linear`: in the order of config.
 */
export type SelectionStrategy =
  | 'longestIdle'
  | 'leastOccupied'
  | 'fewestCalls'
  | 'bestProficiency'
  | 'leastSkilled'
  | 'roundRobin'
  | 'weighted'
  | 'linear';

/** What strategies know of an agent who could take the call. Times are Unix milliseconds. */
export interface Contender {
  /** Place in the config, from 0. */
  readonly place: number;
  readonly idleSinceMs: number;
  readonly signedInAtMs: number;
  /** Milliseconds offered, talking and writing up since `signedInAtMs`. */
  readonly busyMs: number;
  /** Calls in the last hour, in steps of five minutes. */
  callsLately(nowMs: number): number;
  /** By skill. */
  readonly levels: Readonly<Record<string, number>>;
  readonly skillCount: number;
}

/** What strategies know of the call and its queue. */
export interface Asked {
  readonly nowMs: number;
  /** The skills that the call asks for. */
  readonly skills: readonly string[];
  readonly turns: Turns;
}

/** What a queue remembers of whom it has asked: state that is handed in, so that a replay agrees. */
export interface Turns {
  /** Place of whom it asked last. */
  readonly lastPlace: number;
  /** Places there are. */
  readonly places: number;
  /** The share of work that an agent has had, in calls per weight; who has just come begins where the others are. */
  shareOf(place: number): number;
}

/** The lowest is asked first; of equals who has been idle for longest, then the lower id. */
export type Strategy = (agent: Contender, asked: Asked) => number;
