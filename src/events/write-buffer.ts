import type { StateWrite } from '../bridge/ports.ts';
import type { LogEvent } from './event.ts';
import type { VersionedState } from './ports.ts';

/** What was written together stays together: one entry of the buffer is never split over two transactions. */
export interface Unit {
  readonly events: readonly LogEvent[];
  readonly states: readonly VersionedState[];
}

export interface Group {
  readonly events: readonly LogEvent[];
  /** Only the newest per (kind, id): the older ones of the group would be overwritten in the same transaction. */
  readonly states: readonly VersionedState[];
}

export const stateKey = ({ kind, id }: StateWrite): string => `${kind}/${id}`;

/** Units on their way to the store, in order, bounded by the number of events and states in them. */
export class WriteBuffer {
  readonly capacity: number;
  private units: Unit[] = [];
  private entries = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.entries;
  }

  hasRoomFor(entries: number): boolean {
    return this.entries + entries <= this.capacity;
  }

  push(unit: Unit): void {
    this.units.push(unit);
    this.entries += sizeOf(unit);
  }

  /** The oldest units, together at most `entriesMax` unless the first alone is larger. They stay until `drop`. */
  peek(entriesMax: number): { readonly group: Group; readonly units: number } {
    const events: LogEvent[] = [];
    const states = new Map<string, VersionedState>();
    let entries = 0;
    let units = 0;
    for (const unit of this.units) {
      entries += sizeOf(unit);
      if (units > 0 && entries > entriesMax) break;
      units += 1;
      for (const event of unit.events) events.push(event);
      for (const state of unit.states) states.set(stateKey(state), state);
    }
    return { group: { events, states: [...states.values()] }, units };
  }

  drop(units: number): void {
    for (const unit of this.units.splice(0, units)) this.entries -= sizeOf(unit);
  }
}

function sizeOf(unit: Unit): number {
  return unit.events.length + unit.states.length;
}
