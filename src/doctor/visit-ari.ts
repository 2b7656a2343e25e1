import { type AriLink, createAriLink } from '../ari/index.ts';
import type { Clock, Logger, Rng } from '../kernel/index.ts';

export interface AriSettings {
  readonly nodeId: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface DoctorParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Starts to measure; the function given back tells the seconds since. */
  readonly stopwatch: () => () => number;
}

/** What came of connecting to a PBX's ARI as the server would, but under a name of our own. */
export type AriVisit =
  | { readonly reached: true; readonly link: AriLink; readonly transport: string; readonly version: string }
  | { readonly reached: false; readonly link: AriLink; readonly code: string };

/** Never rejects; ends with the first news of the link. The caller stops the link. */
export function visitAri(settings: AriSettings, { clock, rng, logger }: DoctorParts): Promise<AriVisit> {
  const { nodeId, url, user: username, password } = settings;
  // The server's own application name would throw the server out.
  const app = `ringmaster-doctor-${Math.floor(rng.next() * 2 ** 40).toString(36)}`;
  const link = createAriLink({ nodeId, url, app, username, password }, { clock, rng, log: logger });
  return new Promise((resolve) => {
    link.onLink((change) => {
      if (change.state === 'up') {
        resolve({ reached: true, link, transport: change.transport, version: change.version });
      } else resolve({ reached: false, link, code: change.code });
    });
    link.start();
  });
}
