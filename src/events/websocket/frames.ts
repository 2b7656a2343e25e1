import type { AppError, ErrorSpec } from '../../kernel/index.ts';
import type { Seal } from '../../security/index.ts';
import type { LogEvent } from '../event.ts';
import type { EventFilter } from '../filter.ts';
import type { LiveState } from './snapshots.ts';
import { textFrame } from './protocol.ts';

/** What the server sends besides events. */
export type ServerFrame =
  | {
      readonly type: 'hello';
      readonly protocol: string;
      readonly epoch: string;
      readonly sequence: number;
      /** The server's clock, Unix milliseconds: ages of calls are told by it, not by the reader's. */
      readonly nowMs: number;
      readonly principal: { readonly id: string; readonly kind: string };
      /** When the connection ends unless a new token comes in an `auth` frame; absent for keys. */
      readonly expiresAtMs?: number;
      readonly limits: object;
    }
  | {
      readonly type: 'subscribed';
      readonly id: string;
      readonly epoch: string;
      /** Events of the subscription have sequences above this one. */
      readonly sequence: number;
      /** What is really delivered: the asked filter, narrowed to the reader's rights. */
      readonly filter: EventFilter;
      readonly masked: boolean;
      /** Only after `resume`, and for durable consumers. */
      readonly recovered?: boolean;
    }
  | ({ readonly type: 'snapshot'; readonly id: string; readonly epoch: string; readonly sequence: number } & LiveState)
  | { readonly type: 'unsubscribed'; readonly id: string }
  | { readonly type: 'renewed'; readonly expiresAtMs?: number }
  | { readonly type: 'pong'; readonly nonce?: string }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly mend: string;
      readonly id?: string;
    };

export function errorFrame(error: ErrorSpec | AppError, detail?: string, id?: string): ServerFrame {
  const meaning = 'meaning' in error ? error.meaning : error.message;
  const message = detail ? `${meaning}: ${detail}` : meaning;
  return { type: 'error', code: error.code, message, mend: error.mend, ...(id === undefined ? {} : { id }) };
}

/** Makes the frame of an event once for all readers that get it in one turn under the same id with the same rights. */
export class EventFrames {
  private event: LogEvent | undefined;
  private readonly open = new Map<string, Buffer>();
  private readonly masked = new Map<string, Buffer>();
  private readonly seal: Seal | undefined;

  constructor(seal: Seal | undefined) {
    this.seal = seal;
  }

  of(event: LogEvent, subscriptionId: string, mayReadPii: boolean): Buffer {
    if (event !== this.event) {
      this.event = event;
      this.open.clear();
      this.masked.clear();
    }
    const made = mayReadPii ? this.open : this.masked;
    const known = made.get(subscriptionId);
    if (known) return known;
    // The id's alphabet needs no escaping, and the event is text already: joined, not serialized again.
    const frame = textFrame(`{"type":"event","id":"${subscriptionId}","event":${event.text(mayReadPii, this.seal)}}`);
    made.set(subscriptionId, frame);
    return frame;
  }
}
