import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import type {
  Membership,
  Pause,
  PauseResult,
  QueueContents,
  QueueListener,
  QueuePort,
  QueuePortFigures,
} from '../mirror/ports.ts';
import { LocalChannels } from './local-channels.ts';
import type { AmiLink, AmiMessage, Unsubscribe } from './ports.ts';
import { callerOf, memberOf, queueChannelOf, translateQueueEvent } from './queue-translate.ts';

export interface QueueWatchOptions {
  /** Names in queues.conf. */
  readonly queues: readonly string[];
  /** Pause before a failed reading is tried again. */
  readonly resyncRetryMs: number;
  /** All is read anew so long after it was read: app_queue does not tell everything. */
  readonly rereadMs: number;
}

/** What sets off a reading tends to come in numbers; they are one. */
const rereadSoonMs = 1_000;

/**
 * app_queue of one node over its AMI link: events as facts, and after each `up` and each FullyBooted everything anew:
 * QueueStatus of each queue, and Status for who talks. So again after a reload, which changes members without a word, and
 * from time to time, as members of a realtime queue go in silence, too. It neither starts nor stops the link, which others use too.
 */
export function createQueuePort(
  link: AmiLink,
  options: QueueWatchOptions,
  deps: { readonly clock: Clock; readonly log: Logger },
): QueuePort {
  return new QueueWatch(link, options, deps);
}

class QueueWatch implements QueuePort {
  readonly nodeId: string;
  private readonly link: AmiLink;
  private readonly options: QueueWatchOptions;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly unsubscribes: Unsubscribe[] = [];
  private listener: QueueListener | undefined;
  private running: AbortController | undefined;
  private readonly locals = new LocalChannels();
  private next: { readonly timer: Timer; readonly dueMs: number } | undefined;
  /** Asked for while a reading is under way. */
  private again = false;
  private readonly counts = { readings: 0, failed: 0, readAtMs: undefined as number | undefined };
  /** Whether this login may list channels; said once when not. */
  private mayListChannels = true;

  constructor(link: AmiLink, options: QueueWatchOptions, { clock, log }: { clock: Clock; log: Logger }) {
    this.link = link;
    this.nodeId = link.nodeId;
    this.options = options;
    this.clock = clock;
    this.log = log;
  }

  listen(listener: QueueListener): void {
    this.listener = listener;
    this.unsubscribes.push(
      this.link.onEvent((event) => this.onEvent(event)),
      this.link.onLink((change) => {
        this.abandon();
        this.locals.forget();
        // The rights may be others now.
        this.mayListChannels = true;
        if (change.kind === 'down') listener.lost(this.nodeId);
        // A confirmed `up` is followed by its FullyBooted at once, which sets the reading off.
        else if (!change.bootConfirmed) this.read();
      }),
    );
    if (this.link.state === 'up') this.read();
  }

  stop(): void {
    for (const unsubscribe of this.unsubscribes.splice(0)) unsubscribe();
    this.abandon();
  }

  async pause({ queue, interface: dialled }: Membership, { paused, reason }: Pause): Promise<PauseResult> {
    const fields = { Queue: queue, Interface: dialled, Paused: paused, ...(reason === '' ? {} : { Reason: reason }) };
    try {
      const result = await this.link.action('QueuePause', fields);
      return result.kind === 'success' ? { ok: true } : { ok: false, reason: result.reason, lost: false };
    } catch (error) {
      return { ok: false, reason: errorText(error), lost: true };
    }
  }

  reread(): void {
    if (this.link.state !== 'up') return;
    if (this.running) this.again = true;
    else this.readIn(rereadSoonMs);
  }

  figures(): QueuePortFigures {
    return this.counts;
  }

  private onEvent(event: AmiMessage): void {
    if (event.name === 'FullyBooted') return this.read();
    if (event.name === 'Reload') return this.reread();
    const atMs = this.clock.nowMs();
    const fact = this.locals.take(event, this.nodeId, atMs) ?? translateQueueEvent(event, this.nodeId, atMs);
    if (fact) this.listener?.fact(fact);
  }

  private abandon(): void {
    this.running?.abort();
    this.running = undefined;
    this.next?.timer.cancel();
    this.next = undefined;
  }

  /** One reading is due at a time, the sooner one. */
  private readIn(delayMs: number): void {
    const dueMs = this.clock.nowMs() + delayMs;
    if (this.next && this.next.dueMs <= dueMs) return;
    this.next?.timer.cancel();
    this.next = { timer: this.clock.after(delayMs, () => this.read()), dueMs };
  }

  private read(): void {
    this.abandon();
    this.again = false;
    const running = new AbortController();
    this.running = running;
    this.listener?.reading(this.nodeId);
    this.readAll(running.signal).then(
      () => this.ended(running, true),
      (error: unknown) => {
        if (this.running !== running) return;
        this.ended(running, false);
        this.log.warn({ nodeId: this.nodeId, error: errorText(error) }, 'the queues of the PBX could not be read');
      },
    );
  }

  private ended(running: AbortController, ok: boolean): void {
    if (this.running !== running) return;
    running.abort();
    this.running = undefined;
    this.counts[ok ? 'readings' : 'failed'] += 1;
    if (ok) this.counts.readAtMs = this.clock.nowMs();
    this.readIn(ok ? (this.again ? rereadSoonMs : this.options.rereadMs) : this.options.resyncRetryMs);
  }

  private async readAll(signal: AbortSignal): Promise<void> {
    const queues: QueueContents[] = [];
    for (const queue of this.options.queues) {
      const list = await this.link.list('QueueStatus', { Queue: queue }, { signal });
      if (list.kind === 'refused') throw new Error(list.reason);
      queues.push(contentsOf(queue, list.events));
    }
    const channels = await this.channels(signal);
    if (signal.aborted) return;
    this.listener?.snapshot({ nodeId: this.nodeId, atMs: this.clock.nowMs(), queues, channels });
  }

  /** After the queues: who was waiting when these were read, and talks by now, is told by facts. */
  private async channels(signal: AbortSignal) {
    if (!this.mayListChannels) return undefined;
    const list = await this.link.list('Status', {}, { signal });
    if (list.kind === 'refused') {
      this.mayListChannels = false;
      this.log.warn({ nodeId: this.nodeId, mend: 'give the user write=call' }, 'the PBX does not list its channels');
      return undefined;
    }
    const channels = list.events.filter(({ name }) => name === 'Status');
    return {
      alive: new Set(channels.flatMap((event) => event.get('Uniqueid') ?? [])),
      held: channels.flatMap((event) => queueChannelOf(event) ?? []),
    };
  }
}

function contentsOf(queue: string, events: readonly AmiMessage[]): QueueContents {
  const own = events.filter((event) => event.get('Queue') === queue);
  return {
    queue,
    members: own.flatMap((event) => (event.name === 'QueueMember' ? (memberOf(event, 'Location') ?? []) : [])),
    waiting: own.flatMap((event) => {
      const caller = event.name === 'QueueEntry' ? callerOf(event) : undefined;
      return caller ? [{ caller, waitedMs: Number(event.get('Wait') ?? 0) * 1_000 || 0 }] : [];
    }),
  };
}
