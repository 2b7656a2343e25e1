import type {
  AgentViewData,
  CallViewData,
  CustomerCardData,
  EventData,
  EventType,
  QueueViewData,
} from '../../events/catalogue/index.ts';

/** An event as `cti.v1` delivers it, with `sequence` as a number. */
export type DeskEvent = {
  readonly [Type in EventType]: {
    readonly type: Type;
    readonly id: string;
    readonly subject: string;
    /** ISO 8601. */
    readonly time: string;
    readonly sequence: number;
    readonly reconciled: boolean;
    readonly data: EventData<Type>;
  };
}[EventType];

export interface SnapshotState {
  readonly calls: readonly { readonly call: CallViewData; readonly customer?: CustomerCardData }[];
  readonly agents: readonly AgentViewData[];
  readonly queues: readonly QueueViewData[];
}

export type ServerFrame =
  | {
      readonly type: 'hello';
      readonly epoch: string;
      readonly sequence: number;
      readonly nowMs: number;
      readonly principal: { readonly id: string; readonly kind: string };
    }
  | {
      readonly type: 'subscribed';
      readonly id: string;
      readonly epoch: string;
      readonly sequence: number;
      readonly filter: { readonly agents?: readonly string[] };
      readonly masked: boolean;
      readonly recovered?: boolean;
    }
  | ({
      readonly type: 'snapshot';
      readonly id: string;
      readonly epoch: string;
      readonly sequence: number;
    } & SnapshotState)
  | { readonly type: 'event'; readonly id: string; readonly event: DeskEvent }
  | { readonly type: 'pong'; readonly nonce?: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly id?: string }
  | { readonly type: 'unsubscribed'; readonly id: string };

const known = new Set<string>(['hello', 'subscribed', 'snapshot', 'event', 'pong', 'error', 'unsubscribed']);

/**
 * Reads a frame of our own server; undefined for what this page does not know, which a newer server may send. The
 * shapes inside are the server's own schemas, so they are taken as they are.
 */
export function parseFrame(text: string): ServerFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['type'] !== 'string' || !known.has(value['type'])) return undefined;
  if (value['type'] !== 'event') return value as unknown as ServerFrame;
  const event = value['event'];
  if (!isRecord(event)) return undefined;
  return {
    ...value,
    event: { ...event, sequence: Number(event['sequence']), reconciled: event['reconciled'] === true },
  } as unknown as ServerFrame;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
