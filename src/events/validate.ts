import type { NewEvent } from '../bridge/ports.ts';
import { assert } from '../kernel/index.ts';
import type { TObject } from '../schema/index.ts';
import { type Checker, checker } from '../validation/index.ts';
import { catalogue, type EventType, isEventType } from './catalogue/index.ts';

const checkers = new Map<EventType, Checker<TObject>>();

/** Throws an InvariantError when an event does not fit the catalogue: that is a defect of whoever wrote it. */
export function assertFits(event: NewEvent): void {
  assert(isEventType(event.type), `event type ${String(event.type)} is not in the catalogue`);
  const known = checkerOf(event.type);
  if (known.fits(event.data)) return;
  const [first] = known.errors(event.data);
  assert(false, `${event.type} does not fit the catalogue: ${first?.instancePath} ${first?.message}`);
}

function checkerOf(type: EventType): Checker<TObject> {
  const known = checkers.get(type);
  if (known) return known;
  const made = checker<TObject>(catalogue[type].data);
  checkers.set(type, made);
  return made;
}
