/**
 * Which of several free agents is asked first. `longestIdle`: without a call for the longest time; `leastOccupied`: the
 * smallest share of the signed-in time spent on calls; `fewestCalls`: the fewest in the last hour; `bestProficiency`:
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
