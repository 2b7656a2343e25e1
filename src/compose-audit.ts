import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import { anchorPath, auditKey } from './audit-settings.ts';
import type { Clock, Logger } from './kernel/index.ts';
import { type Audit, AuditLog, type SignInNote } from './security/index.ts';
import type { Stores } from './storage/index.ts';

const lingerMs = 500;
/** Somebody waits for the answer: a number revealed, a recording handed out. */
const deadlineMs = 2_000;

/** Builds the audit log from the config. It asks the store nothing before there is something to write. */
export function composeAudit(
  config: Config,
  stores: Pick<Stores, 'audit'>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): AuditLog {
  const { bufferEntries: bufferMax, anchorEveryMs, personalMs } = config.audit;
  const anchorFile = anchorPath(config);
  const options = {
    ...auditKey(config),
    bufferMax,
    lingerMs,
    anchorEveryMs,
    ...(anchorFile === undefined ? {} : { anchorFile }),
    personalMs,
    deadlineMs,
  };
  return new AuditLog(stores.audit, options, clock, logger);
}

/** That the server runs, and under which keys: a fingerprint that differs from the start before tells that keys were changed. */
export function noteStart(audit: Pick<Audit, 'record'>, { apiKeys }: Pick<Config, 'apiKeys'>, version: string): void {
  const fingerprint = createHash('sha256');
  for (const { id, secretSha256, principal } of apiKeys)
    fingerprint.update(JSON.stringify([id, principal])).update(secretSha256);
  const keys = fingerprint.digest('hex').slice(0, 16);
  audit.record({ actor: 'server', action: 'server.start', detail: { version, apiKeys: apiKeys.length, keys } });
}

/** What happened at the sign-in desk. Whoever failed is nobody yet: the name that was tried is personal. */
export function signInTrail(audit: Pick<Audit, 'record'>): (note: SignInNote) => void {
  return ({ action, user, address, sessionId }) => {
    const isKnown = action === 'auth.login' || action === 'auth.logout';
    audit.record({
      actor: isKnown ? `user:${user}` : 'nobody',
      action,
      ...(sessionId === undefined ? {} : { target: `session/${sessionId}` }),
      personal: isKnown ? { address } : { user, address },
    });
  };
}
