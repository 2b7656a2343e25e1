import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { errorText } from '../../src/kernel/index.ts';
import type { Callers } from '../callers.ts';
import { labError } from '../errors.ts';
import { installSnippets, SipCaller, startAsterisk, startPhone, startRedis } from '../index.ts';
import { needTool, provideAsterisk } from '../provision.ts';
import type { RingmasterOptions } from '../ringmaster/settings.ts';
import type { LabRingmaster } from '../ringmaster/start.ts';
import { startVirtualPbx } from '../virtual/pbx.ts';
import { virtualPhone } from '../virtual/phones.ts';
import { appQueueConfig, appQueueDialplan, appQueueMirror } from './app-queue.ts';
import { agents, customerPhones, outsideDialplan, outsideEndpoint, phones, snippets } from './house.ts';

export type WantedPbx = 'auto' | 'asterisk' | 'virtual';

/** PBX, phones and callers of the demo. */
export interface Telephony extends AsyncDisposable {
  /** `virtual`, or `Asterisk` and its version. */
  readonly pbx: string;
  readonly address: RingmasterOptions['asterisk'];
  readonly callers: Callers;
  /** Where spoken prompts belong. */
  readonly soundsDir: string;
  /** Without Redis the server keeps what it has looked up in its own memory. */
  readonly redisUrl?: string;
  /** The section `mirror` of the server, where this PBX has an app_queue. */
  readonly mirror?: object;
  /** The server is up: lets the dialplan ask it, and prompts be spoken. */
  serves(server: LabRingmaster, agiPort: number): Promise<void>;
}

export interface ChosenPbx {
  readonly kind: 'asterisk' | 'virtual';
  readonly why: string;
}

/** The real Asterisk where it is on this machine or can be installed, else the model. Rejects when only the real one will do. */
export async function choosePbx(wanted: WantedPbx): Promise<ChosenPbx> {
  if (wanted === 'virtual') return { kind: 'virtual', why: '--pbx virtual' };
  try {
    await provideAll();
  } catch (error) {
    if (wanted === 'asterisk') throw error;
    return { kind: 'virtual', why: `no Asterisk can be had here: ${errorText(error)}` };
  }
  return { kind: 'asterisk', why: wanted === 'asterisk' ? '--pbx asterisk' : 'it can be had on this machine' };
}

async function provideAll(): Promise<void> {
  if (process.platform !== 'linux') throw labError('tool_missing', `asterisk: the lab starts it on Linux only`);
  await provideAsterisk();
  for (const tool of ['openssl', 'sipp', 'redis-server', 'espeak-ng'] as const) await needTool(tool);
}

export async function realTelephony(tell: (line: string) => void): Promise<Telephony> {
  const stack = new AsyncDisposableStack();
  try {
    tell('Asterisk (the first start on a machine installs it, about a minute)');
    const asterisk = stack.use(
      await startAsterisk({
        phones: phones.length,
        dialplan: `${outsideDialplan}\n${appQueueDialplan}`,
        extraConfig: appQueueConfig,
      }),
    );
    tell(`Asterisk ${asterisk.version} is up`);
    for (const [index, options] of phones.entries())
      stack.use(await startPhone({ ...options, port: asterisk.phones[index]?.port ?? 0 }));
    tell(`${phones.length} SIP phones are up`);
    const { url: redisUrl } = stack.use(await startRedis());
    tell('Redis is up');
    const callers = stack.use(await SipCaller.open(asterisk));
    const owned = stack.move();
    return {
      pbx: `Asterisk ${asterisk.version}`,
      address: asterisk,
      callers,
      soundsDir: join(asterisk.runDir, 'data/sounds'),
      redisUrl,
      mirror: appQueueMirror,
      async serves(server, agiPort) {
        await needTool('espeak-ng');
        await server.command('prompts', 'build');
        tell('The prompts are spoken, in Mandarin and English');
        await installSnippets(asterisk, { ...snippets, url: server.url, agiPort });
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Nothing but Node: neither SIP nor sound, no Redis, nothing spoken. */
export async function virtualTelephony(tell: (line: string) => void): Promise<Telephony> {
  const desks = agents.map(
    ({ endpoint }, index) => [endpoint, virtualPhone(phones[index] ?? { behaviour: 'busy' })] as const,
  );
  const outside = customerPhones().map(([number, phone]) => [outsideEndpoint(number), phone] as const);
  const pbx = await startVirtualPbx(new Map([...desks, ...outside]));
  tell(`The virtual PBX speaks ARI and AMI at ${pbx.ariUrl}; its ${desks.length} phones are up`);
  return {
    pbx: 'virtual',
    address: pbx,
    callers: pbx.callers,
    soundsDir: join(tmpdir(), 'ringmaster-nobody-hears'),
    serves: async ({ url }, agiPort) => pbx.asks({ url, agiPort, boundMs: snippets.boundMs }),
    [Symbol.asyncDispose]: () => pbx[Symbol.asyncDispose](),
  };
}
