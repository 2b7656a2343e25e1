/** Fan-out to many subscribers: our whole way (log, commit, filters, frames) against `ws` alone sending the same bytes. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { NewEvent } from '../src/bridge/ports.ts';
import { attachWebSocket, EventLog, type EventSockets, EventStream, Snapshots } from '../src/events/index.ts';
import { type Logger, systemClock, systemRng } from '../src/kernel/index.ts';
import { createEventStore } from '../src/storage/index.ts';
import type { Order } from './events-clients.ts';

export const subscribers = 1000;
const eventsPerBurst = 25;
const burstsPerRound = 4;
const rounds = 7;
const path = '/v1/events';
const subscribeFrames = ['{"type":"auth","token":"bench"}', '{"type":"subscribe","id":"s","snapshot":false}'];

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** `apart`: each event in a turn of its own. `together`: all of a burst in one turn, as when many calls move at once. */
type Pace = 'apart' | 'together';

/** One side: sends a burst of events to all its clients, every frame of the same length. */
interface Side {
  burst(pace: Pace): Promise<void>;
  close(): Promise<void>;
}

interface Race {
  readonly clients: ChildProcess;
  readonly frameBytes: number;
  readonly ours: Side;
  readonly bare: Side;
}

interface FanoutOutcome {
  /** Deliveries a second, medians of the rounds. */
  readonly ours: number;
  readonly bareWs: number;
}

export async function measureFanout(log: (line: string) => void): Promise<Record<Pace, FanoutOutcome>> {
  const clients = fork(new URL('./events-clients.ts', import.meta.url), { execArgv: [] });
  const ours = await openOurs();
  const bare = await openBareWs();
  try {
    const sample = await ours.sampleFrame();
    bare.use(sample);
    await connect(clients, ours.port, subscribeFrames);
    await connect(clients, bare.port, []);
    const frameBytes = sample.length + (sample.length < 126 ? 2 : 4);
    log(`${subscribers} subscribers of each, frames of ${frameBytes} bytes`);
    const raceAt = (pace: Pace) => alternate(pace, { clients, frameBytes, ours: ours.side, bare: bare.side }, log);
    const outcome = { apart: await raceAt('apart'), together: await raceAt('together') };
    if (ours.sockets.stats().slowReaders > 0) throw new Error('subscribers were closed as slow: the figures are void');
    return outcome;
  } finally {
    clients.kill('SIGKILL');
    await ours.side.close();
    await bare.side.close();
  }
}

/** The two in turn; a first round of each warms up and is not counted. */
async function alternate(pace: Pace, race: Race, log: (line: string) => void): Promise<FanoutOutcome> {
  const rates = { ours: [] as number[], bareWs: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const mine = await deliveriesPerSecond(pace, race, race.ours);
    const theirs = await deliveriesPerSecond(pace, race, race.bare);
    if (round === 0) continue;
    rates.ours.push(mine);
    rates.bareWs.push(theirs);
    log(`${pace} ${round}: ours ${mine}/s, ws alone ${theirs}/s`);
  }
  return { ours: median(rates.ours), bareWs: median(rates.bareWs) };
}

async function deliveriesPerSecond(pace: Pace, { clients, frameBytes }: Race, side: Side): Promise<number> {
  const startMs = performance.now();
  for (let burst = 0; burst < burstsPerRound; burst += 1) {
    tell(clients, { kind: 'expect', bytes: frameBytes * eventsPerBurst * subscribers });
    const arrived = answer(clients);
    await side.burst(pace);
    await arrived;
  }
  const deliveries = burstsPerRound * eventsPerBurst * subscribers;
  return Math.round((deliveries / (performance.now() - startMs)) * 1000);
}

async function openOurs() {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'));
  const parts = { clock: systemClock, rng: systemRng, logger: silent };
  const store = createEventStore({ url: `sqlite:${join(dir, 'log.db')}` }, parts);
  const log = await EventLog.open({ store, ...parts });
  const stream = new EventStream(log, store);
  const server = createServer();
  const sockets: EventSockets = attachWebSocket(server, path, {
    ...parts,
    log,
    stream,
    store,
    authenticate: () => ({ principal: { id: 'bench', kind: 'integration', scopes: ['events:read'] } }),
    snapshots: new Snapshots(
      () => ({ calls: [], agents: [], queues: [] }),
      () => log.lastAssigned,
      systemClock,
    ),
    allowedOrigins: [],
    // The counting clients answer no pings.
    limits: { pingEveryMs: 3_600_000 },
  });
  const write = () => {
    if (!log.write([sampleEvent()], [])) throw new Error('the log refused an event');
  };
  const committed = async () => {
    while (log.lastCommitted < log.lastAssigned) await turn();
  };
  const side: Side = {
    async burst(pace) {
      for (let sent = 0; sent < eventsPerBurst; sent += 1) {
        write();
        if (pace === 'apart') await committed();
      }
    },
    async close() {
      await sockets.stop();
      await log.stop(1000);
      await closed(server);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  /** The text that a subscriber gets for an event; all have the same length. */
  const sampleFrame = async (): Promise<Buffer> => {
    write();
    await committed();
    const [event] = await stream.after(0, 1);
    if (!event || typeof event === 'string') throw new Error('no event came');
    return Buffer.from(`{"type":"event","id":"s","event":${event.text(false)}}`);
  };
  return { side, sockets, sampleFrame, port: await listening(server) };
}

async function openBareWs() {
  const server = createServer();
  const wss = new WebSocketServer({ server, path, perMessageDeflate: false, handleProtocols: () => 'cti.v1' });
  const open: WebSocket[] = [];
  wss.on('connection', (ws) => open.push(ws));
  let sample: unknown;
  const send = () => {
    // What any server does for an event: make its text once and send it to everyone.
    const bytes = Buffer.from(JSON.stringify(sample));
    for (const ws of open) ws.send(bytes, { binary: false });
  };
  const side: Side = {
    async burst(pace) {
      for (let sent = 0; sent < eventsPerBurst; sent += 1) {
        send();
        if (pace === 'apart') await turn();
      }
    },
    async close() {
      for (const ws of open) ws.terminate();
      await closed(server);
    },
  };
  const use = (frame: Buffer) => {
    sample = JSON.parse(frame.toString());
  };
  return { side, use, port: await listening(server) };
}

function sampleEvent(): NewEvent {
  const nowMs = systemClock.nowMs();
  return {
    type: 'call.answered.v1',
    subject: 'call/0198f3a0-0000-7000-8000-000000000001',
    atMs: nowMs,
    callSequence: 5,
    data: {
      call: {
        id: '0198f3a0-0000-7000-8000-000000000001',
        version: 5,
        phase: 'talking',
        phaseSinceMs: nowMs,
        nodeId: 'pbx1',
        callerNumber: '13800138000',
        dialledNumber: '4008001234',
        language: 'zh',
        entryId: 'main',
        queueId: 'support',
        agentId: 'agent-17',
        priority: 10,
        enteredAtMs: nowMs,
        queuedAtMs: nowMs,
        customer: { status: 'fresh', id: 'c-1042', name: '测试客户', tier: 'gold', vip: true },
        data: { ivr: '1>2', order: 'A-20931' },
      },
      agentId: 'agent-17',
      ringMs: 2400,
      waitedMs: 8100,
    },
  };
}

function tell(clients: ChildProcess, order: Order): void {
  clients.send(order);
}

async function answer(clients: ChildProcess): Promise<void> {
  const heard = new AbortController();
  const gone = once(clients, 'exit', { signal: heard.signal }).then(
    () => 'gone',
    () => 'heard',
  );
  const first = await Promise.race([once(clients, 'message', { signal: heard.signal }), gone]);
  heard.abort();
  if (first === 'gone') throw new Error('the clients ended');
}

async function connect(clients: ChildProcess, port: number, frames: readonly string[]): Promise<void> {
  tell(clients, { kind: 'connect', port, path, protocol: 'cti.v1', frames, count: subscribers });
  await answer(clients);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1', 1024);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
