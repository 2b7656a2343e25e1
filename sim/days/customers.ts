import type { OutboundFront } from '../../src/campaigns/index.ts';
import type { RingingCall, RungPhone } from '../pbx/phone.ts';
import type { VirtualAsterisk } from '../pbx/virtual-asterisk.ts';
import type { Chance } from './chance.ts';
import { callerNumberOf } from './crm.ts';
import type { Diary } from './diary.ts';
import { knownNumbers, transferContext, trunk } from './site.ts';

interface CustomersParts {
  readonly pbx: VirtualAsterisk;
  readonly chance: Chance;
  readonly diary: Diary;
  /** Calling out by the server that is up. */
  readonly front: () => OutboundFront | undefined;
  /** Who hears nobody hangs up in the end. */
  readonly lonely: (channelId: string) => void;
}

const jobEveryMs = 90_000;

/** People outside who are called: by jobs of a CRM, by agents, back, or by a transfer. */
export class Customers {
  private readonly parts: CustomersParts;
  private isOpen = true;

  constructor(parts: CustomersParts) {
    this.parts = parts;
    const phone = { ring: (call: RingingCall) => this.ring(call) };
    parts.pbx.addPhone(`Local/10086@${transferContext}/n`, phone);
    parts.pbx.addTrunk(trunk, phone);
    this.nextJob();
  }

  /** Nobody wants anybody called any more. */
  close(): void {
    this.isOpen = false;
  }

  anyNumber(): string {
    return callerNumberOf(this.parts.chance.whole(0, 2 * knownNumbers));
  }

  /** Mostly they answer, after a while. */
  private ring(call: RingingCall): RungPhone {
    const { chance, pbx } = this.parts;
    const { clock } = pbx;
    const ended: RungPhone = { ended() {} };
    const drawn = chance.rng.next();
    if (drawn < 0.05) clock.after(chance.between(1, 300), () => call.refuse(20));
    else clock.after(chance.between(10, 400), () => call.ringing());
    const afterMs = chance.between(500, 12_000);
    if (drawn > 0.25) clock.after(afterMs, () => this.answers(call));
    else if (drawn > 0.15) clock.after(afterMs, () => call.refuse(17));
    if (chance.is(0.2)) clock.after(chance.between(20_000, 90_000), () => call.hangUp());
    return ended;
  }

  private answers(call: RingingCall): void {
    call.answer();
    this.parts.lonely(call.channelId);
  }

  private nextJob(): void {
    const { pbx, chance, diary, front } = this.parts;
    pbx.clock.after(chance.exponential(jobEveryMs), () => {
      if (!this.isOpen) return;
      const number = this.anyNumber();
      const queueId = chance.of(['sales', 'service', 'crew']);
      const wish = { number, queueId, createdBy: 'crm', priority: chance.whole(0, 3) };
      diary.note(`the CRM wants ${number} to be called by ${queueId}`);
      const asked = chance.is(0.2) ? front()?.requestCallback({ ...wish, queueId: 'sales' }) : front()?.request(wish);
      asked?.catch(() => undefined);
      this.nextJob();
    });
  }
}
