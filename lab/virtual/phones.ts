import { type Clock, systemClock } from '../../src/kernel/index.ts';
import type { Phone, RingingCall, RungPhone } from '../../sim/pbx/phone.ts';
import type { PhoneOptions } from '../sip/scenarios.ts';

const rung: RungPhone = { ended() {} };
const causes = { busy: 17, decline: 21 } as const;

/** A phone of the model that treats its calls as a sipp phone with the same options does. */
export function virtualPhone(options: PhoneOptions, clock: Clock = systemClock): Phone {
  return {
    ring(call) {
      act(call, options, (delayMs, run) => void clock.after(delayMs, run));
      return rung;
    },
  };
}

function act(call: RingingCall, options: PhoneOptions, after: (delayMs: number, run: () => void) => void): void {
  const { behaviour, answerAfterMs = 0, talkMs } = options;
  if (behaviour === 'busy') return call.refuse(causes.busy);
  call.ringing();
  if (behaviour === 'noAnswer') return;
  if (behaviour === 'decline') return after(answerAfterMs, () => call.refuse(causes.decline));
  const talksMs = talkMs ?? (behaviour === 'answerThenDrop' ? 50 : undefined);
  after(answerAfterMs, () => {
    call.answer();
    if (talksMs !== undefined) after(talksMs, () => call.hangUp());
  });
}
