import type { AddressInfo } from 'node:net';
import type { HttpDeps, HttpSettings } from './deps.ts';
import { httpErrors } from './errors.ts';
import { failureOf } from './failure.ts';
import { cannotListen, listener } from './listener.ts';

const retryAfterS = 5;

/** Who answers on the API's port until the server is complete. */
export interface WaitingRoom {
  /** The port it is bound to. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers in place of the API while the server cannot start for want of its store: it lives (`/healthz`), it is not
 * ready and says why (`/readyz`), and everything else is to come back later. Rejects with
 * `http.cannot_listen` when the address is taken.
 */
export async function openWaitingRoom(settings: HttpSettings, readiness: HttpDeps['readiness']): Promise<WaitingRoom> {
  const starting = failureOf(httpErrors.starting);
  const server = listener(settings, ({ url = '' }, response) => {
    const [path] = url.split('?');
    const report = readiness.report();
    const answer =
      path === '/healthz'
        ? { status: 200, body: { ok: true } }
        : path === '/readyz'
          ? { status: report.ok ? 200 : 503, body: report }
          : starting;
    response.statusCode = answer.status;
    response.setHeader('content-type', 'application/json');
    // The connection must not outlive this room: the next request is for the real API.
    response.setHeader('connection', 'close');
    if (answer.status === 503) response.setHeader('retry-after', retryAfterS);
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error)));
    server.listen({ host: settings.host, port: settings.port }, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
