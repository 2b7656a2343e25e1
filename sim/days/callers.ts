import type { Timer } from '../../src/kernel/index.ts';
import type { VirtualChannel } from '../pbx/channel.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import { callerNumberOf } from './crm.ts';
import type { Diary } from './diary.ts';
import { application, knownNumbers } from './site.ts';

interface CallersParts {
  readonly pbx: VirtualAsterisk;
  readonly chance: Chance;
  readonly diary: Diary;
  /** Between two callers, on average. */
  readonly everyMs: number;
  readonly patienceMs: number;
}

/** People who ring the hotline, wait for as long as they can bear it, and talk. */
export class Callers {
  came = 0;
  /** Went on in the dialplan because no server was there. */
  unserved = 0;
  private readonly parts: CallersParts;
  private readonly patience = new Map<string, Timer>();
  private isOpen = true;

  constructor(parts: CallersParts) {
    this.parts = parts;
    this.next();
  }

  /** Nobody new comes. */
  close(): void {
    this.isOpen = false;
  }

  /** Whoever hears nobody runs out of patience sooner or later. */
  lonely(channelId: string): void {
    const { pbx, chance, diary, patienceMs } = this.parts;
    this.patience.get(channelId)?.cancel();
    const timer = pbx.clock.after(chance.exponential(patienceMs), () => {
      this.patience.delete(channelId);
      const channel = pbx.channels.get(channelId);
      if (!channel || this.isTalking(channel)) return;
      diary.note(`${channelId} has waited for long enough`);
      pbx.hangUp(channelId);
    });
    this.patience.set(channelId, timer);
  }

  /** Set by the day: who hears somebody does not lose patience. */
  isTalking: (channel: VirtualChannel) => boolean = () => false;

  private next(): void {
    const { pbx, chance, everyMs } = this.parts;
    pbx.clock.after(chance.exponential(everyMs), () => {
      if (!this.isOpen) return;
      this.comes();
      this.next();
    });
  }

  /** What is dialled, and the keys that are pressed there: in the menu, or to be called back. */
  private numberFor(channelId: string): string {
    const { chance } = this.parts;
    const drawn = chance.rng.next();
    if (drawn < 0.2) return '4002';
    if (drawn < 0.35) return '4003';
    if (drawn < 0.45) return '4004';
    const isMenu = drawn < 0.6;
    if (isMenu) this.press(channelId, chance.of(['1', '1', '2', '2', '7', '']), chance.between(500, 9_000));
    if (chance.is(0.15)) {
      const atMs = chance.between(16_000, 40_000);
      this.press(channelId, '1', atMs);
      this.press(channelId, chance.of(['1', '1', '1', '*', '']), atMs + chance.between(1_000, 6_000));
    }
    return isMenu ? '4005' : '4001';
  }

  private press(channelId: string, key: string, afterMs: number): void {
    const { pbx } = this.parts;
    if (key !== '') pbx.clock.after(afterMs, () => pbx.pressKey(channelId, key));
  }

  private comes(): void {
    const { pbx, chance, diary } = this.parts;
    if (!pbx.isRunning) return;
    this.came += 1;
    const channelId = `caller-${this.came}`;
    diary.note(`${channelId} comes`);
    this.lonely(channelId);
    pbx.comeIn({
      channelId,
      callerNumber: chance.is(0.05) ? 'anonymous' : callerNumberOf(chance.whole(0, 2 * knownNumbers)),
      callerName: '',
      dialledNumber: this.numberFor(channelId),
      app: application,
      args: [],
      onEnd: () => {
        this.patience.get(channelId)?.cancel();
        this.patience.delete(channelId);
      },
      onDialplan: (context) => {
        if (context === 'failed') this.unserved += 1;
        pbx.clock.after(chance.between(3_000, 20_000), () => pbx.hangUp(channelId));
      },
    });
  }
}
