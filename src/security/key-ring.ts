import { randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/index.ts';
import type { IdentityStore, TokenKeyRecord } from './ports.ts';

export interface KeyRingOptions {
  /** Keys of the operator, newest first; when there are none they are made and kept in the store. */
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
  /** How long a key made by us signs. */
  readonly keyLifeMs: number;
  /** How long what is signed is good. */
  readonly tokenLifeMs: number;
}

export type RingKey = TokenKeyRecord;

const reloadEveryMs = 5_000;

/** The keys that all servers on one store sign with, so that each takes what another has signed. */
export class KeyRing {
  private readonly store: Pick<IdentityStore, 'tokenKeys' | 'addTokenKey'>;
  private readonly clock: Clock;
  private readonly options: KeyRingOptions;
  private keys: readonly RingKey[];
  private loadedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<IdentityStore, 'tokenKeys' | 'addTokenKey'>, clock: Clock, options: KeyRingOptions) {
    this.store = store;
    this.clock = clock;
    this.options = options;
    this.keys = options.keys.map(({ id, secret }) => ({ id, secret, createdAtMs: 0 }));
  }

  /** A key that we do not know may be one that another server has just made; asked at most every five seconds. */
  async find(id: string | undefined): Promise<RingKey | undefined> {
    const known = (): RingKey | undefined => this.keys.find((key) => key.id === id);
    if (known() === undefined) await this.reload();
    return known();
  }

  /** The key to sign with now. Rejects with `storage.unavailable`. */
  async signing(): Promise<RingKey> {
    const { keys: given, keyLifeMs, tokenLifeMs } = this.options;
    if (given.length === 0) await this.reload();
    const [newest] = this.keys;
    const nowMs = this.clock.nowMs();
    if (newest && (given.length > 0 || nowMs - newest.createdAtMs < keyLifeMs)) return newest;
    const made = { id: randomBytes(9).toString('base64url'), secret: randomBytes(32).toString('base64url') };
    const record: RingKey = { ...made, createdAtMs: nowMs };
    await this.store.addTokenKey(record, nowMs - keyLifeMs - tokenLifeMs - 60_000);
    this.keys = [record, ...this.keys];
    return record;
  }

  private async reload(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (this.options.keys.length > 0 || nowMs - this.loadedAtMs < reloadEveryMs) return;
    const records = await this.store.tokenKeys();
    this.keys = [...records].sort((a, b) => b.createdAtMs - a.createdAtMs);
    this.loadedAtMs = nowMs;
  }
}
