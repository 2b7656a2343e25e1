import type { AgentProfile } from '../../src/agents/index.ts';
import { FrontDesk, OutboundDoor, Switchboard, type SwitchboardOptions } from '../../src/bridge/index.ts';
import type { OutboundPort } from '../../src/bridge/ports.ts';
import type { Call } from '../../src/call/index.ts';
import type { Logger } from '../../src/kernel/index.ts';
import type { QueuePolicy, RuleSet } from '../../src/routing/index.ts';
import { entry } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { FakeJournal, FakeLookup, FakeOutbound } from './fake-neighbours.ts';
import { FakeDevices, FakePbx } from './fake-pbx.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface HouseOptions {
  readonly queues?: readonly QueuePolicy[];
  readonly agents?: readonly AgentProfile[];
  readonly entries?: SwitchboardOptions['entries'];
  readonly callsMax?: number;
  readonly nodes?: readonly string[];
  readonly outbound?: OutboundPort;
  readonly recording?: SwitchboardOptions['recording'];
  readonly checks?: SwitchboardOptions['checks'];
  readonly rules?: Partial<RuleSet>;
  readonly onKeptRules?: NonNullable<SwitchboardOptions['onKeptRules']>;
  readonly lastAgent?: NonNullable<SwitchboardOptions['lastAgent']>;
  readonly settings?: ConstructorParameters<typeof FrontDesk>[3];
  readonly aroundStep?: SwitchboardOptions['aroundStep'];
}

/** A server with everything around it in memory; `restart` is a kill -9 and a new start on the same store and PBX. */
export class House {
  readonly clock = new FakeClock();
  readonly journal = new FakeJournal();
  readonly lookup = new FakeLookup();
  readonly outbound = new FakeOutbound();
  readonly pbxs: readonly FakePbx[];
  readonly devices: readonly FakeDevices[];
  board!: Switchboard;
  desk!: FrontDesk;
  readonly out = new OutboundDoor(() => this.board);
  private readonly options: HouseOptions;
  private ids = 0;

  constructor(options: HouseOptions = {}) {
    this.options = options;
    const nodes = options.nodes ?? ['pbx1'];
    this.pbxs = nodes.map((nodeId) => new FakePbx(this.clock, nodeId));
    this.devices = nodes.map((nodeId) => new FakeDevices(this.clock, nodeId));
  }

  /** A house with its link up and these agents signed in. */
  static async open(options: HouseOptions = {}, signedIn: readonly string[] = ['ann', 'bob']): Promise<House> {
    const house = new House(options);
    await house.start();
    house.up();
    for (const agentId of signedIn) house.desk.signIn(agentId);
    return house;
  }

  get queues(): readonly QueuePolicy[] | undefined {
    return this.options.queues;
  }

  get pbx(): FakePbx {
    return this.pbxs[0] as FakePbx;
  }

  get phones(): FakeDevices {
    return this.devices[0] as FakeDevices;
  }

  async start(options: HouseOptions = this.options): Promise<void> {
    this.board = new Switchboard({
      tenant: 'main',
      entries: options.entries ?? [{ ...entry, greeting: [] }],
      queues: options.queues ?? [queue('sales'), queue('service')],
      agents: options.agents ?? [profile('ann'), profile('bob')],
      transferContexts: new Map([['pbx1', 'outward']]),
      dropGraceMs: 2000,
      recording: options.recording,
      checks: options.checks,
      ...options.rules,
      ...(options.onKeptRules ? { onKeptRules: options.onKeptRules } : {}),
      ...(options.lastAgent ? { lastAgent: options.lastAgent } : {}),
      ...(options.aroundStep ? { aroundStep: options.aroundStep } : {}),
      callsMax: options.callsMax ?? 100,
      pbxs: this.pbxs,
      devices: this.devices,
      lookup: this.lookup,
      journal: this.journal,
      outbound: this.options.outbound ?? this.outbound,
      clock: this.clock,
      newId: () => `${(this.ids += 1)}`,
      logger: silent,
    });
    this.desk = new FrontDesk(this.board, this.clock, { outsideRingTimeoutMs: 45_000 }, options.settings);
    await this.board.start();
  }

  up(): void {
    for (const pbx of this.pbxs) pbx.up();
  }

  /** The old server is dead without a word: its timers and promises find nobody. */
  async restart(options: HouseOptions = this.options): Promise<void> {
    this.kill();
    await this.start(options);
    this.up();
    await settle();
    await settle();
  }

  kill(): void {
    // Stops timers, and the links without a word.
    void this.board.stop();
  }

  /** All that was published fits the catalogue, and no input of a call was a defect. */
  assertSound(): void {
    if (this.journal.faults.length > 0) throw new Error(this.journal.faults.join('\n'));
    if (this.board.stats.defects > 0) throw new Error(`${this.board.stats.defects} defects`);
  }

  get calls(): Call[] {
    return [...this.board.calls.all()];
  }

  /** The only call. */
  get call(): Call {
    const [call, ...more] = this.calls;
    if (!call || more.length > 0) throw new Error(`${this.calls.length} calls`);
    return call;
  }

  agent(agentId: string): string {
    const agent = this.board.desk.engine.agent(agentId);
    return agent ? `${agent.presence}/${agent.routing}` : 'unknown';
  }

  /** A caller comes and is offered to somebody. */
  async ringing(legId = 'caller-1', number?: string): Promise<Call> {
    this.pbx.arrive(legId, number);
    await settle();
    const call = this.calls.find((one) => one.callerLegId === legId);
    if (!call?.offers?.[0]) throw new Error(`not offered: ${call?.phase}`);
    this.pbx.ring(call.offers[0].legId);
    return this.board.calls.get(call.id) as Call;
  }

  /** A caller comes and talks to somebody. */
  async talking(legId = 'caller-1', number?: string): Promise<Call> {
    const { id, offers: [offer] = [] } = await this.ringing(legId, number);
    this.pbx.answer(offer?.legId ?? '');
    await settle();
    await settle();
    const call = this.board.calls.get(id);
    if (call?.phase !== 'talking') throw new Error(`not talking: ${call?.phase}`);
    return call;
  }
}
