import { type Bits, lowest } from './bits.ts';

/** How many of each are kept. */
export const firstFitsMax = 8;
const nobody = -1;
const unknown = -2;

/**
 * The places of the first agents who fit each signature, side by side: explanations on a large floor name a few, and of
 * thousands of sets of all who fit none is at hand.
 */
export class FirstFits {
  /** By index of the signature; -1 where there are no more. */
  places = new Int32Array(0);

  /** Where in `places` those of the signature begin. */
  of({ index, agents }: { readonly index: number; readonly agents: Bits }): number {
    const start = index * firstFitsMax;
    if (start >= this.places.length) this.reach(start);
    if (this.places[start] === unknown) this.find(agents, start);
    return start;
  }

  /** Who fits the signature has changed. */
  forget(index: number): void {
    const start = index * firstFitsMax;
    if (start < this.places.length) this.places[start] = unknown;
  }

  private find(agents: Bits, start: number): void {
    const { places } = this;
    places.fill(nobody, start, start + firstFitsMax);
    let at = start;
    for (let word = 0; word < agents.length; word += 1) {
      for (let rest = agents[word] as number; rest !== 0; rest &= rest - 1) {
        places[at] = (word << 5) + lowest(rest);
        at += 1;
        if (at === start + firstFitsMax) return;
      }
    }
  }

  private reach(start: number): void {
    const places = new Int32Array(2 * (start + firstFitsMax)).fill(unknown);
    places.set(this.places);
    this.places = places;
  }
}
