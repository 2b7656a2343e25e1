import type { Config } from '../../config/index.ts';
import { recordingCare } from '../../config/index.ts';
import { composeOutbound, type Outbound } from '../../src/compose-outbound.ts';
import { lastAgentRules } from '../../src/compose-rules.ts';
import { Directory, defaultNumberPlan, memoryDirectoryStore } from '../../src/crm/index.ts';
import { guardedPbx, type Term } from '../../src/cluster/index.ts';
import { createDevicePort } from '../../src/ami/index.ts';
import { createAriPbx } from '../../src/ari/index.ts';
import { FrontDesk, Switchboard } from '../../src/bridge/index.ts';
import type { Journal } from '../../src/bridge/ports.ts';
import { EventLog, EventStream, retentionDefaults } from '../../src/events/index.ts';
import { idMaker, type Logger, type Rng } from '../../src/kernel/index.ts';
import { VirtualAmiLink } from '../pbx/ami-link.ts';
import { VirtualAriLink } from '../pbx/ari-link.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import { type CrmMood, SimCrm, simLookup } from './crm.ts';
import { type Disk, DiskStore } from './disk.ts';
import { DiskDoNotCall, DiskJobs } from './jobs.ts';
import type { LifeClock } from './life-clock.ts';
import type { Road } from './roads.ts';
import { type RedisData, SimSharedCache } from './shared-cache.ts';
import { application, nodeId, transferContext } from './site.ts';

export interface ServerParts {
  readonly config: Config;
  readonly pbx: VirtualAsterisk;
  readonly disk: Disk;
  readonly life: LifeClock;
  readonly rng: Rng;
  readonly chance: Chance;
  readonly ariRoad: Road;
  readonly amiRoad: Road;
  readonly crm: CrmMood;
  readonly redis: RedisData;
  readonly logger: Logger;
  readonly bufferMax: number;
  /** Stands around the journal; a planted bug may be in it. */
  readonly aroundJournal: (journal: Journal) => Journal;
  /** Is given the board before it starts; a planted bug may be put into it. */
  readonly onBoard: (board: Switchboard) => void;
  /** Where several instances share the calls: what binds the server to its time as their owner. */
  readonly term?: Term | undefined;
  /** The process ends by itself: another server has its place, or the store went away while it started. */
  readonly onEnd: (why: string) => void;
  /** Nothing of it lives any more. */
  readonly onDead?: () => void;
}

/** Joined as in compose.ts. */
const dropGraceMs = 1_000;
const storeRetryMs = 500;
const minute = 60_000;

/** One life of the server: the real parts, joined as `src/compose.ts` joins them, on simulated neighbours. */
export class Server {
  readonly life: LifeClock;
  readonly ari: VirtualAriLink;
  readonly ami: VirtualAmiLink;
  board: Switchboard | undefined;
  desk: FrontDesk | undefined;
  log: EventLog | undefined;
  stream: EventStream | undefined;
  outbound: Outbound | undefined;
  isAriUp = false;
  isAmiUp = false;
  private readonly parts: ServerParts;
  private readonly store: DiskStore;

  constructor(parts: ServerParts) {
    const { pbx, life, ariRoad, amiRoad, disk, term } = parts;
    this.parts = parts;
    this.life = life;
    this.store = new DiskStore(disk, life, () => parts.onEnd('its writes are refused'), term?.token);
    const shared = { nodeId, clock: life, wake: (run: () => void) => life.run(run) };
    const mayConnect = term && ((heardAtMs: number) => term.authority.mayConnect(heardAtMs));
    this.ari = new VirtualAriLink(pbx, { ...shared, app: application, weather: ariRoad, mayConnect });
    this.ami = new VirtualAmiLink(pbx, { ...shared, weather: amiRoad });
  }

  /** Comes up as soon as the store lets it. */
  async start(onUp: (server: Server) => void): Promise<void> {
    const { life, rng, logger, disk, bufferMax, term } = this.parts;
    try {
      this.log = await EventLog.open(
        {
          store: this.store,
          clock: life,
          rng,
          logger,
          defer: (run) => void life.after(0, run),
          onFenced: term && (() => term.onFenced()),
        },
        {
          source: '/ringmaster/sim',
          bufferMax,
          lingerMs: 5,
          patientLingerMs: 20,
          isPrompt: ({ type }) => type === 'call.offered.v1',
          retention: { ...retentionDefaults, retentionMs: 10 * minute },
        },
      );
    } catch {
      life.after(storeRetryMs, () => void this.start(onUp));
      return;
    }
    this.stream = new EventStream(this.log, this.store, { recentMax: 512 });
    try {
      const outbound = await this.makeOutbound(this.log);
      await outbound.load();
      const board = this.makeBoard(this.log, outbound);
      this.outbound = outbound;
      this.board = board;
      this.desk = new FrontDesk(board, life, this.parts.config.control, this.parts.config);
      this.parts.onBoard(board);
      await board.start();
      outbound.start();
    } catch (error) {
      if (!disk.mood.away && !this.store.isFenced) throw error;
      return this.parts.onEnd('the store went away');
    }
    onUp(this);
  }

  /** As by `kill -9`: no word to anybody. */
  kill(): void {
    this.life.isDead = true;
    this.ari.die();
    this.ami.die();
    this.store.abandon();
    this.parts.onDead?.();
  }

  /** As by SIGTERM: waiting callers go to their fallback, conversations stay, the log is closed. */
  async stop(): Promise<void> {
    this.outbound?.stop();
    this.board?.drain();
    await this.board?.settled();
    await this.board?.stop();
    await this.log?.stop(5_000);
    this.life.isDead = true;
    this.parts.onDead?.();
  }

  /** As by SIGTERM where another instance stands by: what is known is written, and nobody hears a word. */
  async handOver(deadlineMs: number): Promise<void> {
    this.outbound?.stop();
    this.log?.seal();
    await this.log?.stop(deadlineMs);
  }

  private makeOutbound(log: EventLog): Promise<Outbound> {
    const { config, life, rng, logger, disk } = this.parts;
    return composeOutbound(config, {
      board: () => this.board as Switchboard,
      log,
      jobs: new DiskJobs(disk, this.store),
      doNotCall: new DiskDoNotCall(this.store),
      directory: new Directory(defaultNumberPlan, memoryDirectoryStore()),
      plan: defaultNumberPlan,
      clock: life,
      logger,
      newId: idMaker(life, rng),
      openToken: () => undefined,
    });
  }

  private makeBoard(log: EventLog, outbound: Outbound): Switchboard {
    const { config, life, rng, chance, crm, redis, logger, aroundJournal, term } = this.parts;
    const shared = new SimSharedCache(redis, life);
    const parts = { clock: life, rng, log: logger };
    const port = createAriPbx(this.ari, {}, parts);
    return new Switchboard({
      tenant: config.tenant,
      ...config.rules,
      lastAgent: lastAgentRules(config),
      outbound: outbound.port,
      recording: recordingCare(config),
      transferContexts: new Map([[nodeId, transferContext]]),
      dropGraceMs,
      callsMax: 200,
      pbxs: [term ? guardedPbx(port, term.authority) : port],
      devices: [createDevicePort(this.ami, parts)],
      lookup: simLookup(new SimCrm(life, chance, crm), { clock: life, rng, logger, shared }),
      journal: aroundJournal(log),
      clock: life,
      newId: idMaker(life, rng),
      logger,
      onLinkChange: ({ link, state }) => {
        if (state === 'replaced') this.parts.onEnd('the PBX has another');
        if (link === 'ari') this.isAriUp = state === 'up';
        else this.isAmiUp = state === 'up';
      },
    });
  }
}
