import type { LogEvent } from '../../src/events/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { Diary } from './diary.ts';
import type { Server } from './server.ts';

interface ConsumerParts {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly diary: Diary;
  readonly server: () => Server | undefined;
}

const pageSize = 100;

/** A reader of all events that comes and goes, and resumes after the last one it had. Each must come once, in order. */
export class Consumer {
  read = 0;
  private readonly parts: ConsumerParts;
  private cursor: number | undefined;
  private lastId = '';
  private connection = 0;
  private leave: () => void = () => {};

  constructor(parts: ConsumerParts) {
    this.parts = parts;
    this.comeLater();
  }

  private comeLater(): void {
    const { clock, chance } = this.parts;
    this.leave();
    this.leave = () => {};
    this.connection += 1;
    const { connection } = this;
    clock.after(chance.between(50, 20_000), () => void this.come(connection));
  }

  private async come(connection: number): Promise<void> {
    const { clock, chance, server } = this.parts;
    const from = server();
    const { stream } = from ?? {};
    if (!from || !stream) return this.comeLater();
    clock.after(chance.exponential(120_000), () => {
      if (connection === this.connection) this.comeLater();
    });
    this.watch(from, connection);
    this.cursor ??= stream.position;
    try {
      for (;;) {
        const page = await stream.after(this.cursor, pageSize);
        if (connection !== this.connection || from.life.isDead) return;
        if (page === 'hole') return this.parts.diary.violated('each event once', `a hole after ${this.cursor}`);
        if (page.length === 0) break;
        for (const event of page) this.take(event);
      }
    } catch {
      // The store is away: the connection ends, and another is made.
      if (connection === this.connection) this.comeLater();
      return;
    }
    this.leave = stream.subscribe({
      filter: {},
      deliver: (event) => {
        if (!from.life.isDead) this.take(event);
      },
    });
  }

  /** A server that dies closes its connections. */
  private watch(from: Server, connection: number): void {
    this.parts.clock.after(500, () => {
      if (connection !== this.connection) return;
      if (from.life.isDead) this.comeLater();
      else this.watch(from, connection);
    });
  }

  private take({ sequence, id }: LogEvent): void {
    const { diary, name } = this.parts;
    if (sequence !== (this.cursor ?? 0) + 1 || id === this.lastId)
      diary.violated('each event once', `${name} gets ${sequence} after ${this.cursor}`);
    this.cursor = sequence;
    this.lastId = id;
    this.read += 1;
  }
}
