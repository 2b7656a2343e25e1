import type { OutboundOrder } from '../call/index.ts';
import { AppError, type Clock } from '../kernel/index.ts';
import type { Compliance } from './compliance.ts';
import { outboundErrors } from './errors.ts';
import type { AskedCall, OutboundBoard, Settle } from './ports.ts';
import { type DialNumber, type EntryNumbers, endpointFor, type OutboundRoute, routeFor } from './routes.ts';

export interface ClickOptions {
  readonly routes: readonly OutboundRoute[];
  /** Numbers shown to customers, by entry. */
  readonly entryNumbers: EntryNumbers;
  readonly ringTimeoutMs: number;
  /** For the agent's own phone: a header that makes it answer by itself, or none. */
  readonly agentHeaders: Readonly<Record<string, string>>;
  /** Whether agents, too, are held to the hours of the region. */
  readonly keepsHours: boolean;
  readonly newCallId: () => string;
}

export interface ClickWish {
  readonly agentId: string;
  readonly number: DialNumber;
  readonly queueId?: string;
  /** The entry in whose name the agent calls. */
  readonly from?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** An agent dials: his own phone rings first, then the customer's. */
export class ClickToDial {
  private readonly board: OutboundBoard;
  private readonly compliance: Compliance;
  private readonly clock: Clock;
  private readonly options: ClickOptions;

  constructor(board: OutboundBoard, compliance: Compliance, clock: Clock, options: ClickOptions) {
    this.board = board;
    this.compliance = compliance;
    this.clock = clock;
    this.options = options;
  }

  /** The id of the call. Throws an AppError when it may not be, or cannot be now. */
  async dial(wish: ClickWish): Promise<string> {
    const { canonical, region } = wish.number;
    if (this.options.keepsHours && !this.compliance.isOpen(region, this.clock.nowMs())) {
      throw new AppError(outboundErrors.outside_hours);
    }
    if (await this.compliance.isListed(canonical)) throw new AppError(outboundErrors.do_not_call);
    // From here on nothing waits: what is checked is true when the call is placed.
    const order = this.orderFor(wish);
    if (!this.board.place(order)) throw new AppError(outboundErrors.full);
    return order.callId;
  }

  /** His own phone is answered: may the customer be dialled still? Never rejects. */
  async clear({ number }: AskedCall, settle: Settle): Promise<void> {
    try {
      settle((await this.compliance.isListed(number)) ? { ok: false, outcome: 'doNotCall' } : { ok: true });
    } catch {
      settle({ ok: false, outcome: 'unavailable' });
    }
  }

  private orderFor({ agentId, number, from, data = {}, ...wish }: ClickWish): OutboundOrder {
    const { board, options } = this;
    const agent = board.agent(agentId, this.clock.nowMs());
    if (!agent) throw new AppError(outboundErrors.agent_unknown);
    const queueId = wish.queueId ?? agent.queues[0];
    if (queueId === undefined || !board.hasQueue(queueId)) throw new AppError(outboundErrors.queue_unknown);
    if (agent.busy !== undefined) throw new AppError(outboundErrors.agent_busy);
    const route = routeOf(options.routes, number, agent.nodeId);
    if (!board.mayDialOn(route.nodeId)) throw new AppError(outboundErrors.not_reachable);
    return {
      callId: options.newCallId(),
      nodeId: route.nodeId,
      queueId,
      entryId: from ?? 'none',
      agentId,
      number: number.canonical,
      data,
      dial: {
        endpoint: dialString(route, number),
        shownNumber: shownNumber(options.entryNumbers, from, route),
        ringTimeoutMs: options.ringTimeoutMs,
        // He asked for it himself just now: not to be rung long after.
        agentWaitMs: 1_000,
        byAgent: true,
        priority: 0,
        agentHeaders: options.agentHeaders,
      },
    };
  }
}

/** The route at the PBX of the agent's phone. */
function routeOf(routes: readonly OutboundRoute[], { canonical }: DialNumber, nodeId?: string): OutboundRoute {
  const route = routeFor(routes, canonical, (one) => nodeId === undefined || one.nodeId === nodeId);
  if (route) return route;
  throw new AppError(routeFor(routes, canonical) ? outboundErrors.agent_elsewhere : outboundErrors.no_route);
}

export function dialString(route: OutboundRoute, number: DialNumber): string {
  const endpoint = endpointFor(route, number);
  if (endpoint === undefined) throw new AppError(outboundErrors.number_refused);
  return endpoint;
}

/** What the customer sees: the number of the entry in whose name we call, else the route's. */
export function shownNumber(entryNumbers: EntryNumbers, from: string | undefined, route: OutboundRoute): string {
  if (from === undefined) return route.callerId;
  const number = entryNumbers.get(from);
  if (number === undefined) throw new AppError(outboundErrors.from_unknown);
  return number;
}
