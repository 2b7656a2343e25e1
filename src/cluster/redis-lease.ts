import type { Redis } from 'ioredis';
import { AppError, errorText, type Logger } from '../kernel/index.ts';
import { clusterErrors } from './errors.ts';
import { claimScript, lookScript, releaseScript } from './lease-scripts.ts';
import type { Lease, LeaseClaim, LeaseHolder, LeaseLook } from './ports.ts';
import { redisClient, type RedisParts, type RedisPlace } from './redis.ts';

export interface RedisLeaseOptions extends RedisPlace {
  readonly instanceId: string;
  readonly leaseMs: number;
  /** How often those who stand by look. */
  readonly pollMs: number;
  /** Of each command. */
  readonly deadlineMs: number;
}

/** Commands without an answer after which the connection is made anew: it may be half open. */
const silencesMax = 4;
/** Looks that one who stands by may miss before he counts as gone. */
const missedLooksMax = 5;
/** Short, so that an owner whose lease a new Redis does not know is back before the others may take it. */
const reconnectMaxMs = 250;

/** The lease of one shard in Redis or Valkey. Connects as soon as it is made, and keeps trying. */
export class RedisLease implements Lease {
  private readonly options: RedisLeaseOptions;
  private readonly logger: Logger;
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  private readonly keys: readonly [lease: string, standbys: string];
  private readonly channel: string;
  private silences = 0;
  private wasUp: boolean | undefined;

  constructor(options: RedisLeaseOptions, parts: RedisParts) {
    this.options = options;
    this.logger = parts.logger;
    const base = `${options.prefix}:{${options.shard}}`;
    this.keys = [`${base}:lease`, `${base}:standbys`];
    this.channel = `${base}:released`;
    this.commands = redisClient(options.url, options.deadlineMs, parts, reconnectMaxMs);
    this.subscriber = redisClient(options.url, options.deadlineMs, parts, reconnectMaxMs);
    this.subscriber.on('ready', () => void this.subscriber.subscribe(this.channel).catch(() => undefined));
  }

  onReleased(listener: () => void): void {
    this.subscriber.on('message', listener);
  }

  async look(standsBy: boolean): Promise<LeaseLook> {
    const held = await this.run(lookScript, this.options.instanceId, standsBy ? 1 : 0);
    return typeof held === 'string' ? asHeld(held) : { kind: 'free' };
  }

  async claim({ term, ...holder }: LeaseHolder): Promise<LeaseClaim> {
    const { leaseMs, pollMs, instanceId } = this.options;
    const lookedMs = pollMs * (missedLooksMax + 1);
    const answer = await this.run(claimScript, term, JSON.stringify(holder), leaseMs, instanceId, lookedMs);
    const [kind, detail] = answer as ['kept' | 'taken', number] | ['held', string];
    return kind === 'held' ? asHeld(detail) : { kind, standbys: detail };
  }

  async release(term: string): Promise<void> {
    await this.run(releaseScript, term, this.options.instanceId, this.channel);
  }

  stop(): void {
    this.commands.disconnect();
    this.subscriber.disconnect();
  }

  private async run(script: string, ...args: readonly (string | number)[]): Promise<unknown> {
    try {
      const answer = await this.commands.eval(script, this.keys.length, ...this.keys, ...args);
      this.silences = 0;
      if (this.wasUp === false) this.logger.info({}, 'Redis answers about the lease again');
      this.wasUp = true;
      return answer;
    } catch (error) {
      this.failed(error);
      throw new AppError(clusterErrors.lease_away, undefined, { cause: error });
    }
  }

  private failed(error: unknown): void {
    if (this.wasUp !== false) this.logger.warn({ reason: errorText(error) }, 'Redis does not answer about the lease');
    this.wasUp = false;
    this.silences += 1;
    if (this.silences < silencesMax || this.commands.status !== 'ready') return;
    this.silences = 0;
    this.commands.disconnect(true);
    this.subscriber.disconnect(true);
  }
}

function asHeld(text: string): { readonly kind: 'held'; readonly holder: LeaseHolder } {
  const blank = text.indexOf(' ');
  const { instanceId, url, token } = JSON.parse(text.slice(blank + 1)) as Omit<LeaseHolder, 'term'>;
  return { kind: 'held', holder: { term: text.slice(0, blank), instanceId, url, token } };
}
