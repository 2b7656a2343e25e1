import type { Timer } from '../../src/kernel/index.ts';
import type { VirtualBridge, VirtualChannel } from '../pbx/channel.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import type { Diary } from './diary.ts';

interface Conversation {
  readonly members: ReadonlySet<string>;
  readonly sinceMs: number;
  readonly timers: readonly Timer[];
}

/** How long after a wish of people its consequences are theirs. */
const wishHoldsMs = 120_000;

/**
 * Who hears whom, as the PBX has it; nobody of the server is asked. People talk for a while and hang up. Who takes a
 * conversation apart that nobody wished to end has dropped it.
 */
export class Conversations {
  begun = 0;
  private readonly pbx: VirtualAsterisk;
  private readonly chance: Chance;
  private readonly diary: Diary;
  private readonly talkMs: number;
  private readonly byBridge = new Map<string, Conversation>();
  /** When people last wished something of a call. */
  private readonly wishes = new Map<string, number>();
  private readonly lonely: (channel: VirtualChannel) => void;

  constructor(
    parts: { readonly pbx: VirtualAsterisk; readonly chance: Chance; readonly diary: Diary; readonly talkMs: number },
    lonely: (channel: VirtualChannel) => void,
  ) {
    this.pbx = parts.pbx;
    this.chance = parts.chance;
    this.diary = parts.diary;
    this.talkMs = parts.talkMs;
    this.lonely = lonely;
    this.pbx.onBridge = (bridge) => this.changed(bridge);
    this.pbx.onCommand = (operation, params) => this.commanded(operation, params);
  }

  /** Somebody asked for something that may part people. */
  wished(callId: string): void {
    this.wishes.set(callId, this.pbx.clock.nowMs());
  }

  isTalking(channel: VirtualChannel): boolean {
    return this.byBridge.get(channel.bridgeId ?? '')?.members.has(channel.id) === true;
  }

  private changed({ id, members }: VirtualBridge): void {
    const before = this.byBridge.get(id);
    for (const timer of before?.timers ?? []) timer.cancel();
    if (members.size < 2) {
      this.byBridge.delete(id);
      for (const channelId of before?.members ?? []) this.alone(channelId);
      return;
    }
    if (!before) this.begun += 1;
    for (const channelId of before?.members ?? []) if (!members.has(channelId)) this.alone(channelId);
    const now = new Set(members);
    this.byBridge.set(id, { members: now, sinceMs: this.pbx.clock.nowMs(), timers: [this.endLater(now)] });
  }

  private alone(channelId: string): void {
    const channel = this.pbx.channels.get(channelId);
    if (channel) this.lonely(channel);
  }

  private endLater(members: ReadonlySet<string>): Timer {
    const { chance, pbx } = this;
    const endsInMs = chance.is(0.02) ? chance.between(0, 2_500) : chance.exponential(this.talkMs);
    const who = chance.of([...members]);
    return pbx.clock.after(endsInMs, () => {
      this.diary.note(`${who} has talked and hangs up`);
      pbx.hangUp(who);
      // Both may put the receiver down in the same moment.
      if (chance.is(0.1)) for (const other of members) pbx.hangUp(other);
    });
  }

  /** The server asks the PBX for something that parts people who hear each other. */
  private commanded(operation: string, params: Readonly<Record<string, unknown>>): void {
    for (const channelId of this.partedBy(operation, params)) {
      const channel = this.pbx.channels.get(channelId);
      const bridgeId = channel?.bridgeId;
      if (!channel || bridgeId === undefined || !this.isTalking(channel)) continue;
      const callId = bridgeId.slice(0, bridgeId.indexOf('.'));
      const wishedAtMs = this.wishes.get(callId) ?? Number.NEGATIVE_INFINITY;
      if (this.pbx.clock.nowMs() - wishedAtMs < wishHoldsMs) continue;
      this.diary.violated('no dropped conversation', `${operation} of ${channelId} in ${bridgeId}`);
    }
  }

  private partedBy(operation: string, params: Readonly<Record<string, unknown>>): readonly string[] {
    if (operation === 'channels.hangup' || operation === 'channels.continueInDialplan')
      return [String(params['channelId'])];
    if (operation === 'bridges.removeChannel') return params['channel'] as readonly string[];
    if (operation !== 'bridges.destroy') return [];
    return [...(this.pbx.bridges.get(String(params['bridgeId']))?.members ?? [])];
  }
}
