import { type Call, holdsPlace, measuredTurn, type QueueCare } from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import { expectedWaitMs, handled, type QueuePace, type RoutingRequest, served } from '../routing/index.ts';
import type { CallRegistry } from './call-registry.ts';
import type { RoutingDesk } from './routing-desk.ts';

interface Standing {
  readonly position: number;
  readonly waitMs?: number;
}

/** The switchboard, as far as waits are worked out from it. */
interface Floor {
  readonly calls: Pick<CallRegistry, 'all'>;
  readonly desk: Pick<RoutingDesk, 'engine'>;
  careOf(call: Call, queueId?: string): QueueCare;
  requestOf(call: Call): RoutingRequest;
}

/**
 * Says how long calls will wait, from where they stand and how fast their queues have moved. Learns of a queue from the
 * first call on that was told; what was learnt is forgotten with the process, and begins again with what the config says.
 */
export class WaitDesk {
  private readonly floor: Floor;
  private readonly clock: Clock;
  private readonly paces = new Map<string, QueuePace>();

  constructor(floor: Floor, clock: Clock) {
    this.floor = floor;
    this.clock = clock;
  }

  standing(call: Call): Standing {
    const { desk } = this.floor;
    const request = this.floor.requestOf(call);
    const facts = desk.engine.lineFacts(request, this.places(request.queueId), this.clock.nowMs());
    const pace = this.paceOf(call, request.queueId);
    const waitMs = facts && pace && expectedWaitMs(facts, pace);
    return { position: (facts?.ahead ?? 0) + 1, ...(waitMs === undefined ? {} : { waitMs }) };
  }

  private paceOf(call: Call, queueId: string): QueuePace | undefined {
    const known = this.paces.get(queueId);
    const { handlingMs } = this.floor.careOf(call);
    if (known || handlingMs === undefined) return known;
    const pace = { handlingMs };
    this.paces.set(queueId, pace);
    return pace;
  }

  /** Places that callbacks keep in a queue. */
  private *places(queueId: string): Iterable<RoutingRequest> {
    for (const call of this.floor.calls.all()) {
      if (call.queueId === queueId && holdsPlace(call)) yield this.floor.requestOf(call);
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
    if (pace) this.paces.set(queueId, handled(pace, call.talkedMs + this.floor.careOf(call, queueId).wrapUpMs));
  }
}
