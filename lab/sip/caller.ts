import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type CallResult, SipCall } from './call.ts';
import { header, parseSip } from './message.ts';

const HOST = '127.0.0.1';
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** Where the calls go; a running lab Asterisk fits. */
export interface SipTarget {
  readonly sipHost: string;
  readonly sipPort: number;
}

/**
 * A SIP caller of our own: comes when it is told, presses keys, speaks and transfers; measures with the monotonic clock
 * in microseconds. One UDP socket carries all its calls.
 */
export class SipCaller implements AsyncDisposable {
  private readonly socket: Socket;
  private readonly target: SipTarget;
  private readonly calls = new Map<string, SipCall>();

  private constructor(socket: Socket, target: SipTarget) {
    this.socket = socket;
    this.target = target;
    socket.on('message', (datagram) => this.receive(datagram.toString()));
  }

  static async open(target: SipTarget): Promise<SipCaller> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: SOCKET_BUFFER_BYTES,
      sendBufferSize: SOCKET_BUFFER_BYTES,
    });
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return new SipCaller(socket, target);
  }

  /** Sends the INVITE now; follow the call by its `answered` and `ended`. */
  call(options: CallOptions): SipCall {
    const { sipHost, sipPort } = this.target;
    const call = new SipCall(
      {
        host: HOST,
        port: this.socket.address().port,
        peer: `${sipHost}:${sipPort}`,
        send: (text) => this.send(text),
        forget: (callId) => this.calls.delete(callId),
      },
      options,
    );
    this.calls.set(call.callId, call);
    call.invite();
    return call;
  }

  /** Hangs up what is still up, waits for it, and closes the socket. */
  async close(): Promise<void> {
    const open = [...this.calls.values()];
    for (const call of open) call.hangUp();
    await Promise.race([Promise.all(open.map((call) => call.ended)), sleep(6000, undefined, { ref: false })]);
    this.calls.clear();
    this.socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private send(text: string): void {
    this.socket.send(text, this.target.sipPort, this.target.sipHost, () => undefined);
  }

  private receive(datagram: string): void {
    const message = parseSip(datagram);
    if (message) this.calls.get(header(message, 'call-id'))?.receive(message);
  }
}

export interface CallsOptions extends Omit<CallOptions, 'callerNumber' | 'target'> {
  /** The number to dial, or that of the call with this index. */
  readonly target: string | ((index: number) => string);
  readonly count: number;
  /** Calls started a second, on average. */
  readonly ratePerSecond: number;
  /** Milliseconds between a call and the next; evenly spaced when absent, which real callers never are. */
  readonly gapMs?: (index: number) => number;
  /** The caller's number for the call with this index. */
  readonly callerNumber?: (index: number) => string;
}

/** Places calls at a rate and waits until all of them are over. Results are in the order of the calls. */
export async function placeCalls(target: SipTarget, options: CallsOptions): Promise<readonly CallResult[]> {
  const { count, ratePerSecond, callerNumber = fictionalMobile, target: dialled, ...rest } = options;
  const targetOf = typeof dialled === 'string' ? () => dialled : dialled;
  const gapMs = options.gapMs ?? (() => 1000 / ratePerSecond);
  await using caller = await SipCaller.open(target);
  let dueAtMs = performance.now();
  const results: Promise<CallResult>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    dueAtMs += gapMs(index);
    results.push(caller.call({ ...rest, target: targetOf(index), callerNumber: callerNumber(index) }).ended);
  }
  return await Promise.all(results);
}

/**
 * Mobile numbers of the shape 13x 0000 xxxx: valid to a parser, and with a zero segment that is used as a placeholder and
 * not given to customers. 100,000 different ones.
 */
export function fictionalMobile(index: number): string {
  const tail = String(index % 10_000).padStart(4, '0');
  return `13${9 - (Math.floor(index / 10_000) % 10)}0000${tail}`;
}
