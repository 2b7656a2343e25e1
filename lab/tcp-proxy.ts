import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between a server of ours and a neighbour and does what networks do: `cut` ends the connections and refuses new
 * ones, `stall` lets no byte through and tells nobody, as a firewall that has forgotten a connection does.
 */
export class TcpProxy implements AsyncDisposable {
  private readonly server: Server;
  private readonly target: number;
  private readonly port: number;
  private readonly sockets = new Set<Socket>();
  /** Of connections that nobody will ever hear of again: the end of one side is not told to the other. */
  private readonly dead = new WeakSet<Socket>();
  private state: 'passing' | 'cut' | 'stalled' = 'passing';

  private constructor(server: Server, target: number) {
    this.server = server;
    this.target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near) => this.accept(near));
  }

  /** Before a port of this machine, on a free loopback port of its own. */
  static async open(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** Where it listens, on 127.0.0.1. */
  get address(): number {
    return this.port;
  }

  /** Ends all connections and refuses new ones. */
  cut(): void {
    this.state = 'cut';
    this.endAll();
  }

  /** No byte passes any more in either direction; new connections are taken and left without an answer. */
  stall(): void {
    this.state = 'stalled';
    for (const socket of this.sockets) {
      this.dead.add(socket);
      socket.unpipe();
      socket.pause();
    }
  }

  /** New connections pass. What was stalled stays dead: nobody will ever hear of it. */
  heal(): void {
    this.state = 'passing';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private endAll(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  private accept(near: Socket): void {
    this.keep(near);
    if (this.state === 'cut') return void near.destroy();
    if (this.state === 'stalled') return void near.pause();
    const far = connect(this.target, '127.0.0.1');
    this.keep(far);
    near.pipe(far);
    far.pipe(near);
    this.tie(near, far);
    this.tie(far, near);
  }

  /** The end of one is the end of the other. */
  private tie(one: Socket, other: Socket): void {
    one.on('close', () => {
      if (!this.dead.has(one)) other.destroy();
    });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
