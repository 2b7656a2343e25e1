import type { NodeConfig } from '../config/index.ts';
import { type AmiLink, createAmiLink, createDevicePort } from './ami/index.ts';
import { createAriLink, createAriPbx } from './ari/index.ts';
import type { DevicePort, PbxPort } from './bridge/ports.ts';
import type { LinkFigures } from './compose-figures.ts';
import type { Clock, Logger, Rng } from './kernel/index.ts';

interface Parts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Call control of a node. */
export function pbxPort(
  { id, ari }: NodeConfig,
  { clock, rng, logger }: Parts,
  figures: LinkFigures[],
  mayConnect?: (heardAtMs: number) => boolean,
): PbxPort {
  const link = createAriLink(
    {
      nodeId: id,
      url: ari.url,
      app: ari.application,
      username: ari.user,
      password: ari.password.reveal(),
      driver: ari.driver,
      transport: ari.transport,
      mayConnect,
    },
    { clock, rng, log: logger },
  );
  figures.push({ node: id, link: 'ari', refused: () => link.stats().framesRefused });
  return createAriPbx(link, { requestDeadlineMs: ari.deadlineMs }, { clock, rng, log: logger });
}

/** The manager link of a node; none without AMI. Whoever is told of the phones starts and stops it. */
export function amiLink({ id, ami }: NodeConfig, { clock, rng, logger }: Parts, figures: LinkFigures[]): AmiLink[] {
  if (!ami) return [];
  const link = createAmiLink(
    {
      nodeId: id,
      host: ami.host,
      port: ami.port,
      username: ami.user,
      secret: ami.secret.reveal(),
      driver: ami.driver,
      limits: { actionTimeoutMs: ami.deadlineMs },
      ...(ami.tls ? { tls: {} } : {}),
    },
    { clock, rng, log: logger },
  );
  figures.push({ node: id, link: 'ami', refused: () => link.stats().refusedMessages });
  return [link];
}

/** What a node tells of its phones. */
export const devicePort = (link: AmiLink, { clock, logger }: Parts): DevicePort =>
  createDevicePort(link, { clock, log: logger });
