import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  contactUri,
  formatResponse,
  formatSip,
  header,
  parseSip,
  type SipMessage,
  sdp,
} from '../../../lab/sip/message.ts';

const HOST = '127.0.0.1';
const TAG = 'deskphone';

/** A phone that answers each call at once and has a transfer key (REFER, RFC 3515): one call at a time. */
export class DeskPhone implements AsyncDisposable {
  readonly port: number;
  private readonly socket: Socket;
  private invite: SipMessage | undefined;
  private peerPort = 0;
  private sequence = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.port = socket.address().port;
    socket.on('message', (datagram, { port }) => {
      const message = parseSip(datagram.toString());
      if (message && message.method !== '' && message.method !== 'ACK') this.hear(message, port);
    });
  }

  static async open(port: number): Promise<DeskPhone> {
    const socket = createSocket('udp4');
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return new DeskPhone(socket);
  }

  /** The transfer key: with `replaces` (of a second call of the same phone) the two others are joined. */
  transfer(number: string, replaces?: string): void {
    const parameter = replaces === undefined ? '' : `?Replaces=${encodeURIComponent(replaces)}`;
    const target = `sip:${number}@${HOST}:${this.peerPort}${parameter}`;
    this.say('REFER', [
      ['Refer-To', `<${target}>`],
      ['Referred-By', `<sip:phone@${HOST}>`],
    ]);
  }

  hangUp(): void {
    if (this.invite) this.say('BYE', []);
    this.invite = undefined;
  }

  private hear(message: SipMessage, port: number): void {
    this.peerPort = port;
    const contact = ['Contact', `<sip:phone@${HOST}:${this.port}>`] as const;
    const isInvite = message.method === 'INVITE';
    const body = isInvite ? sdp(HOST) : '';
    const extra = isInvite ? [contact, ['Content-Type', 'application/sdp'] as const] : [contact];
    this.send(formatResponse(tagged(message), '200 OK', extra, body));
    if (isInvite) this.invite = message;
    if (message.method === 'BYE') this.invite = undefined;
  }

  /** A request in the dialog of the call that the phone has. */
  private say(method: string, more: readonly (readonly [string, string])[]): void {
    if (!this.invite) throw new Error('the phone has no call');
    this.sequence += 1;
    const headers = [
      ['Via', `SIP/2.0/UDP ${HOST}:${this.port};branch=z9hG4bK${randomBytes(9).toString('hex')};rport`],
      ['Max-Forwards', '70'],
      ['From', header(tagged(this.invite), 'to')],
      ['To', header(this.invite, 'from')],
      ['Call-ID', header(this.invite, 'call-id')],
      ['CSeq', `${this.sequence} ${method}`],
      ['Contact', `<sip:phone@${HOST}:${this.port}>`],
      ...more,
    ] as const;
    this.send(formatSip(`${method} ${contactUri(this.invite) ?? ''} SIP/2.0`, headers));
  }

  private send(text: string): void {
    this.socket.send(text, this.peerPort, HOST);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    this.socket.close();
    await Promise.resolve();
  }
}

/** The message with our tag in its To, which makes the dialog. */
function tagged(message: SipMessage): SipMessage {
  const to = header(message, 'to');
  const headers = new Map(message.headers).set('to', [/;tag=/.test(to) ? to : `${to};tag=${TAG}`]);
  return { ...message, headers };
}
