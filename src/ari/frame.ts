import type { RawData } from 'ws';
import { checkOf, isKnownType, isObject } from './check.ts';
import type { AriEvent } from './generated/models.ts';
import type { AriMessage, UnknownEvent } from './ports.ts';

/** The answer to a request that went over the socket. `body` is still JSON text. */
export interface RestResponseFrame {
  readonly requestId: string;
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

/** One frame from the PBX, parsed at the edge. A refused frame is counted and has no other effect. */
export type Frame =
  | { readonly kind: 'answer'; readonly answer: RestResponseFrame }
  | { readonly kind: 'event'; readonly message: AriMessage }
  | { readonly kind: 'refused'; readonly why: 'too_large' | 'not_json' | 'no_type' | 'wrong_shape' };

const refused = (why: (Frame & { kind: 'refused' })['why']): Frame => ({ kind: 'refused', why });

/** Parses a frame of at most `bytesMax` bytes; anything can be thrown at it. */
export function parseFrame(data: Buffer | string, bytesMax: number): Frame {
  if (data.length > bytesMax) return refused('too_large');
  let value: unknown;
  try {
    value = JSON.parse(typeof data === 'string' ? data : data.toString('utf8'));
  } catch {
    return refused('not_json');
  }
  if (!isObject(value) || typeof value.type !== 'string') return refused('no_type');
  return value.type === 'RESTResponse' ? parseAnswer(value) : parseEvent(value.type, value);
}

function parseAnswer(value: Record<string, unknown>): Frame {
  const { request_id: requestId, status_code: status, reason_phrase: reason, message_body: body } = value;
  if (typeof requestId !== 'string' || typeof status !== 'number') return refused('wrong_shape');
  if (body !== undefined && typeof body !== 'string') return refused('wrong_shape');
  return {
    kind: 'answer',
    answer: { requestId, status, reason: typeof reason === 'string' ? reason : '', body: body ?? '' },
  };
}

function parseEvent(type: string, value: Record<string, unknown>): Frame {
  if (!isKnownType(type)) return { kind: 'event', message: { known: false, event: value as UnknownEvent } };
  if (!checkOf(type)(value)) return refused('wrong_shape');
  return { kind: 'event', message: { known: true, event: value as unknown as AriEvent } };
}

/** What ws hands over, as one buffer. */
export function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
