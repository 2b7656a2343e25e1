import type { FrontDesk } from '../../src/bridge/index.ts';
import type { Target } from '../../src/call/index.ts';
import type { LogEvent } from '../../src/events/index.ts';
import type { RingingCall, RungPhone } from '../pbx/phone.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import type { Diary } from './diary.ts';
import { endpointOf } from './site.ts';

export interface AgentsParts {
  readonly pbx: VirtualAsterisk;
  readonly chance: Chance;
  readonly diary: Diary;
  readonly agentIds: readonly string[];
  /** The desk of the server that is up. */
  readonly desk: () => FrontDesk | undefined;
  /** Calls a customer, when a server is up. */
  readonly dial: (agentId: string) => void;
  readonly wished: (callId: string) => void;
}

type Act = (agent: SimAgent, desk: FrontDesk, callId: string) => void;

/** One agent: a person with a phone and a desk. */
class SimAgent {
  readonly id: string;
  readonly legs = new Map<string, RingingCall>();
  private readonly parts: AgentsParts;
  private readonly answered: (channelId: string) => void;

  constructor(id: string, parts: AgentsParts, answered: (channelId: string) => void) {
    this.id = id;
    this.parts = parts;
    this.answered = answered;
  }

  /** The phone rings: most of the time it is answered. */
  ring(call: RingingCall): RungPhone | undefined {
    const { chance, pbx } = this.parts;
    const { clock } = pbx;
    this.legs.set(call.channelId, call);
    const ended: RungPhone = { ended: () => void this.legs.delete(call.channelId) };
    const drawn = chance.rng.next();
    if (drawn < 0.02 || this.legs.size > 1) {
      clock.after(chance.between(1, 40), () => call.refuse(17));
      return ended;
    }
    clock.after(chance.between(1, 30), () => call.ringing());
    const afterMs = 200 + chance.exponential(2_500);
    if (drawn < 0.05) clock.after(afterMs, () => call.refuse(21));
    else if (drawn < 0.06) clock.after(afterMs, () => call.refuse(20));
    else if (drawn < 0.1) return ended;
    else clock.after(afterMs, () => this.picksUp(call));
    return ended;
  }

  private picksUp(call: RingingCall): void {
    const { chance, pbx } = this.parts;
    call.answer();
    this.answered(call.channelId);
    if (chance.is(0.02)) pbx.clock.after(chance.between(0, 900), () => call.hangUp());
    if (chance.is(0.03)) {
      pbx.clock.after(chance.between(2_000, 20_000), () => call.hold());
      pbx.clock.after(chance.between(21_000, 40_000), () => call.resume());
    }
  }
}

/** Everybody who works here: they sign in and out, pause, and do with calls whatever a desk allows. */
export class Agents {
  private readonly parts: AgentsParts;
  private readonly agents: readonly SimAgent[];
  private isOpen = true;

  constructor(parts: AgentsParts) {
    this.parts = parts;
    this.agents = parts.agentIds.map((id) => new SimAgent(id, parts, (channelId) => this.lonely(channelId)));
    for (const agent of this.agents) {
      parts.pbx.addPhone(endpointOf(agent.id), agent);
      this.nextPresence(agent);
      this.nextDeed(agent);
    }
  }

  /** From now on nobody begins anything new. */
  close(): void {
    this.isOpen = false;
  }

  /** What an agent's screen is told: an offer that wants a click gets it, or not. */
  see({ type, cloudEvent }: LogEvent): void {
    if (type !== 'call.offered.v1') return;
    const { call, agentId, mode } = cloudEvent.data as { call: { id: string }; agentId: string; mode: string };
    if (mode !== 'accept') return;
    const { chance, pbx } = this.parts;
    const drawn = chance.rng.next();
    pbx.clock.after(200 + chance.exponential(1_500), () => {
      const desk = this.parts.desk();
      if (drawn < 0.9) desk?.accept(call.id, agentId);
      else if (drawn < 0.95) desk?.reject(call.id, agentId);
    });
  }

  /** A leg of an agent that hears nobody is put down, after a while that allows for being asked to wait. */
  lonely(channelId: string): void {
    const { pbx, diary } = this.parts;
    pbx.clock.after(60_000, () => {
      const channel = pbx.channels.get(channelId);
      const members = pbx.bridges.get(channel?.bridgeId ?? '')?.members.size ?? 0;
      if (!channel || members > 1) return;
      diary.note(`${channelId} hears nobody and hangs up`);
      pbx.hangUp(channelId);
    });
  }

  private nextPresence(agent: SimAgent): void {
    const { pbx, chance } = this.parts;
    pbx.clock.after(chance.between(100, 3_000), () => this.signIn(agent));
    const change = (): void => {
      pbx.clock.after(chance.exponential(400_000), () => {
        if (!this.isOpen) return;
        this.changePresence(agent);
        change();
      });
    };
    change();
  }

  /** Whoever cannot reach a server tries again. */
  private signIn(agent: SimAgent): void {
    const { pbx, desk } = this.parts;
    const known = desk()?.agent(agent.id);
    if (known?.presence === 'signedOut') desk()?.signIn(agent.id);
    if (known?.presence === 'paused') desk()?.setAvailable(agent.id);
    if (!known && this.isOpen) pbx.clock.after(2_000, () => this.signIn(agent));
  }

  private changePresence(agent: SimAgent): void {
    const { pbx, chance, desk, diary } = this.parts;
    const { id } = agent;
    const drawn = chance.rng.next();
    diary.note(`${id} goes away`);
    if (drawn < 0.3) desk()?.signOut(id);
    else if (drawn < 0.8) desk()?.pause(id, chance.of(['lunch', 'training']));
    else this.unplug(id);
    pbx.clock.after(chance.between(1_000, 60_000), () => this.signIn(agent));
  }

  private unplug(id: string): void {
    const { pbx, chance } = this.parts;
    pbx.devices.setReachable(endpointOf(id), false);
    pbx.clock.after(chance.between(1_000, 40_000), () => pbx.devices.setReachable(endpointOf(id), true));
  }

  private nextDeed(agent: SimAgent): void {
    const { pbx, chance } = this.parts;
    pbx.clock.after(chance.exponential(60_000), () => {
      if (!this.isOpen) return;
      this.act(agent);
      this.nextDeed(agent);
    });
  }

  private act(agent: SimAgent): void {
    const { desk: server, chance, diary } = this.parts;
    const desk = server();
    const view = desk?.agent(agent.id);
    if (!desk || !view) return;
    if (view.routing === 'wrapUp') return this.writesUp(agent, desk, view.callId ?? '');
    if (view.routing === 'idle') return this.idles(agent, desk);
    if (view.routing !== 'talking' || view.callId === undefined) return;
    const [name, act] = chance.of(Object.entries(this.deeds));
    diary.note(`${agent.id} wants ${name} on ${view.callId}`);
    this.parts.wished(view.callId);
    act(agent, desk, view.callId);
  }

  private writesUp({ id }: SimAgent, desk: FrontDesk, callId: string): void {
    const { chance } = this.parts;
    if (chance.is(0.5)) desk.dispose(callId, chance.of(['solved', 'later']), id);
    if (chance.is(0.3)) desk.agents.extendWrapUp(id, chance.between(1_000, 8_000));
    else desk.endWrapUp(id);
  }

  private idles({ id }: SimAgent, desk: FrontDesk): void {
    const { chance, dial } = this.parts;
    if (chance.is(0.5)) dial(id);
    else if (chance.is(0.3)) desk.agents.giveSkills(id, chance.is(0.5) ? { repair: 70 } : undefined);
  }

  private readonly deeds: Readonly<Record<string, Act>> = {
    hold: ({ id }, desk, callId) => {
      desk.hold(callId, id);
      this.later(callId, 3_000, 30_000, (then) => then.resume(callId, id));
    },
    transfer: ({ id }, desk, callId) => desk.transfer(callId, this.target(id), id),
    hangUp: ({ id }, desk, callId) => desk.hangUp(callId, id),
    consult: ({ id }, desk, callId) => {
      desk.control.consult(callId, this.target(id), id);
      const deeds = ['complete', 'cancel', 'merge', 'swap'] as const;
      for (const _ of [1, 2]) {
        const deed = this.parts.chance.of(deeds);
        this.later(callId, 5_000, 25_000, (then) => then.control.consultAction(callId, deed, id));
      }
      this.later(callId, 25_000, 40_000, (then) => then.control.consultAction(callId, 'cancel', id));
    },
    mute: ({ id }, desk, callId) => {
      desk.control.mute(callId, true, id);
      this.later(callId, 1_000, 9_000, (then) => then.control.mute(callId, false, id));
    },
    record: ({ id }, desk, callId) => {
      const deeds = ['start', 'pause', 'resume', 'stop'] as const;
      desk.control.record(callId, this.parts.chance.of(deeds), id);
    },
    keys: ({ id }, desk, callId) => desk.control.sendKeys(callId, '1#', id),
  };

  private later(callId: string, low: number, high: number, deed: (desk: FrontDesk) => void): void {
    const { pbx, chance, desk, wished } = this.parts;
    pbx.clock.after(chance.between(low, high), () => {
      const now = desk();
      if (!now) return;
      wished(callId);
      deed(now);
    });
  }

  private target(notId: string): Target {
    const { chance, agentIds } = this.parts;
    const drawn = chance.rng.next();
    if (drawn < 0.4) return { kind: 'queue', queueId: 'service' };
    if (drawn < 0.9) return { kind: 'agent', agentId: chance.of(agentIds.filter((id) => id !== notId)) };
    return { kind: 'number', number: '10086' };
  }
}
