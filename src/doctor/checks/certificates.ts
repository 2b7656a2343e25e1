import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { failed, type Finding, ok, said, warning } from '../finding.ts';

const dayMs = 86_400_000;
const soonDays = 21;

export function judgeExpiry(validToMs: number, nowMs: number): Finding {
  const days = Math.floor((validToMs - nowMs) / dayMs);
  const date = new Date(validToMs).toISOString().slice(0, 10);
  const mend = said('Renew the certificate, then restart what serves it.', '请更新证书并重启使用它的服务。');
  if (days < 0) return failed(said(`expired on ${date}`, `已于 ${date} 过期`), mend);
  if (days < soonDays)
    return warning(said(`expires on ${date}, in ${days} days`, `将于 ${date} 过期，还有 ${days} 天`), mend);
  return ok(`valid until ${date}`, `有效期至 ${date}`);
}

/** The certificate of a file, with its key when that is given. */
export async function checkCertificateFile(file: string, nowMs: number): Promise<Finding> {
  return judgeExpiry(Date.parse(new X509Certificate(readFileSync(file)).validTo), nowMs);
}

/** The certificate that a neighbour shows. Whether we trust it, its own check says. */
export function checkPeerCertificate(host: string, port: number, nowMs: number, timeoutMs: number): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }),
    });
    const gone = (): void =>
      resolve(
        failed(
          said('no TLS is spoken there', '对端没有使用 TLS'),
          said('Check address and port, and that TLS is enabled there.', '请检查地址、端口以及对端是否启用 TLS。'),
        ),
      );
    socket.setTimeout(timeoutMs, gone);
    socket.once('error', gone);
    socket.once('secureConnect', () => {
      resolve(judgeExpiry(Date.parse(socket.getPeerCertificate().valid_to), nowMs));
      socket.destroy();
    });
  });
}
