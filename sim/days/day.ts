import type { Switchboard } from '../../src/bridge/index.ts';
import type { Term } from '../../src/cluster/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import { seedOf, SeededRng } from '../chance/rng.ts';
import { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { Agents } from './agents.ts';
import { Callers } from './callers.ts';
import { Chance } from './chance.ts';
import { Consumer } from './consumer.ts';
import { Conversations } from './conversations.ts';
import { Customers } from './customers.ts';
import { Diary, loggerInto, type Violation } from './diary.ts';
import { Disk } from './disk.ts';
import { Faults } from './faults.ts';
import { FloorCheck } from './floor-check.ts';
import { Instances } from './instances.ts';
import { LifeClock } from './life-clock.ts';
import { LogCheck } from './log-check.ts';
import { type Plant, plantInJournal, plantInRouting } from './plants.ts';
import { Road } from './roads.ts';
import { Server } from './server.ts';
import { RedisData } from './shared-cache.ts';
import { agentIdOf, siteConfig, trunk } from './site.ts';
import { wallClockAs } from './wall-clock.ts';

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  readonly plant?: Plant | undefined;
  readonly trace?: ((line: string) => void) | undefined;
  /** Nothing goes wrong by itself. */
  readonly quiet?: boolean;
  /** Two processes share the calls, by the real `src/cluster`, instead of one that is started anew. */
  readonly instances?: boolean | undefined;
  /** Called once a second until it says that it has put something wrong, to see that it is found. */
  readonly meddle?: ((site: Site) => boolean) | undefined;
}

/** What is there to be meddled with. */
export interface Site {
  readonly world: VirtualClock;
  readonly pbx: VirtualAsterisk;
  readonly disk: Disk;
  readonly log: LogCheck;
  readonly server: Server;
  readonly board: Switchboard;
}

/** What a day was like. Times in milliseconds. */
export interface DayResult {
  readonly seed: number;
  readonly calls: number;
  readonly answered: number;
  readonly conversations: number;
  readonly unserved: number;
  readonly events: number;
  readonly read: number;
  readonly lives: number;
  readonly faults: Readonly<Record<string, number>>;
  /** How long all was calm enough to compare everything with everything. */
  readonly calmMs: number;
  readonly violations: readonly Violation[];
}

const startMs = Date.UTC(2027, 0, 4, 1);
const hourMs = 3_600_000;
const lookEveryMs = 1_000;
/** After the last call so long is waited until nothing may be left. */
const homeMs = 240_000;
const violationsMax = 5;
/** What is still to run when everybody has gone: people's own plans, and what ticks in a server. */
const timersAtHomeMax = 120;

/** One simulated day: people, a PBX, a store, a CRM, a server, and everything that can happen to them, all by one seed. */
class Day {
  readonly diary: Diary;
  private readonly options: DayOptions;
  private readonly world = new VirtualClock(startMs);
  private readonly chances: (name: string) => Chance;
  private readonly pbx: VirtualAsterisk;
  private readonly disk: Disk;
  private readonly ariRoad: Road;
  private readonly amiRoad: Road;
  private readonly redis: RedisData;
  private readonly crm = { slowMs: 0, failing: 0, hanging: 0 };
  private readonly log: LogCheck;
  private readonly floor: FloorCheck;
  private readonly conversations: Conversations;
  private readonly callers: Callers;
  private readonly agents: Agents;
  private readonly customers: Customers;
  private readonly faults: Faults;
  private readonly consumers: readonly Consumer[];
  private readonly instances: Instances | undefined;
  private readonly config;
  private readonly bufferMax: number;
  private readonly logger: Logger;
  private server: Server | undefined;
  /** Servers that run although another has started. */
  private readonly stale = new Set<Server>();
  private lives = 0;
  private isRestarting = false;

  constructor(options: DayOptions) {
    this.options = options;
    const { seed } = options;
    const { world } = this;
    this.chances = (name) => new Chance(new SeededRng(seedOf(seed, name)));
    const chance = this.chances('site');
    const agents = chance.whole(4, 12);
    const talkMs = chance.between(8_000, 40_000);
    // From idle afternoons to more callers than anybody could serve.
    const everyMs = (talkMs + 9_000) / agents / chance.between(0.4, 1.2);
    this.bufferMax = chance.is(0.2) ? 300 : 20_000;
    this.diary = new Diary(() => world.exactMs() - startMs, options.trace);
    const { diary } = this;
    this.pbx = new VirtualAsterisk(world, this.chances('pbx').rng);
    const { pbx } = this;
    this.disk = new Disk(world, this.chances('disk'));
    this.redis = new RedisData(world, this.chances('redis'));
    this.ariRoad = new Road(this.chances('ari'));
    this.amiRoad = new Road(this.chances('ami'));
    this.config = siteConfig(agents);
    this.logger = loggerInto(diary);
    this.log = new LogCheck(diary);
    this.disk.onCommit = (events) => this.log.read(events);
    this.conversations = new Conversations({ pbx, chance: this.chances('talk'), diary, talkMs }, (channel) =>
      channel.endpoint === undefined ? this.callers.lonely(channel.id) : this.agents.lonely(channel.id),
    );
    const { conversations } = this;
    this.callers = new Callers({ pbx, chance: this.chances('callers'), diary, everyMs, patienceMs: 60_000 });
    this.callers.isTalking = (channel) => conversations.isTalking(channel);
    this.agents = new Agents({
      pbx,
      chance: this.chances('agents'),
      diary,
      agentIds: Array.from({ length: agents }, (_, index) => agentIdOf(index)),
      desk: () => this.awake()?.desk,
      dial: (agentId) => {
        const wish = { agentId, number: this.customers.anyNumber() };
        this.awake()
          ?.outbound?.front.dial(wish)
          .catch(() => undefined);
      },
      wished: (callId) => conversations.wished(callId),
    });
    this.customers = new Customers({
      pbx,
      chance: this.chances('customers'),
      diary,
      front: () => this.awake()?.outbound?.front,
      lonely: (channelId) => this.agents.lonely(channelId),
    });
    this.floor = new FloorCheck({ world, pbx, disk: this.disk, log: this.log, diary });
    this.faults = new Faults(
      {
        pbx,
        chance: this.chances('faults'),
        diary,
        ariRoad: this.ariRoad,
        amiRoad: this.amiRoad,
        store: this.disk.mood,
        crm: this.crm,
        redis: this.redis,
        server: () => this.server,
        restart: (how, downMs) => this.restart(how, downMs),
        takeOver: (staleMs) => this.takeOver(staleMs),
      },
      options.quiet ? Number.POSITIVE_INFINITY : chance.between(60_000, 240_000),
    );
    this.instances = options.instances ? this.makeInstances() : undefined;
    this.consumers = [1, 2, 3].map(
      (at) =>
        new Consumer({
          name: `reader${at}`,
          clock: world,
          chance: this.chances(`reader${at}`),
          diary,
          server: () => this.server,
        }),
    );
  }

  /** The server that is up and gets time. */
  private awake(): Server | undefined {
    return this.server?.life.isPaused ? undefined : this.server;
  }

  nowMs(): number {
    return this.world.nowMs();
  }

  async live(): Promise<DayResult> {
    const { world, diary, options } = this;
    const endMs = startMs + options.hours * hourMs;
    if (this.instances) this.instances.begin();
    else this.boot(0);
    this.lookOn();
    await world.runUntil(endMs, () => diary.violations.length < violationsMax);
    if (diary.violations.length === 0) await this.goHome();
    this.server?.kill();
    this.instances?.end();
    return {
      seed: options.seed,
      calls: this.callers.came,
      answered: this.log.answered,
      conversations: this.conversations.begun,
      unserved: this.callers.unserved,
      events: this.disk.lastSequence,
      read: this.consumers.reduce((sum, { read }) => sum + read, 0),
      lives: this.lives,
      faults: this.faults.counts,
      calmMs: this.floor.calmMs,
      violations: diary.violations,
    };
  }

  /** All faults end and everybody hangs up: nothing may be left, on the PBX, with the server, or without its end. */
  private async goHome(): Promise<void> {
    const { world, pbx } = this;
    this.faults.close();
    this.callers.close();
    this.customers.close();
    await world.runUntil(world.nowMs() + 60_000);
    this.agents.close();
    this.server?.outbound?.stop();
    for (const { id, endpoint } of pbx.channels.values())
      if (endpoint === undefined || endpoint.endsWith(`@${trunk}`)) pbx.hangUp(id);
    await world.runUntil(world.nowMs() + homeMs);
    this.lookForLeftovers();
    this.log.finish();
  }

  private lookForLeftovers(): void {
    const { world, pbx, diary } = this;
    const { board } = this.server ?? {};
    for (const id of pbx.channels.keys()) diary.violated('nothing is left behind', id);
    for (const id of pbx.bridges.keys()) diary.violated('nothing is left behind', id);
    for (const { id, phase } of board?.calls.all() ?? []) diary.violated('every call ends', `${id} ${phase}`);
    for (const { profile, routing } of board?.desk.engine.allAgents() ?? [])
      if (routing !== 'idle') diary.violated('no agent is stuck', `${profile.id} ${routing} at the end of the day`);
    if (world.pending > timersAtHomeMax) diary.violated('memory is bounded', `${world.pending} timers at the end`);
    if ((board?.stats.defects ?? 0) > 0) diary.violated('no defect', `${board?.stats.defects} inputs failed`);
  }

  private isMeddledWith = false;

  private lookOn(): void {
    this.world.after(lookEveryMs, () => {
      this.meddle();
      if (this.instances) for (const server of this.stale) if (server.life.isDead) this.stale.delete(server);
      if (this.faults.any || this.stale.size > 0 || !this.pbx.isRunning) this.floor.trouble();
      this.floor.look(this.server);
      this.lookOn();
    });
  }

  private meddle(): void {
    const { server, world, pbx, disk, log, options } = this;
    if (!options.meddle || this.isMeddledWith || !server?.board) return;
    this.isMeddledWith = options.meddle({ world, pbx, disk, log, server, board: server.board });
  }

  /** A new process on the same disk; its clock may be set differently from that of the one before. */
  private boot(offsetMs: number): void {
    this.diary.note(`server ${this.lives + 1} starts, its clock ${offsetMs} ms off`);
    const server: Server = this.make(new LifeClock(this.world, offsetMs), (why) => this.ends(server, why));
    void server.start(() => this.isUp(server));
  }

  private makeInstances(): Instances {
    const { world, disk, redis, logger } = this;
    return new Instances({
      world,
      disk,
      redis,
      logger,
      note: (what) => this.diary.note(what),
      offset: () => this.offset(),
      serve: (life, term, onEnd) => {
        if (this.server && !this.server.life.isDead) this.stale.add(this.server);
        return this.make(new LifeClock(world, 0, life), onEnd, term);
      },
      isUp: (server) => this.isUp(server),
    });
  }

  private isUp({ log, life }: Server): void {
    this.isRestarting = false;
    log?.onCommitted((events) => {
      if (!life.isDead) for (const event of events) this.agents.see(event);
    });
  }

  private make(life: LifeClock, onEnd: (why: string) => void, term?: Term): Server {
    const { pbx, disk, ariRoad, amiRoad, crm, redis, logger, bufferMax, options } = this;
    this.lives += 1;
    const chance = this.chances(`life${this.lives}`);
    const shared = {
      config: this.config,
      pbx,
      disk,
      life,
      rng: chance.rng,
      chance,
      ariRoad,
      amiRoad,
      crm,
      redis,
      logger,
      bufferMax,
    };
    const server: Server = new Server({
      ...shared,
      term,
      onEnd,
      onDead: () => {
        if (this.instances && this.server === server) this.server = undefined;
      },
      aroundJournal: (journal) => plantInJournal(options.plant, journal),
      onBoard: (board) => plantInRouting(options.plant, board),
    });
    this.server = server;
    return server;
  }

  private restart(how: 'kill' | 'stop', downMs: number): void {
    const { server } = this;
    if (this.isRestarting || !server) return;
    this.isRestarting = true;
    this.diary.note(`server ${this.lives}: ${how}`);
    if (this.instances) return this.instances.lose(server, how, downMs);
    if (how === 'kill') return this.replace(server, downMs);
    const deadline = this.world.after(20_000, () => this.replace(server, downMs));
    void server.stop().then(() => {
      deadline.cancel();
      if (this.server === server) this.replace(server, downMs);
    });
  }

  /** It is gone for good, and another starts. */
  private replace(server: Server, downMs: number): void {
    if (!server.life.isDead) server.kill();
    this.server = undefined;
    this.world.after(downMs, () => this.boot(this.offset()));
  }

  private offset(): number {
    const chance = this.chances(`restart${this.lives}`);
    return chance.is(0.3) ? Math.floor(chance.between(-90_000, 90_000)) : 0;
  }

  /** Another server starts, and the one that runs goes on until it finds that out, or for so long. */
  private takeOver(staleMs: number): void {
    const { server } = this;
    if (this.isRestarting || !server) return;
    if (this.instances) return this.redis.forgetLease();
    this.isRestarting = true;
    this.stale.add(server);
    this.diary.note(`server ${this.lives} is not asked`);
    this.boot(this.offset());
    this.world.after(staleMs, () => this.bury(server));
  }

  private bury(server: Server): void {
    if (!server.life.isDead) server.kill();
    this.stale.delete(server);
  }

  /** A server ends by itself a moment after it had to. When it is the newest another one starts. */
  private ends(server: Server, why: string): void {
    if (server.life.isDead) return;
    this.diary.note(`a server ends: ${why}`);
    this.world.after(this.chances(`end${this.lives}`).between(1, 300), () => {
      const isNewest = this.server === server;
      this.bury(server);
      if (!isNewest) return;
      this.isRestarting = true;
      this.replace(server, 500);
    });
  }
}

/** Lives one day. The same options give the same day. */
export async function liveDay(options: DayOptions): Promise<DayResult> {
  const day = new Day(options);
  return wallClockAs(
    () => day.nowMs(),
    () => day.live(),
  );
}
