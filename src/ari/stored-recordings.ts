import type { Readable } from 'node:stream';
import requestBy from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { AriError, ariErrors } from './errors.ts';
import { baseUrlOf } from './options.ts';
import { isId } from './sanitise.ts';

export interface StoredRecordingsOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** How long the PBX may take to begin its answer, and rest between two pieces of it. */
  readonly deadlineMs: number;
}

const KEEP_ALIVE_MS = 10_000;

/**
 * The files of recordings at one PBX, read as a stream over connections of their own: neither calls nor memory bear
 * their size. Methods reject with an `AriError` when the PBX cannot be reached or refuses.
 */
export class StoredRecordings {
  private readonly options: StoredRecordingsOptions;
  private pool: Pool | undefined;

  constructor(options: StoredRecordingsOptions) {
    this.options = options;
  }

  async isLive(name: string, signal: AbortSignal): Promise<boolean> {
    const { status, body } = await this.ask('GET', `recordings/live/${pathOf(name)}`, signal);
    body.resume();
    return status === 200;
  }

  /** Undefined when there is no such file. `bytes` as the PBX announces it. */
  async open(
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes?: number; readonly body: Readable } | undefined> {
    const { status, body, headers } = await this.ask('GET', `recordings/stored/${pathOf(name)}/file`, signal);
    if (status === 200) {
      const bytes = Number(headers['content-length']);
      return Number.isSafeInteger(bytes) ? { bytes, body } : { body };
    }
    body.resume();
    if (status === 404) return undefined;
    throw new AriError(ariErrors.refused, `recordings.getStoredFile: ${status}`, { pbxStatus: status });
  }

  /** True when it is not there any more. */
  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    const { status, body } = await this.ask('DELETE', `recordings/stored/${pathOf(name)}`, signal);
    body.resume();
    return status === 404 || (status >= 200 && status < 300);
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private async ask(method: 'GET' | 'DELETE', path: string, signal: AbortSignal) {
    const { url, username, password, deadlineMs } = this.options;
    const base = baseUrlOf(url);
    this.pool ??= new Pool(base.origin, {
      connections: 2,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
    });
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    try {
      const { statusCode, headers, body } = await requestBy.call(this.pool, {
        method,
        path: `${base.pathname.replace(/\/+$/, '')}/${path}`,
        headers: { authorization },
        signal,
      });
      return { status: statusCode, headers, body };
    } catch (error) {
      throw new AriError(ariErrors.not_connected, 'recordings', { cause: error });
    }
  }
}

/** Names are ours; one that is not shaped so never reaches the PBX. */
function pathOf(name: string): string {
  if (!isId(name)) throw new AriError(ariErrors.bad_command, 'recordings: name');
  return encodeURIComponent(name);
}
