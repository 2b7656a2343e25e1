import type { Clock } from '../kernel/index.ts';
import type { Identity } from './principal.ts';
import type { SealedNotes } from './sealed-notes.ts';

/** It goes from one instance to another and to nobody else; so long, two machines may think differently of the time. */
const passLifeMs = 600_000;

interface PassNote {
  readonly instanceId: string;
  readonly expiresAtMs: number;
}

/** By which one instance shows another that it is of the same shard: it may read the live state, numbers in full. */
export class InstancePasses {
  private readonly notes: SealedNotes;
  private readonly wall: Pick<Clock, 'nowMs'>;

  /** `wall`: Unix time, of which all instances think the same. */
  constructor(notes: SealedNotes, wall: Pick<Clock, 'nowMs'>) {
    this.notes = notes;
    this.wall = wall;
  }

  isOne(token: string): boolean {
    return this.notes.isOne(token);
  }

  /** Rejects with `storage.unavailable` when no key is at hand. */
  issue(instanceId: string): Promise<string> {
    return this.notes.seal({ instanceId, expiresAtMs: this.wall.nowMs() + passLifeMs } satisfies PassNote);
  }

  async check(token: string): Promise<Identity | undefined> {
    const note = (await this.notes.open(token)) as PassNote | undefined;
    if (!note || note.expiresAtMs <= this.wall.nowMs()) return undefined;
    const id = `instance:${note.instanceId}`;
    return { principal: { id, kind: 'integration', scopes: ['events:read', 'events:read:pii'] } };
  }
}
