import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Stands before a server and, when told to, lets a request through and keeps its answer to itself. */
export class HoldingProxy implements AsyncDisposable {
  /** Requests that may be held; undefined lets all answers through. */
  hold: ((request: IncomingMessage) => boolean) | undefined;
  private readonly server: Server;
  private held: (() => void) | undefined;

  private constructor(target: string) {
    this.server = createServer((incoming, outgoing) => {
      void text(incoming).then((body) => {
        const { method, url = '/', headers } = incoming;
        const mine = { ...headers, host: new URL(target).host, 'content-length': Buffer.byteLength(body) };
        const onward = request(new URL(url, target), { method, headers: mine, agent: false }, (answer) => {
          void text(answer).then((answered) => {
            if (this.hold?.(incoming)) return this.held?.();
            outgoing.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' }).end(answered);
          });
        });
        onward.on('error', () => outgoing.destroy());
        onward.end(body);
      });
    });
  }

  static async open(target: string): Promise<HoldingProxy> {
    const proxy = new HoldingProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when the server behind has done what was asked and its answer is being kept. */
  holding(): Promise<void> {
    return new Promise((resolve) => (this.held = resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
