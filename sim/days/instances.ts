import { Leader, type Seats, type Term } from '../../src/cluster/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Disk } from './disk.ts';
import { LifeClock } from './life-clock.ts';
import type { Server } from './server.ts';
import { clusterTimes, SimLease, SimShards } from './shard.ts';
import type { RedisData } from './shared-cache.ts';

export interface InstancesParts {
  readonly world: VirtualClock;
  readonly disk: Disk;
  readonly redis: RedisData;
  readonly logger: Logger;
  readonly note: (what: string) => void;
  /** How differently the clock of the next process is set. */
  readonly offset: () => number;
  /** A server for a term; `onEnd` when it cannot go on by itself. */
  readonly serve: (life: LifeClock, term: Term, onEnd: (why: string) => void) => Server;
  readonly isUp: (server: Server) => void;
}

/** By then a process that was told to stop is killed, as by a service manager. */
const stopMaxMs = 20_000;
const processes = 2;

/** Several instances of one shard: whose calls they are is decided by the real `src/cluster`, as in `src/compose-cluster.ts`. */
export class Instances {
  private readonly parts: InstancesParts;
  private readonly alive = new Set<Process>();
  private count = 0;

  constructor(parts: InstancesParts) {
    this.parts = parts;
  }

  begin(): void {
    for (let n = 0; n < processes; n += 1) this.add();
  }

  /** Whose server this is ends, in one way or the other, and another process is started after a while. */
  lose(server: Server, how: 'kill' | 'stop', downMs: number): void {
    for (const process of this.alive) {
      if (process.server !== server) continue;
      if (how === 'kill') return this.bury(process, downMs);
      process.downMs = downMs;
      process.leader.stop();
      this.parts.world.after(stopMaxMs, () => this.bury(process, downMs));
    }
  }

  end(): void {
    for (const process of this.alive) process.kill();
  }

  private add(): void {
    this.count += 1;
    const process = new Process(`i${this.count}`, this.parts);
    this.alive.add(process);
    const isOver = (): void => this.bury(process, process.downMs);
    process.leader.failed.catch(isOver);
    void process.leader.ended.then(isOver);
    void process.leader.start();
  }

  private bury(process: Process, downMs: number): void {
    if (!this.alive.delete(process)) return;
    process.kill();
    this.parts.note(`${process.name} is gone`);
    this.parts.world.after(downMs, () => this.add());
  }
}

class Process {
  readonly name: string;
  readonly life: LifeClock;
  readonly leader: Leader;
  server: Server | undefined;
  downMs = 500;
  private readonly parts: InstancesParts;
  private readonly lease: SimLease;

  constructor(name: string, parts: InstancesParts) {
    const { world, redis, disk, logger, note } = parts;
    this.name = name;
    this.parts = parts;
    this.life = new LifeClock(world, parts.offset());
    this.lease = new SimLease(redis, this.life, name);
    this.leader = new Leader(
      { ...clusterTimes, instanceId: name, url: `http://${name}`, shard: 'main', life: name },
      {
        lease: this.lease,
        shards: new SimShards(disk, this.life),
        seats: this.seats(),
        clock: this.life,
        logger,
        onRole: (role) => note(`${name}: ${role}`),
        onLost: (reason) => note(`${name} has lost the shard: ${reason}`),
      },
    );
  }

  kill(): void {
    this.life.isDead = true;
    this.lease.stop();
    if (this.server && !this.server.life.isDead) this.server.kill();
  }

  private seats(): Seats {
    return {
      standBy: async () => ({ abandon: async () => undefined }),
      own: async (term, leave) => {
        await leave();
        const up = Promise.withResolvers<void>();
        const server = this.parts.serve(this.life, term, (why) =>
          why === 'the PBX has another' ? term.onReplaced() : up.reject(new Error(why)),
        );
        this.server = server;
        term.signal.addEventListener('abort', () => up.reject(new Error('the term is over')));
        void server.start(() => up.resolve());
        try {
          await up.promise;
        } catch (error) {
          server.kill();
          throw error;
        }
        this.parts.isUp(server);
        return {
          abandon: async () => server.kill(),
          drain: () => server.stop(),
          handOver: (deadlineMs) => {
            term.authority.close();
            return server.handOver(deadlineMs);
          },
          linger: async (deadlineMs) => {
            await term.replaced(deadlineMs);
            server.kill();
          },
        };
      },
    };
  }
}
