import { type AmiLink, createAmiLink } from '../ami/index.ts';
import type { DoctorParts } from './visit-ari.ts';

export interface AmiSettings {
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  readonly tls: boolean;
}

/** What came of a login to the manager interface. `bootConfirmed`: FullyBooted came, which needs read=system. */
export type AmiVisit =
  | { readonly reached: true; readonly link: AmiLink; readonly bootConfirmed: boolean }
  | { readonly reached: false; readonly link: AmiLink; readonly code: string };

/** FullyBooted comes at once after the login, or not at all. */
const bootTimeoutMs = 1_500;
/** The dialplan of a large FreePBX. */
const listEventsMax = 50_000;

/** Never rejects; ends with the first news of the link. The caller stops the link. */
export function visitAmi(settings: AmiSettings, { clock, rng, logger }: DoctorParts): Promise<AmiVisit> {
  const { nodeId, host, port, user: username, secret, tls } = settings;
  const limits = { bootTimeoutMs, listEventsMax };
  const link = createAmiLink(
    { nodeId, host, port, username, secret, limits, ...(tls ? { tls: {} } : {}) },
    { clock, rng, log: logger },
  );
  return new Promise((resolve) => {
    link.onLink((change) => {
      if (change.kind === 'up') resolve({ reached: true, link, bootConfirmed: change.bootConfirmed });
      else resolve({ reached: false, link, code: change.reason });
    });
    link.start();
  });
}
