import { AppError, errorText, type Timer } from '../../kernel/index.ts';
import type { Identity, Principal } from '../../security/index.ts';
import { eventErrors } from '../errors.ts';
import type { LogEvent } from '../event.ts';
import { AckWindow } from './ack-window.ts';
import { errorFrame, type ServerFrame } from './frames.ts';
import { type ClientFrame, closeCodes, parseClientFrame, protocolName, type SubscribeFrame } from './protocol.ts';
import { grant } from './rights.ts';
import type { SessionContext, SessionLink } from './session-context.ts';
import { cutSnapshot, type TakenSnapshot } from './snapshots.ts';
import { Sitting } from './sitting.ts';
import { type Carrier, Subscription } from './subscription.ts';

const earlyFramesMax = 16;

/** One connection's side of the protocol: who it is, what it reads, and how patient we are with it. */
export class Session implements Carrier {
  private readonly context: SessionContext;
  private readonly link: SessionLink;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly authTimer: Timer;
  private readonly sitting: Sitting;
  private authenticating = false;
  private readonly early: string[] = [];
  private badFrames = 0;
  private windowStartMs = 0;
  private framesInWindow = 0;
  private over = false;

  constructor(context: SessionContext, link: SessionLink) {
    this.context = context;
    this.link = link;
    this.sitting = new Sitting(context, (why) => this.refuse(why));
    this.authTimer = context.clock.after(context.limits.authTimeoutMs, () => {
      if (!this.sitting.principal) this.refuse('no token in time');
    });
  }

  get idle(): boolean {
    return this.link.idle;
  }

  get size(): number {
    return this.subscriptions.size;
  }

  /** Reads one text frame. */
  receive(text: string): void {
    if (this.over) return;
    // A client may send on without waiting for the answer to its token.
    if (this.authenticating) return this.keepForLater(text);
    if (this.tooFast()) return this.bad(errorFrame(eventErrors.frame_rate));
    const parsed = parseClientFrame(text);
    if (!parsed.ok) return this.bad(errorFrame(eventErrors.frame_invalid, parsed.detail));
    this.handle(parsed.frame);
  }

  receiveBinary(): void {
    if (!this.over) this.bad(errorFrame(eventErrors.frame_invalid, 'binary frame'));
  }

  /** Also for a token that came with the upgrade. */
  async authenticate(token: string): Promise<void> {
    const { sitting } = this;
    const isRenewal = sitting.principal !== undefined;
    if (this.authenticating || (isRenewal && sitting.expiresAtMs === undefined))
      return this.bad(errorFrame(eventErrors.frame_invalid, 'second token'));
    this.authenticating = true;
    const identity = await this.identityOf(token);
    this.authenticating = false;
    if (this.over) return;
    if (!identity) return this.refuse('the token is not valid');
    // Subscriptions were granted to somebody with certain rights; with other rights they are asked for anew.
    if (isRenewal && !sitting.fits(identity)) return this.refuse('the token is of somebody else, or of other rights');
    sitting.begin(identity);
    if (isRenewal) this.send({ type: 'renewed', ...this.expiry() });
    else this.welcome(identity.principal);
    for (const text of this.early.splice(0)) this.receive(text);
  }

  private expiry(): { readonly expiresAtMs?: number } {
    const { expiresAtMs } = this.sitting;
    return expiresAtMs === undefined ? {} : { expiresAtMs };
  }

  private welcome(principal: Principal): void {
    this.authTimer.cancel();
    const { log, limits, clock } = this.context;
    this.send({
      type: 'hello',
      protocol: protocolName,
      epoch: log.epoch,
      sequence: log.lastCommitted,
      nowMs: clock.nowMs(),
      principal: { id: principal.id, kind: principal.kind },
      ...this.expiry(),
      limits: {
        subscriptionsMax: limits.subscriptionsMax,
        frameBytesMax: limits.frameBytesMax,
        ackWindow: limits.ackWindow,
      },
    });
  }

  /** Called when the socket has taken everything that waited. */
  resumePulling(): void {
    for (const subscription of this.subscriptions.values()) subscription.resumePulling();
  }

  end(): void {
    this.over = true;
    this.authTimer.cancel();
    this.sitting.end();
    for (const subscription of this.subscriptions.values()) this.drop(subscription);
  }

  sendEvent(subscription: Subscription, event: LogEvent, coalesceKey?: string): void {
    if (this.over) return;
    this.context.counts.deliveries += 1;
    this.link.sendFrame(this.context.frames.of(event, subscription.id, subscription.mayReadPii), coalesceKey);
  }

  sendSnapshot(subscription: Subscription, taken: TakenSnapshot): void {
    const { log, counts, held } = this.context;
    held.delete(subscription);
    counts.snapshots += 1;
    const state = cutSnapshot(taken.state, subscription.filter, subscription.mayReadPii, this.context.seal);
    this.send({ type: 'snapshot', id: subscription.id, epoch: log.epoch, sequence: taken.sequence, ...state });
  }

  broken(subscription: Subscription, error: AppError | 'hole'): void {
    // Half a replay is worse than none: the client begins again and is then told `recovered: false`.
    if (error === 'hole') return this.link.close(closeCodes.resync, 'the log no longer reaches back; subscribe again');
    this.drop(subscription);
    this.send(errorFrame(error, undefined, subscription.id));
  }

  private keepForLater(text: string): void {
    if (this.early.length < earlyFramesMax) this.early.push(text);
    else this.bad(errorFrame(eventErrors.frame_rate));
  }

  private async identityOf(token: string): Promise<Identity | undefined> {
    try {
      return await this.context.authenticate(token);
    } catch {
      // A defect or an outage of the key store is not the client's right to come in.
      return undefined;
    }
  }

  private handle(frame: ClientFrame): void {
    if (frame.type === 'auth') return void this.authenticate(frame.token);
    if (frame.type === 'ping')
      return this.send(frame.nonce === undefined ? { type: 'pong' } : { type: 'pong', nonce: frame.nonce });
    const { principal } = this.sitting;
    if (!principal) return this.refuse('the first frame must be auth');
    if (frame.type === 'subscribe') return void this.subscribe(frame, principal);
    const subscription = this.subscriptions.get(frame.id);
    if (!subscription) return this.send(errorFrame(eventErrors.subscription_unknown, undefined, frame.id));
    if (frame.type === 'ack') return this.ack(subscription, Number(frame.sequence));
    this.drop(subscription);
    this.send({ type: 'unsubscribed', id: frame.id });
  }

  private ack(subscription: Subscription, sequence: number): void {
    this.context.counts.acks += 1;
    const result = subscription.ack(sequence);
    // There are no more of these than events delivered: who acknowledges each one of a replay is not too fast.
    if (result === 'moved') this.framesInWindow -= 1;
    if (result === 'unknown') this.send(errorFrame(eventErrors.ack_invalid, undefined, subscription.id));
  }

  private async subscribe(frame: SubscribeFrame, principal: Principal): Promise<void> {
    const { id } = frame;
    if (this.subscriptions.has(id)) return this.send(errorFrame(eventErrors.subscription_exists, undefined, id));
    if (this.subscriptions.size >= this.context.limits.subscriptionsMax) {
      return this.send(errorFrame(eventErrors.too_many_subscriptions, undefined, id));
    }
    const granted = grant(principal, frame.filter ?? {}, this.context.queuesOf);
    if (!granted.ok) return this.send(errorFrame(eventErrors.forbidden, granted.detail, id));
    if (frame.consumer !== undefined && principal.kind === 'agent') {
      return this.send(errorFrame(eventErrors.forbidden, 'durable consumers are for integrations', id));
    }
    const consumerId = frame.consumer === undefined ? undefined : `${principal.id}/${frame.consumer}`;
    const setup = { id, filter: granted.filter, mayReadPii: granted.mayReadPii, consumerId };
    const subscription = new Subscription(setup, this.context.stream, this);
    try {
      if (consumerId === undefined) await this.startOrdinary(subscription, frame);
      else await this.startDurable(consumerId, subscription, frame);
    } catch (error) {
      this.context.logger.warn(
        { code: error instanceof AppError ? error.code : errorText(error) },
        'a subscription could not begin',
      );
      if (!subscription.ended) this.broken(subscription, tellable(error));
    }
  }

  private async startOrdinary(subscription: Subscription, frame: SubscribeFrame): Promise<void> {
    this.subscriptions.set(subscription.id, subscription);
    const { resume } = frame;
    if (resume && (await this.canResume(resume.epoch, Number(resume.sequence)))) {
      await this.start(subscription, { after: Number(resume.sequence), recovered: true });
    } else if (frame.snapshot === false) {
      await this.start(subscription, { after: this.context.stream.position, ...(resume ? { recovered: false } : {}) });
    } else {
      await this.start(subscription, { snapshot: true, ...(resume ? { recovered: false } : {}) });
    }
  }

  private async startDurable(consumerId: string, subscription: Subscription, frame: SubscribeFrame): Promise<void> {
    const { cursors, log, stream, limits, consumers, durable } = this.context;
    this.subscriptions.set(subscription.id, subscription);
    // The older reader goes first, so that what it has acknowledged counts.
    consumers.take(consumerId, subscription, () => this.evict(subscription));
    const known = await cursors.load(consumerId);
    const { resume } = frame;
    const asked = resume?.epoch === log.epoch ? Number(resume.sequence) : undefined;
    const from = known ?? asked ?? stream.position;
    const comparable = known !== undefined || resume === undefined || asked !== undefined;
    const whole = comparable && (await this.reaches(from));
    if (subscription.ended) return;
    const start = whole ? from : stream.position;
    subscription.useAcks(new AckWindow(start, limits.ackWindow, (sequence) => cursors.save(consumerId, sequence)));
    if (known !== start) cursors.save(consumerId, start);
    durable.add(subscription);
    await this.start(subscription, whole ? { after: start, recovered: true } : { snapshot: true, recovered: false });
  }

  private evict(subscription: Subscription): void {
    this.drop(subscription);
    this.send(errorFrame(eventErrors.consumer_taken, undefined, subscription.id));
  }

  private async start(
    subscription: Subscription,
    how: ({ readonly after: number } | { readonly snapshot: true }) & { readonly recovered?: boolean },
  ): Promise<void> {
    if (subscription.ended) return;
    const { log, snapshots, held, clock, limits } = this.context;
    const found = 'after' in how ? undefined : snapshots.take();
    // Awaited only when it must be: a state of this moment is told in this turn.
    const taken = found instanceof Promise ? await found : found;
    if (subscription.ended) return;
    const sequence = 'after' in how ? how.after : (taken?.sequence ?? 0);
    const { id, filter, mayReadPii } = subscription;
    const recovered = how.recovered === undefined ? {} : { recovered: how.recovered };
    this.send({ type: 'subscribed', id, epoch: log.epoch, sequence, filter, masked: !mayReadPii, ...recovered });
    if (!taken) return subscription.startAfter(sequence);
    held.add(subscription);
    subscription.startWith(taken);
    if (!subscription.holding) return;
    clock.after(limits.snapshotHoldMs, () => {
      if (subscription.holding) this.broken(subscription, new AppError(eventErrors.store_away));
    });
  }

  /** A desktop that missed a gap, or too much to be worth replaying, gets a snapshot instead. */
  private async canResume(epoch: string, sequence: number): Promise<boolean> {
    const { log, stream, limits } = this.context;
    if (epoch !== log.epoch || sequence < log.lastGap) return false;
    if (stream.position - sequence > limits.replayMax) return false;
    return this.reaches(sequence);
  }

  /** Whether the log holds everything after the sequence. */
  private async reaches(sequence: number): Promise<boolean> {
    const { log, stream } = this.context;
    if (sequence > stream.position && !(await log.reaches(sequence))) return false;
    return (await stream.after(sequence, 1)) !== 'hole';
  }

  private drop(subscription: Subscription): void {
    subscription.end();
    this.context.held.delete(subscription);
    this.context.durable.delete(subscription);
    this.subscriptions.delete(subscription.id);
    if (subscription.consumerId !== undefined) this.context.consumers.release(subscription.consumerId, subscription);
  }

  private tooFast(): boolean {
    const nowMs = this.context.clock.nowMs();
    if (nowMs - this.windowStartMs >= 1000) {
      this.windowStartMs = nowMs;
      this.framesInWindow = 0;
    }
    this.framesInWindow += 1;
    return this.framesInWindow > this.context.limits.framesPerSecondMax;
  }

  private bad(frame: ServerFrame): void {
    this.context.counts.badFrames += 1;
    this.badFrames += 1;
    this.send(frame);
    if (this.badFrames >= this.context.limits.badFramesMax)
      this.link.close(closeCodes.badFrames, 'too many bad frames');
  }

  private refuse(detail: string): void {
    this.context.counts.refused += 1;
    this.send(errorFrame(eventErrors.not_authenticated, detail));
    this.link.close(closeCodes.unauthenticated, 'not authenticated');
  }

  private send(frame: ServerFrame): void {
    if (!this.over) this.link.sendText(JSON.stringify(frame));
  }
}

/** An outage of the store has one name for readers, whatever it was; other refusals keep theirs. */
function tellable(error: unknown): AppError {
  const isOfStore = !(error instanceof AppError) || error.code.startsWith('storage.');
  return isOfStore ? new AppError(eventErrors.store_away) : error;
}
