import { BoundedQueue, type Clock, type Logger } from '../kernel/index.ts';
import type { Membership, Pause, QueuePort } from './ports.ts';

export interface PauseLaneOptions {
  readonly ports: readonly QueuePort[];
  /** Orders of one node that wait for their answer at once; the link has a limit of its own, and others use it, too. */
  readonly inFlightMax: number;
  /** Orders that wait to be sent; further ones have failed. */
  readonly waitingMax: number;
  /** An order that could not be sent by then has failed. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The PBX refused it, did not answer, or was never asked. */
  readonly failed: (membership: Membership, pause: Pause) => void;
}

interface Order {
  readonly membership: Membership;
  readonly pause: Pause;
  readonly untilMs: number;
}

/** Sends orders to pause to the PBX in their order, a few at a time: at lunch hundreds come at once. */
export class PauseLane {
  /** Orders that were not done. */
  failures = 0;
  private readonly options: PauseLaneOptions;
  private readonly waiting: BoundedQueue<Order>;
  private inFlight = 0;

  constructor(options: PauseLaneOptions) {
    this.options = options;
    this.waiting = new BoundedQueue(options.waitingMax);
  }

  add(membership: Membership, pause: Pause): void {
    const order = { membership, pause, untilMs: this.options.clock.nowMs() + this.options.deadlineMs };
    if (!this.waiting.push(order)) return this.fail(order, 'too many orders wait');
    this.send();
  }

  private send(): void {
    while (this.inFlight < this.options.inFlightMax) {
      const order = this.waiting.shift();
      if (!order) return;
      if (order.untilMs <= this.options.clock.nowMs()) this.fail(order, 'it could not be sent in time');
      else void this.carryOut(order);
    }
  }

  private async carryOut(order: Order): Promise<void> {
    const port = this.options.ports.find(({ nodeId }) => nodeId === order.membership.nodeId);
    this.inFlight += 1;
    const result = await port?.pause(order.membership, order.pause);
    this.inFlight -= 1;
    if (result && !result.ok) this.fail(order, result.reason);
    this.send();
  }

  private fail({ membership, pause }: Order, reason: string): void {
    this.failures += 1;
    const { nodeId, queue } = membership;
    this.options.logger.warn({ nodeId, queue, reason }, 'the PBX did not pause a member');
    this.options.failed(membership, pause);
  }
}
