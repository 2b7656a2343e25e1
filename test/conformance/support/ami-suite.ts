import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AmiLink,
  type AmiLinkChange,
  type AmiLinkOptions,
  type AmiMessage,
  createAmiLink,
  originateFields,
  packageExclusions,
  unescapeC,
  watchDevices,
} from '../../../src/ami/index.ts';
import type { DeviceFact } from '../../../src/call/index.ts';
import { type Logger, systemClock, systemRng } from '../../../src/kernel/index.ts';
import { ending } from '../../ami/fakes.ts';
import { exclusive } from './exclusive.ts';

/** A PBX that the links are held against: the real one, or the model behind its socket front. */
export interface AmiLab {
  readonly amiHost: string;
  readonly amiPort: number;
  readonly amiTlsPort: number;
  readonly amiUser: string;
  readonly amiSecret: string;
  readonly tlsCa: string;
  /** Two at least, none of them plugged in. */
  readonly phones: readonly { readonly name: string }[];
  /** Plugs a phone in; it answers after 200 ms and hangs up 300 ms later, or is always busy. Gives the way to unplug it. */
  plugIn(phone: number, behaviour: 'answer' | 'busy'): Promise<() => Promise<void>>;
  /** Somebody calls that phone; resolves when the call is over. */
  call(phone: number): Promise<void>;
  /** What the device is from ringing on. */
  readonly inCall: readonly string[];
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Exclusion = keyof typeof packageExclusions;

/** What an adapter does not do, and why; everything else must hold for both. */
const adapters: readonly {
  driver: 'ringmaster' | 'asterisk-manager';
  exclusions: Partial<Record<Exclusion, string>>;
}[] = [
  { driver: 'ringmaster', exclusions: {} },
  { driver: 'asterisk-manager', exclusions: packageExclusions },
];

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const waitMs = { timeout: 15_000, interval: 20 };

/** Every link on one PBX; `lacks` says by the name of a behaviour why that PBX does not have it. */
export function amiSuite(openLab: () => Promise<AmiLab>, lacks: Readonly<Record<string, string>> = {}): void {
  let asterisk: AmiLab;

  beforeAll(async () => {
    asterisk = await openLab();
  });

  afterAll(async () => {
    await asterisk?.stop();
  });

  describe.each(adapters)('AMI by $driver', ({ driver, exclusions }) => {
    const cleanUps: (() => Promise<unknown> | void)[] = [];
    const holdsOf = exclusive(lacks);

    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });

    const holds = (what: Exclusion) => exclusions[what] === undefined;
    /** For the test's title, so that the report tells what an adapter is excused from and why. */
    const excuse = (what: Exclusion) => (holds(what) ? '' : `: excused. ${exclusions[what]}`);

    interface Watched {
      link: AmiLink;
      changes: AmiLinkChange[];
      events: AmiMessage[];
      facts: DeviceFact[];
    }

    function open(options: Partial<AmiLinkOptions> = {}): Watched {
      const { amiHost: host, amiPort: port, amiUser: username, amiSecret: secret } = asterisk;
      const limits = { backoffMinMs: 50, backoffMaxMs: 200, bootTimeoutMs: 3_000, ...options.limits };
      const link = createAmiLink(
        { nodeId: 'lab', host, port, username, secret, driver, ...options, limits },
        { clock: systemClock, rng: systemRng, log: silent },
      );
      const watched: Watched = { link, changes: [], events: [], facts: [] };
      link.onLink((change) => watched.changes.push(change));
      link.onEvent((event) => watched.events.push(event));
      const emit = (fact: DeviceFact) => watched.facts.push(fact);
      const watch = watchDevices({ link, clock: systemClock, log: silent, emit });
      cleanUps.push(() => link.stop());
      cleanUps.push(() => watch.stop());
      link.start();
      return watched;
    }

    async function openUp(options: Partial<AmiLinkOptions> = {}): Promise<Watched> {
      const watched = open(options);
      await vi.waitFor(() => expect(watched.link.state).toBe('up'), waitMs);
      return watched;
    }

    const phone = (index: number) => {
      const found = asterisk.phones[index];
      if (!found) throw new Error('the lab has too few phones');
      return { device: `PJSIP/${found.name}` };
    };

    const statesOf = (facts: readonly DeviceFact[], device: string) =>
      facts.flatMap((fact) => (fact.kind === 'deviceStateChanged' && fact.device === device ? [fact.state] : []));

    it('logs in, waits for FullyBooted, reads the start and every phone’s state', async () => {
      const { changes, events, facts } = await openUp();
      expect(changes).toEqual([{ kind: 'up', bootConfirmed: true }]);
      expect(events[0]?.name).toBe('FullyBooted');
      await vi.waitFor(() => expect(statesOf(facts, phone(0).device)).toEqual(['unavailable']), waitMs);
      expect(statesOf(facts, phone(1).device)).toEqual(['unavailable']);
      expect(facts[0]).toMatchObject({ kind: 'pbxStarted', restarted: false });
      const start = facts[0]?.kind === 'pbxStarted' ? facts[0].startedAtMs : 0;
      expect(Math.abs(systemClock.nowMs() - start)).toBeLessThan(600_000);
    });

    holdsOf('answers actions, refusals and lists', async () => {
      const { link } = await openUp();
      const status = await link.action('CoreStatus');
      expect(status.response.get('CoreStartupDate')).toMatch(/^\d{4}-\d\d-\d\d$/);
      const unknown = await link.action('NoSuchAction');
      expect(unknown.kind === 'refused' && unknown.reason).toContain('unknown command');
      expect(await link.action('Command', { Command: 'core show version' })).toMatchObject({
        kind: 'refused',
        reason: 'Permission denied',
      });
      const list = await link.list('QueueStatus', { Queue: 'lab' });
      const names = list.kind === 'complete' ? list.events.map((event) => event.name) : [];
      expect(names).toEqual(['QueueParams', 'QueueMember', 'QueueMember']);
    });

    it('keeps many actions at once apart', async () => {
      const { link } = await openUp();
      const actions = Array.from({ length: 100 }, (_, index) => link.action(index % 2 ? 'Ping' : 'CoreStatus'));
      const results = await Promise.all(actions);
      const answers = results.map(({ response }) => (response.get('Ping') ? 'Ping' : 'CoreStatus'));
      expect(answers).toEqual(results.map((_, index) => (index % 2 ? 'Ping' : 'CoreStatus')));
      await vi.waitFor(() => expect(link.stats().pendingActions).toBe(0), waitMs);
    });

    it('lets no line break through to the PBX', async () => {
      const { link, events } = await openUp();
      const injected = 'Local/answer@lab-agents\r\n\r\nAction: UserEvent\r\nUserEvent: Injected';
      const fields = { Channel: injected, Context: 'lab-callers', Exten: 'short', Priority: 1, Async: true };
      expect(await ending(link.action('Originate', fields))).toBe('ami.field_refused');
      await link.action('Ping');
      expect(events.map((event) => event.name)).not.toContain('UserEvent');
    });

    holdsOf('carries Chinese and quotes both ways', async () => {
      const { link, events } = await openUp();
      const target = { kind: 'context', context: 'lab-agents', number: '1' } as const;
      const fields = originateFields(target, { context: 'lab-callers', extension: 'giveup' }, 5_000);
      const CallerID = '"张三 \\"Q\\"" <13800000001>';
      const result = await link.action('Originate', { ...fields, Channel: 'Local/answer@lab-agents', CallerID });
      expect(result.kind).toBe('success');
      await vi.waitFor(() => {
        const named = events.find(
          (event) => event.name === 'NewCallerid' && event.get('CallerIDNum') === '13800000001',
        );
        expect(unescapeC(named?.get('CallerIDName') ?? '')).toBe('张三 "Q"');
      }, waitMs);
    });

    it('sees a phone become busy and free again in a call that is not ours', async () => {
      const { facts } = await openUp();
      const target = phone(0);
      cleanUps.push(await asterisk.plugIn(0, 'answer'));
      await vi.waitFor(() => expect(statesOf(facts, target.device).at(-1)).toBe('notInUse'), waitMs);
      await asterisk.call(0);
      await vi.waitFor(() => {
        const states = statesOf(facts, target.device);
        const expected = ['notInUse', ...asterisk.inCall, 'notInUse'];
        expect(states.slice(-expected.length)).toEqual(expected);
      }, waitMs);
    });

    holdsOf('sees a contact come and go', async () => {
      const { facts } = await openUp();
      const target = phone(1);
      const reachable = () =>
        facts.flatMap((fact) =>
          fact.kind === 'contactChanged' && fact.device === target.device ? [fact.reachable] : [],
        );
      const unplug = await asterisk.plugIn(1, 'busy');
      cleanUps.push(unplug);
      await vi.waitFor(() => expect(reachable().at(-1)).toBe(true), waitMs);
      await unplug();
      await vi.waitFor(() => expect(reachable().at(-1)).toBe(false), waitMs);
      expect(statesOf(facts, target.device).at(-1)).toBe('unavailable');
    });

    it('says why it cannot log in, and goes on trying', async () => {
      const { link, changes } = open({ secret: 'wrong' });
      await vi.waitFor(() => expect(link.stats().loginsRefused).toBeGreaterThanOrEqual(2), waitMs);
      expect(changes).toEqual([{ kind: 'down', reason: 'ami.login_refused' }]);
      expect(await ending(link.action('Ping'))).toBe('ami.link_down');
    });

    it('survives a connection cut in the middle of a message, and takes nothing of it along', async () => {
      const proxy = await openProxy();
      const { link, changes, events } = await openUp({ port: proxy.port });
      proxy.inject('Event: UserEvent\r\nUserEvent: Half\r\nText: never fin');
      proxy.cut();
      await vi.waitFor(() => expect(changes.map((change) => change.kind)).toEqual(['up', 'down', 'up']), waitMs);
      expect(await link.action('Ping')).toMatchObject({ kind: 'success' });
      expect(events.map((event) => event.get('UserEvent')).filter(Boolean)).toEqual([]);
      expect(link.stats().reconnects).toBe(1);
      await vi.waitFor(() => expect(link.stats().pendingActions).toBe(0), waitMs);
    });

    it('notices a peer that falls silent', async () => {
      const proxy = await openProxy();
      const { changes, link } = await openUp({ port: proxy.port, limits: { pingIntervalMs: 100, pingTimeoutMs: 200 } });
      proxy.freeze();
      const waiting = ending(link.action('CoreStatus', {}, { deadlineMs: 10_000 }));
      await vi.waitFor(() => expect(changes.at(1)).toEqual({ kind: 'down', reason: 'ami.half_open' }), waitMs);
      expect(await waiting).toBe('ami.link_lost');
    });

    holdsOf('sees the PBX stop and start, and reads its state anew', async () => {
      const { facts, changes, link } = await openUp();
      await vi.waitFor(() => expect(statesOf(facts, phone(0).device)).not.toEqual([]), waitMs);
      const waiting = ending(link.action('Ping'));
      facts.splice(0);
      await asterisk.restart();
      expect(['fulfilled', 'ami.link_lost']).toContain(await waiting);
      await vi.waitFor(
        () => expect(facts).toContainEqual(expect.objectContaining({ kind: 'pbxStarted', restarted: true })),
        waitMs,
      );
      // Asterisk may be gone before its goodbye is written: what is said comes before the start, and need not come.
      const kinds = facts.map((fact) => fact.kind);
      expect(kinds.lastIndexOf('pbxStopping')).toBeLessThan(kinds.indexOf('pbxStarted'));
      expect(changes.map((change) => change.kind)).toEqual(['up', 'down', 'up']);
    });

    holdsOf(
      'speaks TLS',
      async () => {
        const { amiTlsPort: port, tlsCa: ca } = asterisk;
        const { link } = open({ port, tls: { ca } });
        await vi.waitFor(() => expect(link.state === 'up' || link.stats().reconnects > 0).toBe(true), waitMs);
        expect(link.state === 'up').toBe(holds('tls'));
      },
      excuse('tls'),
    );

    holdsOf('refuses a certificate that it does not know or that names somebody else', async () => {
      const { amiTlsPort: port, tlsCa: ca } = asterisk;
      for (const tls of [{}, { ca, serverName: 'pbx.example.org' }]) {
        const { link, changes } = open({ port, tls });
        await vi.waitFor(() => expect(link.stats().reconnects).toBeGreaterThan(0), waitMs);
        expect(changes).toEqual([{ kind: 'down', reason: 'ami.connect_failed' }]);
      }
    });

    it(`never sends the secret${excuse('challengeLogin')}`, async () => {
      const proxy = await openProxy();
      await openUp({ port: proxy.port });
      expect(proxy.sent()).toMatch(/Action: login/i);
      expect(!proxy.sent().includes(asterisk.amiSecret)).toBe(holds('challengeLogin'));
    });

    it(`tells a peer that is no Asterisk nothing${excuse('foreignPeer')}`, async () => {
      let heard = '';
      const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', (chunk) => (heard += chunk.toString()));
        socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      cleanUps.push(() => void server.close());
      const { link } = open({ port: (server.address() as net.AddressInfo).port, limits: { loginTimeoutMs: 300 } });
      await vi.waitFor(() => expect(link.stats().reconnects).toBeGreaterThan(0), waitMs);
      expect(heard === '').toBe(holds('foreignPeer'));
    });

    it(`skips what breaks its limits and goes on${excuse('receiveLimits')}`, async () => {
      const proxy = await openProxy();
      const { link } = await openUp({ port: proxy.port });
      proxy.inject(`Event: Huge\r\nA: ${'x'.repeat(400_000)}\r\n\r\n`);
      expect(await link.action('Ping')).toMatchObject({ kind: 'success' });
      expect(link.stats().refusedByCode['ami.message_too_long'] === 1).toBe(holds('receiveLimits'));
    });

    it(`does not take a bare line feed for a line end${excuse('bareLineFeed')}`, async () => {
      const event = await received('Event: Odd\r\nText: a\nDevice: b\r\n\r\n');
      expect(event.get('Device') === undefined).toBe(holds('bareLineFeed'));
    });

    it(`gives repeated variables as they came${excuse('variableHeaders')}`, async () => {
      const event = await received('Event: Odd\r\nVariable: A=1\r\nVariable: A=2\r\nVariable: B\r\n\r\n');
      expect(event.getAll('Variable').join() === 'A=1,A=2,B').toBe(holds('variableHeaders'));
    });

    it(`keeps the spelling of header names${excuse('headerSpelling')}`, async () => {
      const { link } = await openUp();
      const names = (await link.action('CoreStatus')).response.entries().map(([name]) => name);
      expect(names.includes('CoreStartupDate')).toBe(holds('headerSpelling'));
    });

    async function openProxy(): Promise<Proxy> {
      const proxy = await startProxy(asterisk.amiPort);
      cleanUps.push(() => proxy.close());
      return proxy;
    }

    /** The event `Odd`, said in the PBX's place, as the adapter gives it. */
    async function received(text: string): Promise<AmiMessage> {
      const proxy = await openProxy();
      const { events } = await openUp({ port: proxy.port });
      proxy.inject(text);
      return vi.waitFor(() => {
        const event = events.find((one) => one.name === 'Odd');
        if (!event) throw new Error('not received yet');
        return event;
      }, waitMs);
    }
  });
}

interface Proxy {
  readonly port: number;
  /** What the client has sent so far. */
  sent(): string;
  /** Says something to the client in the PBX's place. */
  inject(text: string): void;
  /** Cuts the connections. */
  cut(): void;
  /** Passes nothing on any more, in either direction, and keeps the connections. */
  freeze(): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of the PBX that can misbehave. */
async function startProxy(pbxPort: number): Promise<Proxy> {
  const pairs = new Set<readonly [net.Socket, net.Socket]>();
  let sent = '';
  const server = net.createServer((client) => {
    const pbx = net.connect(pbxPort, '127.0.0.1');
    const pair = [client, pbx] as const;
    pairs.add(pair);
    client.on('data', (chunk) => {
      sent += chunk.toString();
      pbx.write(chunk);
    });
    pbx.on('data', (chunk) => client.write(chunk));
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        for (const other of pair) other.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const [client, pbx] of pairs) {
      client.end();
      pbx.destroy();
    }
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    sent: () => sent,
    inject: (text) => pairs.forEach(([client]) => client.write(text)),
    cut,
    freeze: () =>
      pairs.forEach((pair) => {
        for (const socket of pair) socket.pause();
      }),
    close: () =>
      new Promise((resolve) => {
        for (const pair of pairs) for (const socket of pair) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
