import ariClientPackage from 'ari-client';
import { startAsterisk } from '../lab/index.ts';
import { createAriLink } from '../src/ari/index.ts';
import { type Logger, systemClock, systemRng } from '../src/kernel/index.ts';

export const description =
  'latency of one ARI request after another, ours against ari-client 2.2.0, on a real Asterisk';

const rounds = 9;
const requestsPerRound = 300;
const warmUp = 300;
const pipelinedRequests = 5_000;
const ratioMax = 0.8;
const channelId = 'bench-channel';
const app = 'bench';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** The two requests that a call makes most: a question and a change. Each throws when the PBX does not do it. */
interface Client {
  get(): Promise<unknown>;
  post(value: string): Promise<unknown>;
}

type Kind = keyof Client;
interface Samples {
  readonly get: number[];
  readonly post: number[];
}

export async function run(options: { json: boolean; log(line: string): void }): Promise<{
  name: string;
  figures: Record<string, number>;
  ratios: Record<string, number>;
  ok: boolean;
}> {
  await using asterisk = await startAsterisk({ phones: 1, qualifySeconds: 0 });
  const { ariUrl: url, ariUser: username, ariPassword: password } = asterisk;
  const overWs = await openOurs({ url, username, password, app, transport: 'auto' });
  const overHttp = await openOurs({ url, username, password, app: `${app}-http`, transport: 'http' });
  const theirs = await openTheirs(new URL(url).origin, username, password);
  try {
    await overWs.makeChannel();
    options.log(`Asterisk ${asterisk.version}; ${rounds} rounds of ${requestsPerRound} requests each, in turn`);
    const [ws, http, other] = await measure([overWs.client, overHttp.client, theirs]);
    if (!ws || !http || !other) throw new Error('a client was not measured');
    const pipelinedPerSecond = await pipelined(overWs.client);
    const figures = {
      getUs: us(ws, 'get'),
      postUs: us(ws, 'post'),
      getHttpUs: us(http, 'get'),
      postHttpUs: us(http, 'post'),
      getAriClientUs: us(other, 'get'),
      postAriClientUs: us(other, 'post'),
      pipelinedPerSecond,
    };
    const ratios = {
      /** The worse of the two kinds of request. */
      requestVsAriClient: round(
        Math.max(figures.getUs / figures.getAriClientUs, figures.postUs / figures.postAriClientUs),
      ),
      requestHttpVsAriClient: round(
        Math.max(figures.getHttpUs / figures.getAriClientUs, figures.postHttpUs / figures.postAriClientUs),
      ),
    };
    options.log(`GET  ${figures.getUs} us, over HTTP ${figures.getHttpUs} us, ari-client ${figures.getAriClientUs} us`);
    options.log(
      `POST ${figures.postUs} us, over HTTP ${figures.postHttpUs} us, ari-client ${figures.postAriClientUs} us`,
    );
    options.log(`pipelined on one socket: ${pipelinedPerSecond} requests a second`);
    return { name: 'ari', figures, ratios, ok: ratios.requestVsAriClient <= ratioMax };
  } finally {
    await overWs.stop();
    await overHttp.stop();
  }
}

interface Ours {
  readonly client: Client;
  makeChannel(): Promise<void>;
  stop(): Promise<void>;
}

async function openOurs(address: {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly app: string;
  readonly transport: 'auto' | 'http';
}): Promise<Ours> {
  const link = createAriLink({ ...address, nodeId: 'bench' }, { clock: systemClock, rng: systemRng, log: silent });
  const up = new Promise<void>((resolve) => link.onLink(({ state }) => state === 'up' && resolve()));
  link.start();
  await up;
  const deadline = { deadlineMs: 5_000 };
  const must = async <Answer extends { readonly ok: boolean }>(answer: Promise<Answer>): Promise<Answer> => {
    const settled = await answer;
    if (!settled.ok) throw new Error(`the PBX did not answer: ${JSON.stringify(settled)}`);
    return settled;
  };
  return {
    client: {
      get: () => must(link.request('channels.getChannelVar', { channelId, variable: 'BENCH' }, deadline)),
      post: (value) => must(link.request('channels.setChannelVar', { channelId, variable: 'BENCH', value }, deadline)),
    },
    makeChannel: async () => {
      const entered = new Promise<void>((resolve) =>
        link.onEvent(({ event }) => event.type === 'StasisStart' && resolve()),
      );
      await must(link.request('channels.create', { endpoint: 'Local/answer@lab-agents', app, channelId }, deadline));
      await entered;
      await must(link.request('channels.setChannelVar', { channelId, variable: 'BENCH', value: 'x' }, deadline));
    },
    stop: () => link.stop(),
  };
}

async function openTheirs(origin: string, username: string, password: string): Promise<Client> {
  // swagger-client prints a warning on standard output, which would break `--json`.
  const { log } = console;
  console.log = () => {};
  const client = await ariClientPackage.connect(origin, username, password);
  console.log = log;
  const { channels } = client;
  const { getChannelVar, setChannelVar } = channels ?? {};
  if (!getChannelVar || !setChannelVar) throw new Error('ari-client did not load the channel operations');
  return {
    get: () => getChannelVar({ channelId, variable: 'BENCH' }),
    post: (value) => setChannelVar({ channelId, variable: 'BENCH', value }),
  };
}

/** In turn, several times, so that a slow moment of the machine meets all of them. */
async function measure(clients: readonly Client[]): Promise<Samples[]> {
  const samples = clients.map((): Samples => ({ get: [], post: [] }));
  for (const client of clients) await timeRound(client, warmUp, { get: [], post: [] });
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [index, client] of clients.entries()) {
      const into = samples[index];
      if (into) await timeRound(client, requestsPerRound, into);
    }
  }
  return samples;
}

async function timeRound(client: Client, requests: number, into: Samples): Promise<void> {
  for (let count = 0; count < requests; count += 1) {
    const startedAt = performance.now();
    await client.get();
    const gotAt = performance.now();
    await client.post(String(count));
    into.get.push(gotAt - startedAt);
    into.post.push(performance.now() - gotAt);
  }
}

async function pipelined(client: Client): Promise<number> {
  const batch = 500;
  const startedAt = performance.now();
  for (let sent = 0; sent < pipelinedRequests; sent += batch) {
    await Promise.all(Array.from({ length: batch }, () => client.get()));
  }
  return Math.round((pipelinedRequests / (performance.now() - startedAt)) * 1_000);
}

/** The median, in microseconds. */
function us(samples: Samples, kind: Kind): number {
  const sorted = samples[kind].toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) * 1_000);
}

const round = (ratio: number): number => Math.round(ratio * 1_000) / 1_000;
