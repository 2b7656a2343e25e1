import { type LogEvent, toldEvent } from '../events/index.ts';
import { errorText, type Timer } from '../kernel/index.ts';
import type { EventFeed } from './followed-log.ts';
import { eventStreamKey, type RedisParts, type RedisPlace, redisClient } from './redis.ts';

const entriesMax = 256;
const blockMs = 1_000;
/** Longer than a read may block: a server that is silent for so long hangs. */
const commandTimeoutMs = 3_000;
const retryMs = 250;

/** Reads the stream that the owner writes, on a connection of its own, because a read blocks it. */
export class RedisFeed implements EventFeed {
  private readonly epoch: string;
  private readonly key: string;
  private readonly parts: RedisParts;
  private readonly client: ReturnType<typeof redisClient>;
  private isWell = false;
  private stopped = false;
  private rest: { readonly timer: Timer; readonly wake: () => void } | undefined;

  constructor(place: RedisPlace, epoch: string, parts: RedisParts) {
    this.epoch = epoch;
    this.key = eventStreamKey(place, epoch);
    this.parts = parts;
    this.client = redisClient(place.url, commandTimeoutMs, parts);
    this.client.on('ready', () => this.wake());
  }

  start(position: () => number, take: (events: readonly LogEvent[]) => void): void {
    void this.run(position, take);
  }

  isUp(): boolean {
    return this.client.status === 'ready';
  }

  stop(): void {
    this.stopped = true;
    this.client.disconnect();
    this.wake();
  }

  private async run(position: () => number, take: (events: readonly LogEvent[]) => void): Promise<void> {
    let readTo = 0;
    while (!this.stopped) {
      try {
        const entries = await this.read(Math.max(readTo, position()));
        this.well();
        const last = entries.at(-1);
        if (!last || this.stopped) continue;
        readTo = Number.parseInt(last[0], 10);
        take(entries.flatMap(([, fields]) => toldEvent(fields[1] ?? '', this.epoch) ?? []));
      } catch (error) {
        readTo = 0;
        this.ill(error);
        await this.pause();
      }
    }
  }

  /** Entries after a sequence: what is there at once, else what comes while the read blocks. */
  private async read(after: number): Promise<readonly StreamEntry[]> {
    const reply = (await this.client.call(
      ...(['XREAD', 'COUNT', entriesMax, 'BLOCK', blockMs, 'STREAMS', this.key, `${after}-0`] as const),
    )) as readonly (readonly [key: string, entries: readonly StreamEntry[]])[] | null;
    return reply?.[0]?.[1] ?? [];
  }

  private wake(): void {
    this.rest?.timer.cancel();
    this.rest?.wake();
    this.rest = undefined;
  }

  private pause(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((wake) => {
      this.rest = { wake, timer: this.parts.clock.after(retryMs, wake) };
    });
  }

  private well(): void {
    if (!this.isWell) this.parts.logger.info({}, 'the stream of events is read');
    this.isWell = true;
  }

  private ill(error: unknown): void {
    if (this.isWell)
      this.parts.logger.warn({ reason: errorText(error) }, 'the stream of events is away; the store is read instead');
    this.isWell = false;
  }
}

type StreamEntry = readonly [id: string, fields: readonly string[]];
