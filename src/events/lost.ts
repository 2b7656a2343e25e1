import type { StateWrite } from '../bridge/ports.ts';
import { stateKey } from './write-buffer.ts';

/**
 * What the buffer had to refuse while the store was away: how many events, and the newest state of each thing that
 * they were about, so that the stored states are right again together with the announcement of the gap.
 */
export class Lost {
  private events = 0;
  private open = false;
  private readonly states = new Map<string, StateWrite>();
  private readonly statesMax: number;

  constructor(statesMax: number) {
    this.statesMax = statesMax;
  }

  /** True from the first refusal until the gap has been announced. */
  get any(): boolean {
    return this.open;
  }

  add(events: number, states: readonly StateWrite[]): void {
    this.open = true;
    this.events += events;
    for (const state of states) {
      // Beyond the limit the PBX is asked after the next start, as for every state that is missing.
      if (this.states.size < this.statesMax || this.states.has(stateKey(state)))
        this.states.set(stateKey(state), state);
    }
  }

  take(): { readonly events: number; readonly states: readonly StateWrite[] } {
    const taken = { events: this.events, states: [...this.states.values()] };
    this.events = 0;
    this.open = false;
    this.states.clear();
    return taken;
  }
}
