import type { Clock, Timer } from '../kernel/index.ts';
import { AriError, ariErrors } from './errors.ts';
import type { RestResponseFrame } from './frame.ts';
import type { OperationName } from './generated/operations.ts';
import type { RestAnswer, RestTransport } from './ports.ts';
import { encodeCall, parseBody, type RestCall } from './request.ts';

/** Asterisk takes no larger frame. */
const FRAME_BYTES_MAX = 65_535;
/** Asterisk takes no larger body, over HTTP or socket. */
export const BODY_BYTES_MAX = 40_960;

interface Pending {
  readonly settle: (answer: RestAnswer) => void;
  readonly timer: Timer;
}

export interface RestOverWsOptions {
  readonly clock: Clock;
  readonly pendingMax: number;
  /** Puts a frame on the socket; false when it is not open or its buffer is full. */
  readonly write: (frame: string) => boolean;
  /** Told of an answer that nobody waits for any more. */
  readonly onLate: () => void;
}

/**
 * REST requests over the event socket (Asterisk 20.14, 22.4 and later). Requests are pipelined; Asterisk works one
 * socket strictly in order, so they take effect in the order of the calls. Answers find their request by its id.
 */
export class RestOverWs implements RestTransport {
  readonly name = 'websocket';
  readonly ordered = true;
  private readonly options: RestOverWsOptions;
  private readonly waiting = new Map<string, Pending>();
  private count = 0;

  constructor(options: RestOverWsOptions) {
    this.options = options;
  }

  get pending(): number {
    return this.waiting.size;
  }

  send(operation: OperationName, params: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<RestAnswer> {
    if (this.waiting.size >= this.options.pendingMax) return failure(ariErrors.busy);
    const call = encodeCall(operation, params);
    if (call instanceof AriError) return Promise.resolve({ ok: false, error: call });
    this.count += 1;
    const requestId = this.count.toString(36);
    const frame = frameOf(call, requestId);
    if (!frame) return failure(ariErrors.request_too_large, operation);
    return new Promise((settle) => {
      if (!this.options.write(frame)) return settle({ ok: false, error: new AriError(ariErrors.not_connected) });
      const timer = this.options.clock.after(deadlineMs, () => {
        this.waiting.delete(requestId);
        settle({ ok: false, error: new AriError(ariErrors.timeout, operation) });
      });
      this.waiting.set(requestId, { settle, timer });
    });
  }

  /** Takes an answer from the socket. */
  answer(frame: RestResponseFrame): void {
    const pending = this.waiting.get(frame.requestId);
    if (!pending) return this.options.onLate();
    this.waiting.delete(frame.requestId);
    pending.timer.cancel();
    const parsed = parseBody(frame.body);
    if (!parsed.ok) return pending.settle({ ok: false, error: new AriError(ariErrors.bad_answer, 'body is not JSON') });
    pending.settle({ ok: true, status: frame.status, reason: frame.reason, body: parsed.body });
  }

  /** The socket is gone: whether what was asked has happened is not known. */
  lost(): void {
    for (const { settle, timer } of this.waiting.values()) {
      timer.cancel();
      settle({ ok: false, error: new AriError(ariErrors.link_lost) });
    }
    this.waiting.clear();
  }

  close(): Promise<void> {
    this.lost();
    return Promise.resolve();
  }
}

function frameOf(call: RestCall, requestId: string): string | undefined {
  if (call.body !== undefined && Buffer.byteLength(call.body) > BODY_BYTES_MAX) return undefined;
  const content = call.body === undefined ? {} : { content_type: 'application/json', message_body: call.body };
  const frame = JSON.stringify({
    type: 'RESTRequest',
    transaction_id: requestId,
    request_id: requestId,
    method: call.method,
    uri: call.uri,
    ...content,
  });
  // Three bytes is the most that one UTF-16 unit becomes: only long frames need counting.
  return frame.length * 3 <= FRAME_BYTES_MAX || Buffer.byteLength(frame) <= FRAME_BYTES_MAX ? frame : undefined;
}

const failure = (spec: ConstructorParameters<typeof AriError>[0], detail?: string): Promise<RestAnswer> =>
  Promise.resolve({ ok: false, error: new AriError(spec, detail) });
