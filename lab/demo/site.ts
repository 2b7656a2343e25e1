import type { Callers } from '../callers.ts';
import { freeTcpPort, type SampleCrm, startSampleCrm } from '../index.ts';
import type { ControlRoom } from '../ringmaster/control-room.ts';
import { type LabRingmaster, startRingmaster } from '../ringmaster/start.ts';
import { type DemoDesk, openDesk, openSampleDesk } from './desk.ts';
import { houseOptions } from './house.ts';
import { choosePbx, realTelephony, virtualTelephony, type WantedPbx } from './telephony.ts';

/** Everything that the demo stands on: PBX and phones, sample CRM, ticket desk, and the server in its own process. */
export interface Site extends AsyncDisposable {
  /** `virtual`, or `Asterisk` and its version. */
  readonly pbx: string;
  /** Why this one. */
  readonly why: string;
  readonly crm: SampleCrm;
  readonly server: LabRingmaster;
  readonly room: ControlRoom;
  readonly callers: Callers;
  readonly desk: DemoDesk;
}

/** Builds the site; `tell` is told each step, since the first time may install packages. */
export async function openSite(wanted: WantedPbx, tell: (line: string) => void): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const { kind, why } = await choosePbx(wanted);
  tell(`PBX: ${kind === 'virtual' ? 'the virtual one, no Asterisk' : 'a real Asterisk'} (${why})`);
  // Perl takes its time; meanwhile the others start.
  const opening = kind === 'virtual' ? openSampleDesk() : openDesk(tell);
  stack.defer(async () => (await opening.catch(() => undefined))?.[Symbol.asyncDispose]());
  try {
    const telephony = stack.use(await (kind === 'virtual' ? virtualTelephony(tell) : realTelephony(tell)));
    const crm = stack.use(await startSampleCrm());
    const desk = await opening;
    tell(`Sample CRM and ${desk.name} are up`);
    const agiPort = await freeTcpPort();
    const { address: asterisk, redisUrl, soundsDir, pbx, callers, mirror } = telephony;
    const more = { ...(redisUrl === undefined ? {} : { redisUrl }), ...(mirror ? { mirror } : {}) };
    const server = stack.use(
      await startRingmaster({ asterisk, crm, ...more, ...houseOptions(desk, soundsDir, agiPort) }),
    );
    tell(`Ringmaster listens at ${server.url}; its log is ${server.logPath}`);
    await telephony.serves(server, agiPort);
    const room = stack.use(await server.open());
    const owned = stack.move();
    return { pbx, why, crm, server, room, callers, desk, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
