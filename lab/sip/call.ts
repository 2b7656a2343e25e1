import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answeredMethod, contactUri, formatResponse, formatSip, header, type SipMessage, sdp } from './message.ts';
import { Voice } from './voice.ts';

export interface CallOptions {
  /** The number to dial, for example `4001`. */
  readonly target: string;
  /** The number that the callee sees. */
  readonly callerNumber: string;
  readonly callerName?: string;
  /** Hang up this long after the answer. Without it the callee ends the call, or `hangUp()`. */
  readonly holdMs?: number;
  /** Give up this long after the INVITE when nobody has answered. */
  readonly cancelAfterMs?: number;
  /** Give up as `timeout` when there is neither an answer nor an end this long after the INVITE. Default 60,000. */
  readonly deadlineMs?: number;
}

export interface CallResult {
  readonly callId: string;
  readonly callerNumber: string;
  readonly outcome: 'connected' | 'refused' | 'cancelled' | 'timeout';
  /** The final SIP status of the INVITE; 0 when there was none. */
  readonly status: number;
  /** INVITE sent → 100 Trying seen, → first 18x, → final answer, in milliseconds with microsecond digits. */
  readonly tryingMs?: number;
  readonly ringingMs?: number;
  readonly answerMs?: number;
  /** Answer → end. */
  readonly talkMs?: number;
  readonly endedBy?: 'caller' | 'callee';
  readonly retransmissions: number;
}

/** What a call needs of its socket. */
export interface CallWire {
  readonly host: string;
  readonly port: number;
  readonly peer: string;
  send(text: string): void;
  forget(callId: string): void;
}

const T1_MS = 500;
const KEY_PACE_MS = 170;
const RETRANSMISSIONS_MAX = 6;

/** One outgoing call: the client side of one INVITE dialog over UDP (RFC 3261, 13 and 17.1). */
export class SipCall {
  readonly callId: string = randomBytes(9).toString('hex');
  /** Resolves at the final answer of the INVITE with its status, 0 when none came. */
  readonly answered: Promise<number>;
  readonly ended: Promise<CallResult>;

  private readonly wire: CallWire;
  private readonly options: CallOptions;
  private readonly tag = randomBytes(5).toString('hex');
  private readonly branch = newBranch();
  private to: string;
  private remote: string;
  private sequence = 1;
  private remoteSdp = '';
  private voice: Voice | undefined;
  private phase: 'calling' | 'proceeding' | 'talking' | 'ending' | 'over' = 'calling';
  private wantsCancel = false;
  private cancelSent = false;
  private invitedAtMs = 0;
  private answeredAtMs = 0;
  private readonly seen: { tryingMs?: number; ringingMs?: number; answerMs?: number } = {};
  private retransmissions = 0;
  private resend: NodeJS.Timeout | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private resolveAnswered: (status: number) => void = () => undefined;
  private resolveEnded: (result: CallResult) => void = () => undefined;

  constructor(wire: CallWire, options: CallOptions) {
    this.wire = wire;
    this.options = options;
    this.remote = `sip:${options.target}@${wire.peer}`;
    this.to = `<${this.remote}>`;
    this.answered = new Promise((resolve) => {
      this.resolveAnswered = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  invite(): void {
    const { cancelAfterMs, deadlineMs = 60_000 } = this.options;
    this.invitedAtMs = performance.now();
    this.sendReliably(this.request('INVITE', this.branch, sdp(this.wire.host)));
    if (cancelAfterMs !== undefined) this.after(cancelAfterMs, () => this.hangUp());
    this.after(deadlineMs, () => this.giveUp());
  }

  /** Cancels before the answer, says BYE after it; does nothing when the call is over. */
  hangUp(): void {
    if (this.phase === 'talking') return this.bye();
    if (this.phase !== 'calling' && this.phase !== 'proceeding') return;
    this.wantsCancel = true;
    // Before the first answer a CANCEL is not allowed (RFC 3261, 9.1): it goes out when that answer comes.
    if (this.phase === 'proceeding') this.cancel();
  }

  /** Presses a key as soon as the call is answered: told by INFO (RFC 6086), so that no media has to be sent. */
  async press(key: string): Promise<void> {
    await this.answered;
    if (this.phase !== 'talking') return;
    this.sequence += 1;
    this.wire.send(this.request('INFO', newBranch(), `Signal=${key}\r\nDuration=100\r\n`));
  }

  /** Talks for so long, then sends silence; a call that never talks sends no media at all. */
  async talk(lengthMs: number): Promise<void> {
    const [, host, port] = /^c=IN IP4 (\S+)[^]*?^m=audio (\d+)/m.exec(this.remoteSdp) ?? [];
    if (this.phase !== 'talking' || host === undefined || port === undefined) return;
    this.voice ??= new Voice(host, Number(port));
    this.voice.speak();
    await sleep(lengthMs);
    this.voice.pause();
  }

  /** Presses keys at the pace of a quick person: Asterisk plays each tone for its 100 ms, and drops one that comes meanwhile. */
  async type(keys: string): Promise<void> {
    for (const key of keys) {
      await this.press(key);
      await sleep(KEY_PACE_MS);
    }
  }

  /** This call as `Replaces` names it (RFC 3891), for a transfer of who talks on another call of the same phone to it. */
  get replaces(): string {
    return `${this.callId};to-tag=${/;tag=([^;>]+)/.exec(this.to)?.[1] ?? ''};from-tag=${this.tag}`;
  }

  receive(message: SipMessage): void {
    if (message.method) return this.receiveRequest(message);
    const method = answeredMethod(message);
    if (method === 'INVITE') this.receiveInviteAnswer(message);
    else if (method === 'BYE' && message.status >= 200) this.finish('connected', 200, 'caller');
  }

  private receiveInviteAnswer(message: SipMessage): void {
    const { status } = message;
    const elapsedMs = performance.now() - this.invitedAtMs;
    if (status < 200) return this.receiveProvisional(status, elapsedMs);
    this.to = header(message, 'to');
    if (status >= 300) {
      this.wire.send(this.request('ACK', this.branch));
      this.seen.answerMs ??= elapsedMs;
      return this.finish(this.wantsCancel ? 'cancelled' : 'refused', status, this.wantsCancel ? 'caller' : 'callee');
    }
    this.remote = contactUri(message) ?? this.remote;
    this.remoteSdp = message.body;
    this.wire.send(this.request('ACK', newBranch()));
    if (this.phase === 'calling' || this.phase === 'proceeding') this.becomeTalking(elapsedMs);
  }

  private receiveProvisional(status: number, elapsedMs: number): void {
    if (this.phase !== 'calling' && this.phase !== 'proceeding') return;
    clearTimeout(this.resend);
    this.phase = 'proceeding';
    this.seen.tryingMs ??= elapsedMs;
    if (status >= 180) this.seen.ringingMs ??= elapsedMs;
    if (this.wantsCancel) this.cancel();
  }

  private becomeTalking(elapsedMs: number): void {
    clearTimeout(this.resend);
    this.phase = 'talking';
    this.seen.answerMs = elapsedMs;
    this.answeredAtMs = this.invitedAtMs + elapsedMs;
    this.resolveAnswered(200);
    // The answer and our CANCEL crossed: a call that was given up must still be ended.
    if (this.wantsCancel) return this.bye();
    this.clearTimers();
    if (this.options.holdMs !== undefined) this.after(this.options.holdMs, () => this.hangUp());
  }

  private receiveRequest(message: SipMessage): void {
    const contact = ['Contact', `<sip:${this.options.callerNumber}@${this.wire.host}:${this.wire.port}>`] as const;
    if (message.method === 'ACK') return;
    if (message.method === 'INVITE') {
      const type = ['Content-Type', 'application/sdp'] as const;
      return this.wire.send(formatResponse(message, '200 OK', [contact, type], sdp(this.wire.host)));
    }
    this.wire.send(formatResponse(message, '200 OK', [contact]));
    if (message.method === 'BYE') this.finish('connected', 200, 'callee');
  }

  private cancel(): void {
    if (this.cancelSent) return;
    this.cancelSent = true;
    this.wire.send(this.request('CANCEL', this.branch));
    this.after(5000, () => this.giveUp());
  }

  private bye(): void {
    this.phase = 'ending';
    this.sequence += 1;
    this.sendReliably(this.request('BYE', newBranch()));
    this.after(5000, () => this.finish('connected', 200, 'caller'));
  }

  private giveUp(): void {
    if (this.phase === 'proceeding') this.cancel();
    this.finish('timeout', 0);
  }

  private finish(outcome: CallResult['outcome'], status: number, endedBy?: 'caller' | 'callee'): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.voice?.stop();
    this.clearTimers();
    clearTimeout(this.resend);
    this.resolveAnswered(status);
    const { callId, retransmissions } = this;
    const { callerNumber } = this.options;
    const talk = this.answeredAtMs ? { talkMs: performance.now() - this.answeredAtMs } : {};
    const end = endedBy ? { endedBy } : {};
    this.resolveEnded({ callId, callerNumber, outcome, status, ...this.seen, ...talk, ...end, retransmissions });
    // Late retransmissions of the other side still find us for a while.
    setTimeout(() => this.wire.forget(callId), 2000).unref();
  }

  private request(method: string, branch: string, body = ''): string {
    const { host, port, peer } = this.wire;
    const { callerName, callerNumber, target } = this.options;
    const inDialog = method === 'BYE' || method === 'INFO' || (method === 'ACK' && branch !== this.branch);
    const uri = inDialog ? this.remote : `sip:${target}@${peer}`;
    const display = callerName ? `"${callerName.replace(/["\\\r\n]/g, '')}" ` : '';
    const headers: [string, string][] = [
      ['Via', `SIP/2.0/UDP ${host}:${port};branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ['From', `${display}<sip:${callerNumber}@${host}>;tag=${this.tag}`],
      ['To', method === 'CANCEL' ? `<sip:${target}@${peer}>` : this.to],
      ['Call-ID', this.callId],
      ['CSeq', `${this.sequence} ${method}`],
      ['Contact', `<sip:${callerNumber}@${host}:${port}>`],
    ];
    if (method === 'INFO') headers.push(['Content-Type', 'application/dtmf-relay']);
    else if (body) headers.push(['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS'], ['Content-Type', 'application/sdp']);
    return formatSip(`${method} ${uri} SIP/2.0`, headers, body);
  }

  /** UDP loses messages: repeat at growing distance until an answer stops it. */
  private sendReliably(text: string, attempt = 0): void {
    this.wire.send(text);
    if (attempt > 0) this.retransmissions += 1;
    clearTimeout(this.resend);
    if (attempt < RETRANSMISSIONS_MAX) {
      this.resend = setTimeout(() => this.sendReliably(text, attempt + 1), Math.min(T1_MS * 2 ** attempt, 4000));
    }
  }

  private after(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delayMs);
    this.timers.add(timer);
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

const newBranch = (): string => `z9hG4bK${randomBytes(9).toString('hex')}`;
