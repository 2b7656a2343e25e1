import { randomBytes } from 'node:crypto';
import { systemRng } from '../../src/kernel/index.ts';
import type { Phone } from '../../sim/pbx/phone.ts';
import { openFront, realClock } from '../../sim/pbx/front/index.ts';
import { VirtualAsterisk } from '../../sim/pbx/virtual-asterisk.ts';
import { soundLengthMs } from '../asterisk/sounds.ts';
import type { Callers } from '../callers.ts';
import { virtualCallers } from './caller.ts';
import type { AskedServer } from './asked-server.ts';
import { VirtualDialplan } from './dialplan.ts';

/** The model in place of an Asterisk: reached as one is, over AMI and ARI on loopback. */
export interface VirtualPbx extends AsyncDisposable {
  readonly ariUrl: string;
  readonly ariUser: string;
  readonly ariPassword: string;
  readonly amiHost: string;
  readonly amiPort: number;
  readonly amiUser: string;
  readonly amiSecret: string;
  readonly callers: Callers;
  /** From now on the dialplan knows whom to ask. */
  asks(server: AskedServer): void;
}

const spokenMs = 800;
const user = 'ringmaster';

/** Starts the model with phones under the names by which they are dialled; its passwords are new each time. */
export async function startVirtualPbx(phones: ReadonlyMap<string, Phone>): Promise<VirtualPbx> {
  const pbx = new VirtualAsterisk(realClock, systemRng);
  for (const [endpoint, phone] of phones) pbx.addPhone(endpoint, phone);
  pbx.media.soundLengthMs = (media) => soundLengthMs(media.replace(/^sound:/, '')) ?? spokenMs;
  const password = randomBytes(12).toString('hex');
  const secret = randomBytes(12).toString('hex');
  const front = await openFront(pbx, { ari: { user, password }, ami: { user, secret } });
  const dialplan = new VirtualDialplan(pbx);
  const callers = virtualCallers(pbx, dialplan);
  const { ariUrl, amiHost, amiPort } = front;
  return {
    ariUrl,
    ariUser: user,
    ariPassword: password,
    amiHost,
    amiPort,
    amiUser: user,
    amiSecret: secret,
    callers,
    asks: (server) => dialplan.asks(server),
    [Symbol.asyncDispose]: async () => {
      await callers[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
    },
  };
}
