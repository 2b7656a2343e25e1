import type { SnapshotSource, TakenSnapshot } from '../events/index.ts';
import { AppError, type Clock } from '../kernel/index.ts';
import { clusterErrors } from './errors.ts';
import type { OwnerClient } from './owner-client.ts';

/** Where the owner tells its live state. */
const stateTarget = '/v1/snapshot';
/** Readers who come in the same moment share one; what happened since is replayed to them. */
const sharedForMs = 250;

/** Live state from the owner: one request at a time, shared by all readers who wait. */
export class OwnerSnapshots implements SnapshotSource {
  private readonly client: Pick<OwnerClient, 'read'>;
  private readonly epoch: string;
  private readonly pass: () => Promise<string>;
  private readonly clock: Clock;
  private failed: string | undefined;
  private last: { readonly askedAtMs: number; readonly taken: Promise<TakenSnapshot> } | undefined;

  /** `pass` makes the credential that the owner takes. Only states of this epoch are any good. */
  constructor(client: Pick<OwnerClient, 'read'>, epoch: string, pass: () => Promise<string>, clock: Clock) {
    this.client = client;
    this.epoch = epoch;
    this.pass = pass;
    this.clock = clock;
  }

  /** Why the owner's state could not be had when it was last asked for. */
  get failureCode(): string | undefined {
    return this.failed;
  }

  /** Rejects with `cluster.*`, or `storage.unavailable` when no pass can be made. */
  take(): Promise<TakenSnapshot> {
    const nowMs = this.clock.nowMs();
    if (this.last && nowMs - this.last.askedAtMs < sharedForMs) return this.last.taken;
    const asked = { askedAtMs: nowMs, taken: this.ask() };
    this.last = asked;
    asked.taken.then(
      () => {
        this.failed = undefined;
      },
      (error: unknown) => {
        this.failed = error instanceof AppError ? error.code : clusterErrors.bad_snapshot.code;
        if (this.last === asked) this.last = undefined;
      },
    );
    return asked.taken;
  }

  private async ask(): Promise<TakenSnapshot> {
    const told = (await this.client.read(stateTarget, `Bearer ${await this.pass()}`)) as Partial<
      TakenSnapshot['state'] & { readonly epoch: string; readonly sequence: number }
    > | null;
    const { epoch, sequence, calls, agents, queues } = told ?? {};
    const isWhole = [calls, agents, queues].every((list) => Array.isArray(list)) && Number.isSafeInteger(sequence);
    if (!isWhole || epoch !== this.epoch || !calls || !agents || !queues || sequence === undefined)
      throw new AppError(clusterErrors.bad_snapshot, epoch === this.epoch ? undefined : 'of another log');
    return { sequence, state: { calls, agents, queues } };
  }
}
