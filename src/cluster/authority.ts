import type { PbxPort } from '../bridge/ports.ts';
import { BoundedQueue, type Clock } from '../kernel/index.ts';

type CommandResult = Awaited<ReturnType<PbxPort['send']>>;

/** Commands that may wait until we are sure again, and for how long. */
const heldMax = 10_000;
const holdMs = 1_500;
/**
 * An owner whom neither Redis nor PostgreSQL answers goes to the PBX again only when it has heard the PBX so long after
 * they last vouched for it: then it is they who are away. Who was cut off from all of them may be the first to reach the
 * PBX again, when the name there is another's. Longer than a link is dead unnoticed.
 */
const aloneMs = 10_000;

interface Held {
  readonly untilMs: number;
  readonly go: (may: boolean) => void;
}

/**
 * The right of an owner to speak to the PBX. Open as long as nobody else can own the shard; in doubt for the moment
 * until Redis or PostgreSQL have said so again, when commands wait; closed for good when another one owns it.
 */
export class Authority {
  private readonly clock: Clock;
  private readonly onDoubt: () => void;
  private sureUntilMs = 0;
  private provenUntilMs = 0;
  private closed = false;
  private held = new BoundedQueue<Held>(heldMax);

  /** `onDoubt` is called when somebody waits: it is time to ask. */
  constructor(clock: Clock, onDoubt: () => void) {
    this.clock = clock;
    this.onDoubt = onDoubt;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Nothing passes any more; what waits is dropped without an answer, for whoever waits for it is gone too. */
  close(): void {
    this.closed = true;
    this.held = new BoundedQueue(heldMax);
  }

  /** We are sure until then, by our clock; `provenUntilMs` not only because nobody answers. */
  confirm({ sureUntilMs, provenUntilMs }: { readonly sureUntilMs: number; readonly provenUntilMs: number }): void {
    this.sureUntilMs = sureUntilMs;
    this.provenUntilMs = provenUntilMs;
    if (this.held.size === 0 || !this.isSure()) return;
    const nowMs = this.clock.nowMs();
    for (const { untilMs, go } of this.held.drain()) go(nowMs <= untilMs);
  }

  /** Runs at once, or when we are sure again, in the order of these calls; refused after a while; never when closed. */
  async pass(send: () => Promise<CommandResult>): Promise<CommandResult> {
    if (this.closed) return new Promise(() => undefined);
    if (this.held.size === 0 && this.isSure()) return send();
    return new Promise((resolve) => {
      const refuse = (): void => resolve({ ok: false, failure: 'unavailable' });
      const untilMs = this.clock.nowMs() + holdMs;
      const isIn = this.held.push({ untilMs, go: (may) => (may ? void send().then(resolve) : refuse()) });
      if (!isIn) return refuse();
      this.onDoubt();
    });
  }

  /** Whether nobody else can own the shard. Asks, when it is not so. */
  stands(): boolean {
    const isOurs = !this.closed && this.isSure();
    if (!isOurs && !this.closed) this.onDoubt();
    return isOurs;
  }

  /**
   * Whether we may appear before the PBX under a name that it gives to whoever comes last. `heardAtMs`: when that PBX
   * was heard of last.
   */
  mayConnect(heardAtMs: number): boolean {
    const nowMs = this.clock.nowMs();
    if (this.closed || nowMs >= this.sureUntilMs) return false;
    return nowMs < this.provenUntilMs || heardAtMs - this.provenUntilMs >= aloneMs;
  }

  private isSure(): boolean {
    return this.clock.nowMs() < this.sureUntilMs;
  }
}

/** Call control that falls silent, in both directions, when we lose the shard. */
export function guardedPbx(port: PbxPort, authority: Authority): PbxPort {
  const whileOpen =
    <News>(listener: (news: News) => void) =>
    (news: News): void => {
      if (!authority.isClosed) listener(news);
    };
  return {
    nodeId: port.nodeId,
    onFact: (listener) => port.onFact(whileOpen(listener)),
    onSnapshot: (listener) => port.onSnapshot(whileOpen(listener)),
    onLink: (listener) => port.onLink(listener),
    onBroadcast: (wanted) => port.onBroadcast((call) => !authority.isClosed && wanted(call)),
    start: () => {
      if (!authority.isClosed) port.start();
    },
    stop: () => port.stop(),
    send: (callId, command) => authority.pass(() => port.send(callId, command)),
  };
}
