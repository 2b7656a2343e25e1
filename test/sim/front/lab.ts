import { systemClock } from '../../../src/kernel/index.ts';
import { SeededRng } from '../../../sim/chance/rng.ts';
import { openFront, realClock } from '../../../sim/pbx/front/index.ts';
import type { RingingCall } from '../../../sim/pbx/phone.ts';
import { VirtualAsterisk } from '../../../sim/pbx/virtual-asterisk.ts';

/** The model behind its socket front, with two phones that are not plugged in, in the words of the suites' labs. */
export async function openFrontLab() {
  const pbx = new VirtualAsterisk(realClock, new SeededRng(1));
  const ari = { user: 'ringmaster', password: 'ari-password' };
  const ami = { user: 'ringmaster', secret: 'ami-secret' };
  const front = await openFront(pbx, { ari, ami });
  return {
    pbx,
    version: '22.10.1',
    ariUrl: front.ariUrl,
    ariUser: ari.user,
    ariPassword: ari.password,
    amiHost: front.amiHost,
    amiPort: front.amiPort,
    amiUser: ami.user,
    amiSecret: ami.secret,
    amiTlsPort: 0,
    tlsCa: '',
    async kill9() {
      pbx.kill();
    },
    async restart() {
      if (pbx.isRunning) pbx.kill();
      pbx.boot();
    },
    stop: async () => front[Symbol.asyncDispose](),
  };
}

/** A phone that answers after 200 ms and hangs up 300 ms later. */
export const answering = {
  ring(call: RingingCall) {
    call.ringing();
    systemClock.after(200, () => call.answer());
    systemClock.after(500, () => call.hangUp());
    return { ended() {} };
  },
};
