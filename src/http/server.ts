import type { AddressInfo } from 'node:net';
import { buildApi } from './app.ts';
import type { HttpDeps, HttpSettings } from './deps.ts';
import { cannotListen, renewCertificate } from './listener.ts';
import type { Api } from './routes/route.ts';

export interface HttpServer {
  /** Binds; rejects with `http.cannot_listen` when the address is taken or not ours. */
  listen(): Promise<void>;
  /** Where it listens, e.g. `http://127.0.0.1:8090`; undefined before `listen`. */
  address(): string | undefined;
  /** Reads the TLS certificate anew. Throws when it is unusable; the old one then stays. False without TLS. */
  reloadCertificate(): boolean;
  /** Takes no new requests, ends idle connections, resolves when the running ones are answered. */
  close(): Promise<void>;
}

/** The API on its port, with the WebSocket beside it. */
export async function createHttpServer(deps: HttpDeps): Promise<HttpServer> {
  const api = await buildApi(deps);
  deps.attachUpgrade?.(api.server);
  return serverOf(api, deps.settings);
}

/** An API that is built, with its port. */
export function serverOf(api: Api, { host, port, tls }: Pick<HttpSettings, 'host' | 'port' | 'tls'>): HttpServer {
  return {
    async listen() {
      await api.listen({ host, port }).catch((error: unknown) => {
        throw cannotListen(error);
      });
    },
    address() {
      const bound = api.server.address() as AddressInfo | null;
      if (bound === null) return undefined;
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      return `${tls ? 'https' : 'http'}://${name}:${bound.port}`;
    },
    reloadCertificate() {
      if (tls) renewCertificate(api.server, tls);
      return tls !== undefined;
    },
    async close() {
      await api.close();
    },
  };
}
