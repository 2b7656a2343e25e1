import type { Clock } from '../../src/kernel/index.ts';

/** What a phone does with a call that rings it. Each does nothing when it does not fit any more. */
export interface RingingCall {
  readonly channelId: string;
  readonly callerNumber: string;
  readonly callerName: string;
  /** The phone tells that it rings. */
  ringing(): void;
  answer(): void;
  /** Declines, is busy, or cannot be reached: a Q.850 cause. */
  refuse(cause: number): void;
  /** Hangs up after having answered. */
  hangUp(): void;
  hold(): void;
  resume(): void;
}

/** A phone of the model; what it gives back is told when the call is over. */
export interface Phone {
  /** Undefined: cannot be reached at all, so that dialling it is refused. */
  ring(call: RingingCall): RungPhone | undefined;
}

export interface RungPhone {
  /** The call is gone, by whomever. */
  ended(): void;
}

const nothing: RungPhone = { ended() {} };

/** The lab's agents without SIP by the same names: `Local/answer@lab-agents` (lab/asterisk/dialplan.ts). */
export function wordPhone(endpoint: string, clock: Clock): Phone | undefined {
  const word = /^Local\/([a-z]+)\d*@lab-agents/.exec(endpoint)?.[1];
  const act = word === undefined ? undefined : words[word];
  return (
    act && {
      ring(call) {
        act(call, (delayMs, run) => void clock.after(delayMs, run));
        return nothing;
      },
    }
  );
}

const words: Readonly<Record<string, (call: RingingCall, after: (delayMs: number, run: () => void) => void) => void>> =
  {
    answer: (call) => {
      call.ringing();
      call.answer();
    },
    slow: (call, after) => {
      call.ringing();
      after(2_000, () => call.answer());
    },
    busy: (call) => call.refuse(17),
    ringout: (call) => call.ringing(),
    decline: (call) => call.refuse(21),
    drop: (call, after) => {
      call.ringing();
      call.answer();
      after(200, () => call.hangUp());
    },
    gone: (call) => call.refuse(20),
  };
