import type { AgentProfile } from '../agents/index.ts';
import type { DeviceFact, DeviceState } from '../call/index.ts';
import type { Clock, Timer } from '../kernel/index.ts';
import type { DevicePort } from './ports.ts';
import type { RoutingDesk } from './routing-desk.ts';

type PhoneFact = Extract<DeviceFact, { kind: 'deviceStateChanged' }>;

/** A phone changes several times in a call; whoever watches wants to see where it came to rest. */
const restMs = 800;

/** The agents' phones: whose they are, and which changes still have to be told. */
export class Phones {
  private readonly ports: readonly DevicePort[];
  private readonly owners = new Map<string, AgentProfile[]>();
  /** Agents by whose profile their phones are known. */
  private readonly assigned = new Map<string, AgentProfile>();
  private readonly untold = new Set<string>();
  private readonly desk: RoutingDesk;
  private readonly clock: Clock;
  private readonly tell: (agentId: string) => void;
  private timer: Timer | undefined;

  constructor(
    { agents, devices }: { readonly agents: readonly AgentProfile[]; readonly devices: readonly DevicePort[] },
    desk: RoutingDesk,
    clock: Clock,
    tell: (agentId: string) => void,
  ) {
    this.ports = devices;
    this.desk = desk;
    this.clock = clock;
    this.tell = tell;
    for (const agent of agents) this.assign(agent);
  }

  /** The agent is new, or has other phones than before. */
  assign(agent: AgentProfile): void {
    this.release(agent.id);
    this.assigned.set(agent.id, agent);
    for (const endpoint of endpointsOf(agent)) {
      this.owners.set(endpoint, [...(this.owners.get(endpoint) ?? []), agent]);
    }
  }

  /** Whoever has left the config: at once when gone, else with the next news of a phone after the work in hand is done. */
  releaseGone(): void {
    for (const agentId of this.assigned.keys()) if (this.isGone(agentId)) this.release(agentId);
  }

  /** What is known of the phones of an agent; one that is known on several nodes is where it can be reached. */
  statesOf(agent: AgentProfile): Readonly<Record<string, DeviceState>> {
    const states: Record<string, DeviceState> = {};
    const ports = this.ports.filter(({ nodeId }) => isAt(agent, nodeId));
    for (const endpoint of endpointsOf(agent)) {
      const known = ports.map((port) => port.stateOf(endpoint)).filter((state) => state !== undefined);
      const state = known.find((one) => one !== 'unavailable' && one !== 'invalid') ?? known[0];
      if (state) states[endpoint] = state;
    }
    return states;
  }

  private isGone(agentId: string): boolean {
    return this.desk.engine.agent(agentId) === undefined;
  }

  private release(agentId: string): void {
    const agent = this.assigned.get(agentId);
    this.assigned.delete(agentId);
    for (const endpoint of agent ? endpointsOf(agent) : []) {
      const others = (this.owners.get(endpoint) ?? []).filter(({ id }) => id !== agentId);
      if (others.length > 0) this.owners.set(endpoint, others);
      else this.owners.delete(endpoint);
    }
  }

  onFact({ nodeId, device, state }: PhoneFact): void {
    for (const agent of this.owners.get(device) ?? []) {
      if (this.isGone(agent.id)) this.release(agent.id);
      else if (isAt(agent, nodeId)) this.desk.agentInput(agent.id, { kind: 'deviceChanged', state, endpoint: device });
    }
  }

  /** Phones whose state nobody tells us any more count as unknown, so that nobody is stuck as busy. */
  forget(nodeId: string): void {
    this.releaseGone();
    for (const agent of [...this.owners.values()].flat()) {
      if (isAt(agent, nodeId)) this.desk.agentInput(agent.id, { kind: 'deviceChanged', state: 'unknown' });
    }
  }

  /** Only the phone of this agent changed: told when it has come to rest. */
  changed(agentId: string): void {
    this.untold.add(agentId);
    this.timer ??= this.clock.after(restMs, () => this.tellAll());
  }

  /** The agent was told of for another reason. */
  told(agentId: string): void {
    this.untold.delete(agentId);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private tellAll(): void {
    this.timer = undefined;
    for (const agentId of this.untold) this.tell(agentId);
    this.untold.clear();
  }
}

const endpointsOf = (agent: AgentProfile): readonly string[] =>
  (agent.devices ?? [agent]).map(({ endpoint }) => endpoint);

const isAt = (agent: AgentProfile, nodeId: string): boolean => agent.nodeId === undefined || agent.nodeId === nodeId;
