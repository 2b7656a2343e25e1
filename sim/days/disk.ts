import type { ShardOwner } from '../../src/cluster/ports.ts';
import type { Job } from '../../src/campaigns/ports.ts';
import type {
  CommitBatch,
  EventStore,
  KeptConsumer,
  LogPosition,
  StoredEvent,
  VersionedState,
} from '../../src/events/ports.ts';
import { AppError } from '../../src/kernel/index.ts';
import { storageErrors } from '../../src/storage/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { LifeClock } from './life-clock.ts';

/** How the store does at the moment. */
export interface StoreMood {
  /** Nothing can be read or written. */
  away: boolean;
  /** Commits take so long, in milliseconds. */
  commitMs: number;
  /** The share of commits that are done, and whose answer is lost. */
  answerLost: number;
}

/** What survives every server: the log and the states as committed. */
export class Disk {
  readonly events: StoredEvent[] = [];
  readonly states = new Map<string, VersionedState>();
  readonly cursors = new Map<string, number>();
  readonly mood: StoreMood = { away: false, commitMs: 0.5, answerLost: 0 };
  lastSequence = 0;
  lastGap = 0;
  isOpen = false;
  /** Grows with every server that opens the store, or with every owner of several: who has an older one is refused. */
  fence = 0;
  /** Who took the newest token, where several instances share the store. */
  owner: ShardOwner | undefined;
  /** Jobs of calling out, which have a table of their own. */
  readonly jobs = new Map<string, Job>();
  /** Told of each commit, in order. */
  onCommit: (events: readonly StoredEvent[]) => void = () => {};
  readonly world: VirtualClock;
  readonly chance: Chance;

  constructor(world: VirtualClock, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  apply({ events, states }: CommitBatch): void {
    const fresh = events.filter(({ sequence }) => sequence > this.lastSequence);
    for (const event of events) this.assertOurs(event);
    for (const event of fresh) {
      this.events.push(event);
      this.lastSequence = event.sequence;
      if (event.type === 'stream.gap.v1' && !event.body.includes('"uncleanStop"')) this.lastGap = event.sequence;
    }
    for (const state of states) {
      const key = `${state.kind}/${state.id}`;
      if (state.kind === 'job') this.jobs.set(state.id, JSON.parse(JSON.stringify(state.state)) as Job);
      else if (state.state === null) this.states.delete(key);
      else this.states.set(key, state);
    }
    this.onCommit(fresh);
  }

  /** The same event may come again after a lost answer; another one in its place is another writer's. */
  private assertOurs({ sequence, id }: StoredEvent): void {
    const first = this.events[0]?.sequence ?? this.lastSequence + 1;
    const known = this.events[sequence - first];
    if (sequence <= this.lastSequence && known && known.id !== id) throw new AppError(storageErrors.conflict);
  }
}

const away = (): AppError => new AppError(storageErrors.unavailable, 'simulated');

/** One server's connection to the disk. A server that dies has its last commit done or not, as the disk was quick. */
export class DiskStore implements EventStore {
  private readonly disk: Disk;
  private readonly life: LifeClock;
  private readonly underWay = new Set<() => void>();
  private readonly onFenced: () => void;
  private fence = 0;
  private readonly token: number | undefined;

  /** `onFenced`: another server has opened the store since. `token`: an owner's, where several instances share it. */
  constructor(disk: Disk, life: LifeClock, onFenced: () => void, token?: number) {
    this.disk = disk;
    this.life = life;
    this.onFenced = onFenced;
    this.token = token;
    if (token !== undefined) this.fence = token;
  }

  get isFenced(): boolean {
    return this.fence < this.disk.fence;
  }

  open(): Promise<LogPosition> {
    return this.ask(() => {
      const { disk } = this;
      if (this.token !== undefined && this.isFenced) throw new AppError(storageErrors.fenced);
      const unclean = disk.isOpen;
      disk.isOpen = true;
      if (this.token === undefined) this.fence = disk.fence += 1;
      return { epoch: 'epoch', lastSequence: disk.lastSequence, lastGap: disk.lastGap, unclean };
    });
  }

  commit(batch: CommitBatch): Promise<void> {
    const { disk, life } = this;
    const { mood, world, chance } = disk;
    return new Promise((resolve, reject) => {
      if (mood.away) return void life.after(1, () => reject(away()));
      const land = (): void => {
        if (!this.underWay.delete(land)) return;
        try {
          this.checkFence();
          disk.apply(batch);
        } catch (error) {
          return life.run(() => reject(error instanceof Error ? error : away()));
        }
        const isLost = chance.is(mood.answerLost);
        life.run(() => (isLost ? reject(away()) : resolve()));
      };
      this.underWay.add(land);
      world.after(mood.commitMs, land);
    });
  }

  read(afterSequence: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.ask(() => {
      const { events } = this.disk;
      const first = events[0]?.sequence ?? 1;
      const from = Math.max(0, afterSequence + 1 - first);
      return events.slice(from, from + limit);
    });
  }

  subjects(type: string, afterSequence: number): Promise<readonly string[]> {
    return this.ask(() =>
      this.disk.events.flatMap((event) =>
        event.sequence > afterSequence && event.type === type ? [event.subject] : [],
      ),
    );
  }

  states(): Promise<readonly VersionedState[]> {
    return this.ask(() =>
      [...this.disk.states.values()].map((state) => JSON.parse(JSON.stringify(state)) as VersionedState),
    );
  }

  loadCursor(consumerId: string): Promise<number | undefined> {
    return this.ask(() => this.disk.cursors.get(consumerId));
  }

  saveCursor(consumerId: string, sequence: number): Promise<void> {
    return this.ask(() => {
      const before = this.disk.cursors.get(consumerId) ?? 0;
      this.disk.cursors.set(consumerId, Math.max(before, sequence));
    });
  }

  consumers(limit: number): Promise<readonly KeptConsumer[]> {
    return this.ask(() => [...this.disk.cursors].slice(0, limit).map(([id, sequence]) => ({ id, sequence, atMs: 0 })));
  }

  removeConsumer(consumerId: string): Promise<boolean> {
    return this.ask(() => this.disk.cursors.delete(consumerId));
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return this.ask(() => {
      const { events } = this.disk;
      const kept = events.findIndex(({ atMs }) => atMs >= beforeMs);
      // The newest stays, so that the log is never without its place.
      const old = Math.min(limit, kept < 0 ? Math.max(0, events.length - 1) : kept);
      events.splice(0, old);
      return old;
    });
  }

  close({ clean }: { readonly clean: boolean }): Promise<void> {
    return this.ask(() => {
      if (clean && !this.isFenced) this.disk.isOpen = false;
    });
  }

  /** The server is dead: what was on its way to the disk is there or is not, before another server looks. */
  abandon(): void {
    for (const land of this.underWay) {
      if (this.disk.chance.is(0.5) && !this.isFenced) land();
      else this.underWay.delete(land);
    }
  }

  private checkFence(): void {
    if (!this.isFenced) return;
    if (this.token !== undefined) throw new AppError(storageErrors.fenced);
    this.life.run(this.onFenced);
    throw new AppError(storageErrors.conflict);
  }

  ask<Answer>(answer: () => Answer): Promise<Answer> {
    const { disk, life } = this;
    return new Promise((resolve, reject) => {
      life.after(0.2, () => {
        if (disk.mood.away) return reject(away());
        try {
          resolve(answer());
        } catch (error) {
          reject(error instanceof Error ? error : away());
        }
      });
    });
  }
}
