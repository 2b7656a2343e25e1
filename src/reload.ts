import type { HttpServer } from './http/index.ts';
import { errorText, type Logger } from './kernel/index.ts';
import type { Audit } from './security/index.ts';

/** Reads the TLS certificate anew; what comes of it is told to the log and the audit log. */
export function reloadCertificate(
  http: Pick<HttpServer, 'reloadCertificate'>,
  audit: Pick<Audit, 'record'>,
  logger: Logger,
): void {
  try {
    if (!http.reloadCertificate()) return;
    audit.record({ actor: 'server', action: 'config.reload', target: 'certificate' });
    logger.info({}, 'the certificate was read anew');
  } catch (error) {
    logger.error({ reason: errorText(error) }, 'the new certificate is unusable; the old one stays');
  }
}
