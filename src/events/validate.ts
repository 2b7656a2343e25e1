import { Compile, type Validator } from 'typebox/compile';
import type { NewEvent } from '../bridge/ports.ts';
import { assert } from '../kernel/index.ts';
import { catalogue, type EventType, isEventType } from './catalogue/index.ts';

const validators = new Map<EventType, Validator>();

/** Throws an InvariantError when an event does not fit the catalogue: that is a defect of whoever wrote it. */
export function assertFits(event: NewEvent): void {
  assert(isEventType(event.type), `event type ${String(event.type)} is not in the catalogue`);
  const validator = validatorOf(event.type);
  if (validator.Check(event.data)) return;
  const [first] = validator.Errors(event.data);
  assert(false, `${event.type} does not fit the catalogue: ${first?.instancePath} ${first?.message}`);
}

function validatorOf(type: EventType): Validator {
  const known = validators.get(type);
  if (known) return known;
  const compiled = Compile(catalogue[type].data);
  validators.set(type, compiled);
  return compiled;
}
