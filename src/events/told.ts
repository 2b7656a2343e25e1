import type { CloudEvent } from './envelope.ts';
import { LogEvent } from './event.ts';

/**
 * An event of this log, from the text of its CloudEvent as another instance tells it. Undefined when it is not that:
 * whoever reads it takes the event of that sequence from the store instead.
 */
export function toldEvent(body: string, epoch: string): LogEvent | undefined {
  const told = parsed(body);
  if (told?.epoch !== epoch || typeof told.time !== 'string') return undefined;
  const { id, type, subject, callseq } = told;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof subject !== 'string') return undefined;
  const sequence = Number(told.sequence);
  const atMs = Date.parse(told.time);
  if (!Number.isSafeInteger(sequence) || Number.isNaN(atMs) || typeof told.data !== 'object') return undefined;
  const place = typeof callseq === 'number' ? { callSequence: callseq } : {};
  return new LogEvent({ sequence, id, type, subject, atMs, ...place, body }, told as CloudEvent);
}

function parsed(body: string): Partial<CloudEvent> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
