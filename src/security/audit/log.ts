import { appendFile } from 'node:fs/promises';
import {
  AppError,
  BoundedQueue,
  type Clock,
  defineErrors,
  errorText,
  type Logger,
  type Timer,
  within,
} from '../../kernel/index.ts';
import { AuditChain } from './chain.ts';
import type { Audit, AuditEntry, AuditHead, AuditStore } from './ports.ts';

export const auditErrors = defineErrors('audit', {
  full: [503, 'the audit log cannot take more', 'check the store; what must be recorded is refused until it is back'],
  away: [503, 'the audit log cannot be written in time', 'check the store, then try again'],
});

export interface AuditOptions {
  readonly tenant: string;
  /** From the config; absent: one that is kept in the store. */
  readonly key?: string;
  /** Entries that may wait for the store. */
  readonly bufferMax: number;
  /** How long entries wait for company. */
  readonly lingerMs: number;
  /** Heads are told to the log, and to a file when there is one, so often at most. */
  readonly anchorEveryMs: number;
  readonly anchorFile?: string;
  /** Personal data of entries are erased after this. */
  readonly personalMs: number;
  /** How long `recordFirst` waits. */
  readonly deadlineMs: number;
}

interface Waiting {
  readonly atMs: number;
  readonly entry: AuditEntry;
  readonly written?: (error?: AppError) => void;
}

const batchMax = 256;
const retryMs = 1_000;
const eraseEveryMs = 3_600_000;

/** The audit log of a tenant: entries wait in a bounded buffer and are chained and written together. */
export class AuditLog implements Audit {
  private readonly store: AuditStore;
  private readonly options: AuditOptions;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly waiting: BoundedQueue<Waiting>;
  private chain: AuditChain | undefined;
  private timer: Timer | undefined;
  private writing: Promise<void> | undefined;
  private lost = 0;
  private anchoredAtMs = Number.NEGATIVE_INFINITY;
  private erasedAtMs = Number.NEGATIVE_INFINITY;
  private unanchored: AuditHead | undefined;
  private batch: Waiting[] = [];
  private closed = false;

  constructor(store: AuditStore, options: AuditOptions, clock: Clock, logger: Logger) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.logger = logger;
    this.waiting = new BoundedQueue(options.bufferMax);
  }

  record(entry: AuditEntry): void {
    if (!this.waiting.push({ atMs: this.clock.nowMs(), entry })) {
      if (this.lost === 0) this.logger.error({ action: entry.action }, 'the audit buffer is full; entries are lost');
      this.lost += 1;
    }
    this.schedule(this.options.lingerMs);
  }

  recordFirst(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(this.options.deadlineMs, () => reject(new AppError(auditErrors.away)));
      const written = (error?: AppError): void => {
        timer.cancel();
        if (error) reject(error);
        else resolve();
      };
      if (!this.waiting.push({ atMs: this.clock.nowMs(), entry, written })) written(new AppError(auditErrors.full));
      this.schedule(0);
    });
  }

  /** Writes what waits, at the longest until the deadline. */
  async stop(deadlineMs: number): Promise<void> {
    this.closed = true;
    this.timer?.cancel();
    const written = this.flush().then(() => this.anchor(true));
    await within(this.clock, deadlineMs, written);
  }

  private schedule(delayMs: number): void {
    if (this.closed || this.writing || (this.timer && delayMs > 0)) return;
    this.timer?.cancel();
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      // What came while the head was told and old data erased.
      if (this.waiting.size > 0 && !this.timer) this.schedule(0);
    });
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    try {
      for (;;) {
        while (this.batch.length < batchMax) {
          const next = this.waiting.shift();
          if (!next) break;
          this.batch.push(next);
        }
        if (this.batch.length === 0) break;
        await this.write();
      }
      await this.anchor(false);
      await this.erase();
    } catch (error) {
      this.logger.error(
        { reason: errorText(error), waiting: this.waiting.size + this.batch.length },
        'the audit log cannot be written; tried again',
      );
      if (this.closed) return;
      this.timer = this.clock.after(retryMs, () => {
        this.timer = undefined;
        void this.flush();
      });
    }
  }

  private async write(): Promise<void> {
    const chain = (this.chain ??= await this.openChain());
    const { lost } = this;
    const nowMs = this.clock.nowMs();
    const gap =
      lost === 0 ? [] : [{ atMs: nowMs, entry: { actor: 'server', action: 'audit.lost', detail: { count: lost } } }];
    const written = await this.store.append(this.options.tenant, (head) => chain.extend(head, [...this.batch, ...gap]));
    this.lost -= lost;
    this.unanchored = written;
    for (const { written: tell } of this.batch.splice(0)) tell?.();
  }

  private async openChain(): Promise<AuditChain> {
    return openAuditChain(this.store, this.options);
  }

  /** Tells the head to where the store's master has no hand: the log, and a file. */
  private async anchor(now: boolean): Promise<void> {
    const head = this.unanchored;
    const nowMs = this.clock.nowMs();
    if (!head || (!now && nowMs - this.anchoredAtMs < this.options.anchorEveryMs)) return;
    this.unanchored = undefined;
    this.anchoredAtMs = nowMs;
    const { tenant, anchorFile } = this.options;
    const anchor = { tenant, sequence: head.sequence, head: head.hmac };
    this.logger.info(anchor, 'audit head');
    if (anchorFile === undefined) return;
    try {
      await appendFile(anchorFile, `${JSON.stringify({ at: new Date(nowMs).toISOString(), ...anchor })}\n`);
    } catch (error) {
      this.logger.error({ reason: errorText(error) }, 'the audit head could not be written to its file');
    }
  }

  private async erase(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.erasedAtMs < eraseEveryMs) return;
    this.erasedAtMs = nowMs;
    await this.store.erasePersonal(this.options.tenant, nowMs - this.options.personalMs);
  }
}

/** The chain under the key of the config, or under the one that is kept in the store. */
export async function openAuditChain(
  store: Pick<AuditStore, 'ownKey'>,
  { key, tenant }: { readonly key?: string; readonly tenant: string },
): Promise<AuditChain> {
  const { randomBytes } = await import('node:crypto');
  return new AuditChain(key ?? (await store.ownKey(randomBytes(32).toString('base64url'))), tenant);
}
