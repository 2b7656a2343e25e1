import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatResponse, header, parseSip, type SipMessage } from '../../../lab/sip/message.ts';

/** A phone that shows what it is sent, and is busy: for what an agent sees on the display. */
export class RawPhone implements AsyncDisposable {
  private readonly socket: Socket;
  private readonly invites: SipMessage[] = [];
  private waiting: ((invite: SipMessage) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (datagram, from) => {
      const message = parseSip(datagram.toString());
      if (!message || message.method === '' || message.method === 'ACK') return;
      const status = message.method === 'INVITE' ? '486 Busy Here' : '200 OK';
      socket.send(formatResponse(message, status, []), from.port, from.address);
      if (message.method !== 'INVITE') return;
      this.invites.push(message);
      this.waiting?.(message);
    });
  }

  static async open(port: number): Promise<RawPhone> {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return new RawPhone(socket);
  }

  /** The From header of the first INVITE, as the phone would display it. */
  shownCaller(): Promise<string> {
    return this.header('from');
  }

  /** A header of the first INVITE. */
  async header(name: string): Promise<string> {
    const [first] = this.invites;
    const invite = first ?? (await new Promise<SipMessage>((resolve) => (this.waiting = resolve)));
    return header(invite, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await Promise.resolve();
  }
}
