import { AppError, type Clock, type ErrorSpec, type Timer } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import type { AmiLimits } from './options.ts';
import type { AmiFields, AmiListResult, AmiMessage, AmiRequestOptions, AmiResult, AmiStats } from './ports.ts';

interface Pending {
  readonly isList: boolean;
  readonly events: AmiMessage[];
  response: AmiMessage | undefined;
  settle(result: AmiListResult): void;
  fail(error: AppError): void;
}

export interface PendingActionsDeps {
  readonly clock: Clock;
  readonly limits: AmiLimits;
  readonly stats: AmiStats;
  /** Unique among all sessions of the PBX: OriginateResponse goes to every session with its ActionID. */
  nextActionId(): string;
  /** Throws an AppError when the action cannot be sent. */
  send(name: string, actionId: string, fields: AmiFields): void;
}

/**
 * Actions of one connection that wait for their answer, by ActionID. Each ends exactly once: answered, refused, at its
 * deadline, abandoned, or with its connection.
 */
export class PendingActions {
  private readonly deps: PendingActionsDeps;
  private readonly pending = new Map<string, Pending>();
  private lists = 0;

  constructor(deps: PendingActionsDeps) {
    this.deps = deps;
  }

  async action(name: string, fields: AmiFields, options: AmiRequestOptions): Promise<AmiResult> {
    const deadlineMs = options.deadlineMs ?? this.deps.limits.actionTimeoutMs;
    const result = await this.request(name, fields, false, deadlineMs, options.signal);
    return result.kind === 'complete' ? { kind: 'success', response: result.response } : result;
  }

  list(name: string, fields: AmiFields, options: AmiRequestOptions): Promise<AmiListResult> {
    return this.request(name, fields, true, options.deadlineMs ?? this.deps.limits.listTimeoutMs, options.signal);
  }

  /** True when the message belonged to an action; false for an event that is for everybody. */
  handle(message: AmiMessage): boolean {
    if (message.kind === 'response') return this.handleResponse(message);
    if (this.lists === 0) return false;
    const pending = this.pending.get(message.get('ActionID') ?? '');
    if (!pending?.isList) return false;
    handleListEvent(pending, message, this.deps.limits.listEventsMax);
    return true;
  }

  /** The connection is gone: nothing of it may be answered by the next one. */
  failAll(error: AppError): void {
    for (const pending of this.pending.values()) pending.fail(error);
  }

  private handleResponse(response: AmiMessage): true {
    const pending = this.pending.get(response.get('ActionID') ?? '');
    if (!pending) this.deps.stats.lateResponses += 1;
    else if (response.name === 'Error') pending.settle(refused(response));
    else if (!pending.isList || !isStart(response)) pending.settle({ kind: 'complete', events: [], response });
    else pending.response = response;
    return true;
  }

  private request(
    name: string,
    fields: AmiFields,
    isList: boolean,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<AmiListResult> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw new AppError(amiErrors.action_aborted, name);
      if (this.pending.size >= this.deps.limits.pendingActionsMax) throw new AppError(amiErrors.too_many_pending, name);
      const actionId = this.deps.nextActionId();
      this.deps.send(name, actionId, fields);
      this.deps.stats.actions += 1;

      const timer: Timer = this.deps.clock.after(deadlineMs, () => {
        this.deps.stats.actionTimeouts += 1;
        fail(amiErrors.action_timeout);
      });
      const abort = () => fail(amiErrors.action_aborted);
      const done = () => {
        timer.cancel();
        signal?.removeEventListener('abort', abort);
        this.remove(actionId, isList);
      };
      const fail = (error: ErrorSpec) => {
        done();
        reject(new AppError(error, name));
      };
      signal?.addEventListener('abort', abort);
      this.add(actionId, {
        isList,
        events: [],
        response: undefined,
        settle: (result) => {
          done();
          resolve(result);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      });
    });
  }

  private add(actionId: string, pending: Pending): void {
    this.pending.set(actionId, pending);
    if (pending.isList) this.lists += 1;
    this.deps.stats.pendingActions = this.pending.size;
  }

  private remove(actionId: string, isList: boolean): void {
    if (this.pending.delete(actionId) && isList) this.lists -= 1;
    this.deps.stats.pendingActions = this.pending.size;
  }
}

function handleListEvent(pending: Pending, event: AmiMessage, eventsMax: number): void {
  const progress = event.get('EventList')?.toLowerCase();
  if (progress === 'cancelled') return pending.fail(new AppError(amiErrors.list_cancelled));
  if (progress === 'complete') {
    return pending.settle({ kind: 'complete', events: pending.events, response: pending.response ?? event });
  }
  if (pending.events.length >= eventsMax) return pending.fail(new AppError(amiErrors.list_too_long));
  pending.events.push(event);
}

/** An answer without `EventList: start` has no events to follow. */
const isStart = (response: AmiMessage): boolean => response.get('EventList')?.toLowerCase() === 'start';

const refused = (response: AmiMessage): AmiListResult => ({
  kind: 'refused',
  reason: response.get('Message') ?? 'no reason given',
  response,
});
