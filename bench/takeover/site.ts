import {
  type AsteriskAddress,
  clusterDigit,
  freeTcpPort,
  freeUdpPort,
  installSnippets,
  type LabAsterisk,
  type LabService,
  startAsterisk,
  startPhone,
  startPostgres,
  startRedis,
  TcpProxy,
} from '../../lab/index.ts';
import { newKeySecret } from '../../lab/ringmaster/settings.ts';
import { type LabRingmaster, startRingmaster } from '../../lab/ringmaster/start.ts';
import { Api } from './api.ts';
import type { Size } from './options.ts';
import { PbxWatch } from './pbx-watch.ts';

/** Three queues, so that who talks, who waits and who comes new do not take each other's agents. */
const numbers = { talk: '4101', wait: '4102', new: '4103' } as const;
export type Purpose = keyof typeof numbers;
/** What a caller dials: the way in of the snippets for several instances. */
export const dialled = (purpose: Purpose): string => `${snippets.digit}${clusterDigit}${numbers[purpose]}`;
const purposes: readonly Purpose[] = ['talk', 'wait', 'new'];

/** The snippets as an operator has them written. */
const snippets = { flavour: 'asterisk', prefix: 'bench', digit: '8', boundMs: 800 } as const;

const fallback = 'dialplan:ringmaster-fallback,s,1';
const queueSettings = {
  ringTimeoutMs: '10s',
  maxWaitMs: '5m',
  wrapUpMs: 0,
  overflow: fallback,
  noAnswerLimit: 100,
  waitingCallsMax: 2_000,
  cooldownMs: { declined: '1s', busy: '1s', noAnswer: '1s', unreachable: '1s' },
};

interface Agent {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly queues: readonly Purpose[];
}

/** A real Asterisk with phones, PostgreSQL, Redis, and two instances that reach the PBX through proxies of ours. */
export interface TakeoverSite extends AsyncDisposable {
  readonly asterisk: LabAsterisk;
  readonly postgres: LabService;
  readonly redis: LabService;
  readonly ariProxy: TcpProxy;
  readonly amiProxy: TcpProxy;
  readonly watch: PbxWatch;
  /** The owner of the calls first, then who stands by. */
  readonly servers: readonly LabRingmaster[];
  readonly api: Api;
  agentsFor(purpose: Purpose): readonly string[];
}

export async function openSite(size: Size): Promise<TakeoverSite> {
  const stack = new AsyncDisposableStack();
  try {
    const port = await freeUdpPort();
    const counts: Record<Purpose, number> = { talk: size.talking, wait: size.waiting, new: newAgents(size) };
    const agents = agentsOf(counts);
    const phones = agents.map(({ name }) => ({ name, port }));
    const asterisk = stack.use(await startAsterisk({ phones, qualifySeconds: 0 }));
    stack.use(await startPhone({ behaviour: 'answer', port }));
    const postgres = stack.use(await startPostgres());
    const redis = stack.use(await startRedis());
    const ariProxy = stack.use(await TcpProxy.open(Number(new URL(asterisk.ariUrl).port)));
    const amiProxy = stack.use(await TcpProxy.open(asterisk.amiPort));
    const proxied: AsteriskAddress = {
      ...asterisk,
      ariUrl: `http://127.0.0.1:${ariProxy.address}/ari`,
      amiPort: amiProxy.address,
    };
    const settings = {
      asterisk: proxied,
      numbers: purposes.map((id) => ({
        id,
        number: numbers[id],
        queue: id,
        answer: id === 'wait' ? 'atEntry' : 'withAgent',
        fallback,
      })),
      queues: purposes.map((id) => ({ id, ...queueSettings })),
      agents,
      storeUrl: postgres.url,
      redisUrl: redis.url,
      logLevel: 'warn',
      keySecret: newKeySecret(),
    } as const;
    const owner = stack.use(await startRingmaster({ ...settings, cluster: { instanceId: 'one' } }));
    const standby = stack.use(await startRingmaster({ ...settings, cluster: { instanceId: 'two' } }, 'listening'));
    const servers = [owner, standby];
    await installSnippets(asterisk, {
      ...snippets,
      url: owner.url,
      agiPort: await freeTcpPort(),
      fallback: 'Goto(ringmaster-fallback,s,1)',
    });
    const watch = stack.use(await PbxWatch.open(asterisk));
    const owned = stack.move();
    return {
      asterisk,
      postgres,
      redis,
      ariProxy,
      amiProxy,
      watch,
      servers,
      api: new Api(
        servers.map(({ url }) => url),
        owner.key,
      ),
      agentsFor: (purpose) => agents.filter(({ queues }) => queues[0] === purpose).map(({ id }) => id),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Enough for the calls that pile up while a half-open link is found, and some. */
const newAgents = ({ rate }: Size): number => Math.max(20, rate * 8);

function agentsOf(counts: Readonly<Record<Purpose, number>>): Agent[] {
  const wanted = purposes.flatMap((purpose) => Array.from({ length: counts[purpose] }, () => purpose));
  return wanted.map((purpose, index) => {
    const name = String(1001 + index);
    return { id: `a${name}`, name, endpoint: `PJSIP/${name}`, queues: [purpose] };
  });
}
