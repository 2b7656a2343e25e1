import type { Timer } from '../../src/kernel/index.ts';
import type { Applications } from './applications.ts';
import { channelModel, type VirtualChannel } from './channel.ts';
import type { PbxClock } from './clock.ts';

/** `StasisBroadcast()`: a call is offered to every application, and the first that claims it has it. */
export class Broadcasts {
  private readonly offered = new Map<string, { readonly timer: Timer; readonly claimed: (app: string) => void }>();
  private readonly clock: PbxClock;
  private readonly applications: Applications;

  constructor(clock: PbxClock, applications: Applications) {
    this.clock = clock;
    this.applications = applications;
  }

  /** `nobody` is told when no one has claimed it in time. */
  offer(channel: VirtualChannel, withinMs: number, claimed: (app: string) => void, nobody: () => void): void {
    const timer = this.clock.after(withinMs, () => {
      if (this.offered.delete(channel.id)) nobody();
    });
    this.offered.set(channel.id, { timer, claimed });
    this.applications.tellAll({ type: 'CallBroadcast', channel: channelModel(channel) });
  }

  /** The status of the answer: 404 when nobody offers it any more, or somebody was faster. */
  claim(channelId: string, app: string): 204 | 404 {
    const offer = this.offered.get(channelId);
    if (!offer) return 404;
    this.forget(channelId);
    offer.claimed(app);
    return 204;
  }

  forget(channelId: string): void {
    this.offered.get(channelId)?.timer.cancel();
    this.offered.delete(channelId);
  }

  clear(): void {
    for (const channelId of this.offered.keys()) this.forget(channelId);
  }
}
