import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

export interface PortHolder {
  readonly port: number;
  close(): Promise<void>;
}

/** Nobody else than this machine may reach a PBX that is not one. */
export const loopback = '127.0.0.1';

/** Lets a server listen on loopback; `cut` ends its connections when it closes. */
export async function listening(server: Server, port: number, cut: () => void): Promise<PortHolder> {
  server.listen(port, loopback);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
