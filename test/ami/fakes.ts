import { type AmiLink, type AmiLinkOptions, amiErrors, createAmiLink } from '../../src/ami/index.ts';
import type { OpenTransport, TransportHandlers } from '../../src/ami/transport.ts';
import { openCodecWire } from '../../src/ami/wire.ts';
import { AppError, type Logger, type Rng } from '../../src/kernel/index.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

/** How something ended: the code of its error, or `fulfilled`. */
export const ending = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'fulfilled',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

/** Lets all promise reactions run that are ready. */

export const half: Rng = { next: () => 0.5 };

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** One connection as the fake PBX sees it. */
export class FakeSession {
  readonly actions: Map<string, string>[] = [];
  readonly handlers: TransportHandlers;
  closedByClient = false;
  accepts = true;

  constructor(handlers: TransportHandlers) {
    this.handlers = handlers;
  }

  say(text: string): void {
    this.handlers.data(Buffer.from(text));
  }

  drop(): void {
    this.handlers.closed(new AppError(amiErrors.connect_failed, 'ECONNRESET'));
  }

  greet(): void {
    this.handlers.opened();
    this.say('Asterisk Call Manager/11.0.0\r\n');
  }

  /** The last action of that name; fails when there is none. */
  action(name: string): Map<string, string> {
    const action = this.actions.findLast((one) => one.get('Action') === name);
    if (!action) throw new Error(`no ${name} was sent, but ${this.actions.map((one) => one.get('Action')).join()}`);
    return action;
  }

  answer(name: string, ...lines: string[]): void {
    const id = this.action(name).get('ActionID');
    this.say(`Response: Success\r\nActionID: ${id}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
  }

  async logIn(): Promise<void> {
    this.greet();
    this.answer('Challenge', 'Challenge: 123');
    await settle();
    this.answer('Login');
    await settle();
  }

  async goUp(uptimeSeconds = 100): Promise<void> {
    await this.logIn();
    this.say(`Event: FullyBooted\r\nUptime: ${uptimeSeconds}\r\n\r\n`);
    await settle();
  }
}

/** A link over memory: every connection that it opens becomes a session here. */
export function linkOverMemory(options: Partial<AmiLinkOptions> = {}): {
  clock: FakeClock;
  link: AmiLink;
  sessions: FakeSession[];
  session: () => FakeSession;
} {
  const clock = new FakeClock();
  const sessions: FakeSession[] = [];
  const open: OpenTransport = (_, handlers) => {
    const session = new FakeSession(handlers);
    sessions.push(session);
    return {
      write(text) {
        if (!session.accepts) return false;
        for (const message of text.split('\r\n\r\n').filter(Boolean)) session.actions.push(parseAction(message));
        return true;
      },
      close() {
        session.closedByClient = true;
      },
    };
  };
  const link = createAmiLink(
    { nodeId: 'node1', host: 'pbx', port: 5038, username: 'ringmaster', secret: 'secret', ...options },
    { clock, rng: half, log: silent, openWire: (wireOptions, handlers) => openCodecWire(open, wireOptions, handlers) },
  );
  const session = () => {
    const last = sessions.at(-1);
    if (!last) throw new Error('no connection was opened');
    return last;
  };
  return { clock, link, sessions, session };
}

function parseAction(message: string): Map<string, string> {
  const pairs = message.split('\r\n').map((line) => line.split(': ', 2) as [string, string]);
  return new Map(pairs);
}
