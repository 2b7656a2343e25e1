import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualAsterisk } from '../../sim/pbx/virtual-asterisk.ts';
import type { CallerEnd, Callers, OutsideCall } from '../callers.ts';
import type { VirtualDialplan } from './dialplan.ts';

const statusOf: Readonly<Record<number, number>> = { 16: 603, 17: 486, 19: 480, 20: 480, 21: 603, 34: 503 };

/** Somebody who rings the model from outside. */
class VirtualCall implements OutsideCall {
  readonly answered: Promise<number>;
  readonly ended: Promise<CallerEnd>;
  private readonly pbx: VirtualAsterisk;
  private readonly channelId: string;
  private answeredAtMs: number | undefined;
  private endedBy: 'caller' | 'callee' | undefined;
  private isOver = false;

  constructor(
    pbx: VirtualAsterisk,
    dialplan: VirtualDialplan,
    channelId: string,
    target: string,
    callerNumber: string,
  ) {
    this.pbx = pbx;
    this.channelId = channelId;
    const answered = Promise.withResolvers<number>();
    const ended = Promise.withResolvers<CallerEnd>();
    this.answered = answered.promise;
    this.ended = ended.promise;
    const channel = pbx.arrive({
      channelId,
      callerNumber,
      callerName: '',
      dialledNumber: target,
      onAnswer: () => {
        this.answeredAtMs = performance.now();
        answered.resolve(200);
      },
      onEnd: (cause) => {
        this.isOver = true;
        answered.resolve(statusOf[cause] ?? 500);
        const talk = this.answeredAtMs === undefined ? {} : { talkMs: performance.now() - this.answeredAtMs };
        ended.resolve({ ...talk, endedBy: this.endedBy ?? 'callee' });
      },
      onDialplan: (context) => dialplan.goesOn(channelId, context),
    });
    // As over SIP: what follows the INVITE comes later.
    if (channel) setImmediate(() => dialplan.enter(channel, target));
  }

  hangUp(): void {
    if (this.isOver) return;
    this.endedBy ??= 'caller';
    this.pbx.hangUp(this.channelId);
  }

  async press(key: string): Promise<void> {
    await this.answered;
    this.pbx.pressKey(this.channelId, key);
  }

  async talk(lengthMs: number): Promise<void> {
    this.pbx.media.talks(this.channelId, lengthMs);
    await sleep(lengthMs);
  }
}

/** Callers of the model, in place of `SipCaller`. */
export function virtualCallers(pbx: VirtualAsterisk, dialplan: VirtualDialplan): Callers {
  const calls: VirtualCall[] = [];
  return {
    call({ target, callerNumber }) {
      const call = new VirtualCall(pbx, dialplan, `outside-${calls.length + 1}`, target, callerNumber);
      calls.push(call);
      return call;
    },
    [Symbol.asyncDispose]: async () => {
      for (const call of calls) call.hangUp();
      await Promise.all(calls.map(({ ended }) => ended));
    },
  };
}
