import type { NewEvent } from '../bridge/ports.ts';
import { compileMask, type Mask } from '../security/index.ts';
import { catalogue, type EventType, isEventType } from './catalogue/index.ts';

/** CloudEvents 1.0 in JSON, with our extensions `sequence`, `epoch`, `callseq` and `reconciled`. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** UUIDv7; the same for every reader and every redelivery. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Sixteen digits, so that it sorts as text, as the CloudEvents sequence extension asks. */
  readonly sequence: string;
  readonly epoch: string;
  readonly callseq?: number;
  readonly reconciled?: true;
  readonly data: object;
}

export interface Place {
  readonly id: string;
  readonly source: string;
  readonly epoch: string;
  readonly sequence: number;
}

export function toCloudEvent(event: NewEvent, place: Place): CloudEvent {
  return {
    specversion: '1.0',
    id: place.id,
    source: place.source,
    type: event.type,
    subject: event.subject,
    time: new Date(event.atMs).toISOString(),
    datacontenttype: 'application/json',
    sequence: sequenceText(place.sequence),
    epoch: place.epoch,
    ...(event.callSequence === undefined ? {} : { callseq: event.callSequence }),
    ...(event.reconciled ? { reconciled: true } : {}),
    data: event.data,
  };
}

export function toText(event: CloudEvent): string {
  return JSON.stringify(event);
}

export function sequenceText(sequence: number): string {
  return String(sequence).padStart(16, '0');
}

const masks = new Map<EventType, Mask | undefined>(
  Object.entries(catalogue).map(([type, spec]) => [type as EventType, compileMask(spec.data)]),
);

/** The mask of a type's data; undefined when the type holds nothing personal. A type we no longer know is emptied. */
export function maskOf(type: string): Mask | undefined {
  return isEventType(type) ? masks.get(type) : () => ({});
}
