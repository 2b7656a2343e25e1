import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import createManager from 'asterisk-manager';
import type { DeviceFact } from '../src/call/index.ts';
import { type AmiMessage, createAmiLink, translateAmiEvent } from '../src/ami/index.ts';
import { type Logger, systemClock, systemRng } from '../src/kernel/index.ts';

export const description =
  'manager events a second, ours against asterisk-manager 0.2.0, on recorded traffic over a socket';

const recording = fileURLToPath(new URL('../test/fixtures/ami/traffic.txt', import.meta.url));
const repeats = 20;
const rounds = 7;
const roundTimeoutMs = 60_000;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** What the subscriber does with each event. Both clients do the same, and tell how much they found. */
type Work = 'facts' | 'everyHeader';

interface Outcome {
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly found: number;
}

interface Client {
  replay(work: Work): Promise<Outcome>;
  close(): Promise<void>;
}

export async function run(options: { json: boolean; log(line: string): void }): Promise<{
  name: string;
  figures: Record<string, number>;
  ratios: Record<string, number>;
  ok: boolean;
}> {
  const worker = new Worker(new URL('./ami-replay.ts', import.meta.url), { workerData: { recording, repeats } });
  const [{ port, messages }] = (await once(worker, 'message')) as [{ port: number; messages: number }];
  const ours = await openOurs(port);
  const theirs = await openTheirs(port);
  try {
    const facts = await compare('facts', ours, theirs);
    const headers = await compare('everyHeader', ours, theirs);
    const perSecond = (outcome: Outcome) => Math.round((messages / outcome.elapsedMs) * 1_000);
    const figures = {
      messagesPerRound: messages,
      oursPerSecond: perSecond(facts.ours),
      asteriskManagerPerSecond: perSecond(facts.theirs),
      oursCpuUsPerMessage: round((facts.ours.cpuMs / messages) * 1_000),
      asteriskManagerCpuUsPerMessage: round((facts.theirs.cpuMs / messages) * 1_000),
      oursEveryHeaderPerSecond: perSecond(headers.ours),
      asteriskManagerEveryHeaderPerSecond: perSecond(headers.theirs),
    };
    const ratios = {
      eventsVsAsteriskManager: round(figures.oursPerSecond / figures.asteriskManagerPerSecond),
      everyHeaderVsAsteriskManager: round(
        figures.oursEveryHeaderPerSecond / figures.asteriskManagerEveryHeaderPerSecond,
      ),
    };
    options.log(
      `device facts:  ours ${figures.oursPerSecond}/s, asterisk-manager ${figures.asteriskManagerPerSecond}/s`,
    );
    options.log(
      `every header:  ours ${figures.oursEveryHeaderPerSecond}/s, asterisk-manager ${figures.asteriskManagerEveryHeaderPerSecond}/s`,
    );
    return { name: 'ami', figures, ratios, ok: ratios.eventsVsAsteriskManager >= 5 };
  } finally {
    await ours.close();
    await theirs.close();
    await worker.terminate();
  }
}

/** In turn, the first round of each as warm-up; the medians by time. Fails when the two did not find the same. */
async function compare(work: Work, ours: Client, theirs: Client): Promise<{ ours: Outcome; theirs: Outcome }> {
  const outcomes = { ours: [] as Outcome[], theirs: [] as Outcome[] };
  for (let round = 0; round <= rounds; round += 1) {
    const mine = await ours.replay(work);
    const other = await theirs.replay(work);
    if (mine.found !== other.found || mine.found === 0) {
      throw new Error(`the two clients did not find the same: ${mine.found}, ${other.found}`);
    }
    if (round === 0) continue;
    outcomes.ours.push(mine);
    outcomes.theirs.push(other);
  }
  return { ours: median(outcomes.ours), theirs: median(outcomes.theirs) };
}

/** Runs one replay: `start` asks for it, the subscriber calls `end` when it has seen the last event. */
async function measure(start: () => void, found: () => number, end: Promise<void>): Promise<Outcome> {
  const cpu = process.threadCpuUsage();
  const startedAtMs = performance.now();
  const timeout = setTimeout(() => process.exit(1), roundTimeoutMs);
  start();
  await end;
  clearTimeout(timeout);
  const { user, system } = process.threadCpuUsage(cpu);
  return { elapsedMs: performance.now() - startedAtMs, cpuMs: (user + system) / 1_000, found: found() };
}

async function openOurs(port: number): Promise<Client> {
  const options = { nodeId: 'bench', host: '127.0.0.1', port, username: 'bench', secret: 'bench' };
  const link = createAmiLink(options, { clock: systemClock, rng: systemRng, log: silent });
  const up = new Promise<void>((resolve) => link.onLink(() => resolve()));
  link.start();
  await up;
  return {
    async replay(work) {
      let found = 0;
      const end = Promise.withResolvers<void>();
      const perform = work === 'facts' ? ourFacts : ourHeaders;
      const stop = link.onEvent((event) => {
        found += perform(event);
        if (event.name === 'UserEvent' && event.get('UserEvent') === 'ReplayEnd') end.resolve();
      });
      const outcome = await measure(
        () => void link.action('Replay'),
        () => found,
        end.promise,
      );
      stop();
      return outcome;
    },
    close: () => link.stop(),
  };
}

const ourFacts = (event: AmiMessage): number => (translateAmiEvent(event, 'bench', 0) ? 1 : 0);

function ourHeaders(event: AmiMessage): number {
  const headers = new Map(event.entries());
  return headers.get('Linkedid') ? 1 : 0;
}

type PackageEvent = Readonly<Record<string, string>>;

async function openTheirs(port: number): Promise<Client> {
  const manager = createManager(undefined, '127.0.0.1', 'bench', 'bench', true);
  await new Promise<void>((resolve) => manager.connect(port, '127.0.0.1', resolve));
  await new Promise<unknown>((resolve) => manager.login(resolve));
  return {
    async replay(work) {
      let found = 0;
      const end = Promise.withResolvers<void>();
      const perform = work === 'facts' ? theirFacts : theirHeaders;
      manager.on('managerevent', (raw) => {
        const event = raw as PackageEvent;
        found += perform(event);
        if (event['event'] === 'UserEvent' && event['userevent'] === 'ReplayEnd') end.resolve();
      });
      const outcome = await measure(
        () => void manager.action({ action: 'Replay' }),
        () => found,
        end.promise,
      );
      manager.removeAllListeners('managerevent');
      return outcome;
    },
    close: () => new Promise((resolve) => manager.disconnect(resolve)),
  };
}

/** As `translateAmiEvent`, on the package's own form of an event: nothing of ours in between. */
function theirFacts(event: PackageEvent): number {
  if (event['event'] !== 'DeviceStateChange' || !event['device']) return 0;
  const state = event['state'] === 'NOT_INUSE' ? 'notInUse' : 'inUse';
  const fact: DeviceFact = { kind: 'deviceStateChanged', nodeId: 'bench', atMs: 0, device: event['device'], state };
  return fact.device ? 1 : 0;
}

/** The package has already made an object of all headers. */
const theirHeaders = (event: PackageEvent): number => (event['linkedid'] ? 1 : 0);

function median(outcomes: readonly Outcome[]): Outcome {
  const sorted = [...outcomes].sort((a, b) => a.elapsedMs - b.elapsedMs);
  const middle = sorted[sorted.length >> 1];
  if (!middle) throw new Error('no rounds');
  return middle;
}

const round = (value: number): number => Math.round(value * 100) / 100;
