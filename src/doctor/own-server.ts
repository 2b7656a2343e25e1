import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { ok, type Finding, notChecked, said, warning } from './finding.ts';

/** What the server of this configuration says of itself, when it runs here. */
export type OwnServer =
  | { readonly running: false }
  | {
      readonly running: true;
      readonly ok: boolean;
      readonly checks: readonly {
        readonly name: string;
        readonly ok: boolean;
        readonly optional?: boolean;
        readonly code?: string;
      }[];
    };

const timeoutMs = 2_000;
const bytesMax = 64 * 1024;

/** Asks `/readyz` on this machine; it needs no key. Never rejects. */
export async function visitOwnServer(address: { host: string; port: number; tls: boolean }): Promise<OwnServer> {
  const text = await fetchText(address).catch(() => undefined);
  if (text === undefined) return { running: false };
  try {
    const { ok: ready, checks } = JSON.parse(text) as { ok?: unknown; checks?: unknown };
    if (!Array.isArray(checks)) return { running: false };
    return { running: true, ok: ready === true, checks: checks as Extract<OwnServer, { running: true }>['checks'] };
  } catch {
    // Somebody else's server on our port.
    return { running: false };
  }
}

function fetchText({ host, port, tls }: { host: string; port: number; tls: boolean }): Promise<string> {
  const everywhere = host === '0.0.0.0' || host === '::';
  // Our own certificate need not name the loopback address.
  const options = { host: everywhere ? '127.0.0.1' : host, port, path: '/readyz', timeout: timeoutMs };
  return new Promise((resolve, reject) => {
    const asked = tls ? requestTls({ ...options, rejectUnauthorized: false }) : request(options);
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > bytesMax) asked.destroy(new Error('too long'));
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    asked.end();
  });
}

export function judgeOwnServer(own: OwnServer): Finding {
  if (!own.running) return notChecked('no server runs here', '本机没有正在运行的服务');
  const down = own.checks.filter((check) => !check.ok).map(({ name, code }) => `${name} (${code ?? '?'})`);
  if (down.length === 0) return ok('runs and is ready', '正在运行且就绪');
  return warning(
    said(`runs; not well: ${down.join(', ')}`, `正在运行；异常：${down.join('，')}`),
    said('See the checks of these neighbours below, and its log.', '请查看下面对应各项检查以及服务日志。'),
  );
}
