import { type Call, isPlaceOnly, measuredTurn } from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import {
  expectedWaitMs,
  handled,
  type QueuePace,
  type QueuePolicy,
  type RoutingRequest,
  served,
} from '../routing/index.ts';
import type { CallRegistry } from './call-registry.ts';
import type { RoutingDesk } from './routing-desk.ts';

interface Standing {
  readonly position: number;
  readonly waitMs?: number;
}

/**
 * Says how long calls will wait, from where they stand and how fast their queues have moved. Knows only of queues whose
 * callers are told; what has been learnt is forgotten with the process, and begins again with what the config says.
 */
export class WaitDesk {
  private readonly calls: Pick<CallRegistry, 'all'>;
  private readonly desk: RoutingDesk;
  private readonly clock: Clock;
  private readonly requestOf: (call: Call) => RoutingRequest;
  private readonly paces = new Map<string, QueuePace>();
  private readonly wrapUpMs = new Map<string, number>();

  constructor(
    queues: readonly QueuePolicy[],
    calls: Pick<CallRegistry, 'all'>,
    desk: RoutingDesk,
    clock: Clock,
    requestOf: (call: Call) => RoutingRequest,
  ) {
    this.calls = calls;
    this.desk = desk;
    this.clock = clock;
    this.requestOf = requestOf;
    for (const { id, announcements, callback, handlingMs, wrapUpMs } of queues) {
      if ((!announcements && !callback) || handlingMs === undefined) continue;
      this.paces.set(id, { handlingMs });
      this.wrapUpMs.set(id, wrapUpMs);
    }
  }

  standing(call: Call): Standing {
    const request = this.requestOf(call);
    const facts = this.desk.engine.lineFacts(request, this.places(request.queueId), this.clock.nowMs());
    const pace = this.paces.get(call.queueId ?? '');
    const waitMs = facts && pace && expectedWaitMs(facts, pace);
    return { position: (facts?.ahead ?? 0) + 1, ...(waitMs === undefined ? {} : { waitMs }) };
  }

  /** Places that callbacks keep in a queue. */
  private *places(queueId: string): Iterable<RoutingRequest> {
    for (const call of this.calls.all()) {
      if (call.phase === 'waiting' && call.queueId === queueId && isPlaceOnly(call)) {
        yield this.requestOf(call);
      }
    }
  }

  /** An agent has picked up a call that waited. */
  answered(call: Call): void {
    const pace = this.paces.get(call.queueId ?? '');
    const turn = pace && measuredTurn(call, this.clock.nowMs());
    if (turn && call.queueId !== undefined) this.paces.set(call.queueId, served(pace, turn.delayMs, turn.ahead));
  }

  /** An agent has talked with a caller and writes the call up next. */
  talked(call: Call, queueId: string): void {
    const pace = this.paces.get(queueId);
    if (pace) this.paces.set(queueId, handled(pace, call.talkedMs + (this.wrapUpMs.get(queueId) ?? 0)));
  }
}
