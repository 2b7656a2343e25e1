import type { Clock } from '../kernel/index.ts';
import type { Identity } from './principal.ts';
import type { SealedNotes } from './sealed-notes.ts';

const passLifeMs = 30_000;

interface PassNote {
  readonly instanceId: string;
  readonly expiresAtMs: number;
}

/** By which one instance shows another that it is of the same shard: it may read the live state, numbers in full. */
export class InstancePasses {
  private readonly notes: SealedNotes;
  private readonly clock: Clock;

  constructor(notes: SealedNotes, clock: Clock) {
    this.notes = notes;
    this.clock = clock;
  }

  isOne(token: string): boolean {
    return this.notes.isOne(token);
  }

  /** Rejects with `storage.unavailable` when no key is at hand. */
  issue(instanceId: string): Promise<string> {
    return this.notes.seal({ instanceId, expiresAtMs: this.clock.nowMs() + passLifeMs } satisfies PassNote);
  }

  async check(token: string): Promise<Identity | undefined> {
    const note = (await this.notes.open(token)) as PassNote | undefined;
    if (!note || note.expiresAtMs <= this.clock.nowMs()) return undefined;
    const id = `instance:${note.instanceId}`;
    return { principal: { id, kind: 'integration', scopes: ['events:read', 'events:read:pii'] } };
  }
}
