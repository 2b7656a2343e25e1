/** Places in the row of an agent. A row is as long as a line of memory: what one step asks of an agent comes together. */
export const since = 0;
export const idleSince = 1;
export const wrapUpUntil = 2;
export const cooldownUntil = 3;
export const signedInAt = 4;
export const busySince = 5;
/** Milliseconds busy before that. */
export const busyDone = 6;
/** Which five minutes the newest of the counts of calls is of. */
export const newestBucket = 7;
export const rowWidth = 8;

/**
 * The times of all agents, by place, side by side: in objects each would be an object of its own, and of ten thousand
 * agents none is at hand. Unix milliseconds; `NaN` stands for none.
 */
export class AgentTimes {
  rows = new Float64Array(0);

  /** Makes room for an agent at this place, and says whether there was none. */
  reach(place: number): boolean {
    if ((place + 1) * rowWidth <= this.rows.length) return false;
    const rows = new Float64Array(Math.max(64, 2 * place) * rowWidth);
    rows.set(this.rows);
    this.rows = rows;
    return true;
  }
}
