import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a TCP server that can be cut and mended. Who comes before the target is known waits. */
export class TcpProxy implements AsyncDisposable {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private readonly target = Promise.withResolvers<number>();

  private constructor() {
    this.server = createServer((near) => void this.join(near));
  }

  static async open(): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  leadTo(port: number): void {
    this.target.resolve(port);
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private async join(near: Socket): Promise<void> {
    this.keep(near);
    const port = await this.target.promise;
    if (this.isCut || near.destroyed) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    this.keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
