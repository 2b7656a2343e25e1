import type { AriClientInstance, AriClientPackage, SwaggerFailure, SwaggerOperation } from 'ari-client';
import { type Clock, errorText } from '../../kernel/index.ts';
import { isObject } from '../check.ts';
import { AriError, ariErrors } from '../errors.ts';
import { OPERATIONS, type OperationName } from '../generated/operations.ts';
import { type AriLimits, type AriLinkOptions, baseUrlOf } from '../options.ts';
import type { RestAnswer, RestTransport } from '../ports.ts';

type DriverOptions = Pick<AriLinkOptions, 'url' | 'username' | 'password'> & {
  readonly limits: Pick<AriLimits, 'connectTimeoutMs' | 'pendingMax'>;
  readonly clock: Clock;
};

/** The one PBX that the package serves in this process: see the exclusions. */
let served: string | undefined;

/** Loads the package and lets it read the PBX's own description. Rejects with an `AriError`. */
export async function loadAriClient(options: DriverOptions): Promise<RestTransport> {
  const url = baseUrlOf(options.url);
  if (url.pathname !== '/ari') throw new AriError(ariErrors.driver_unfit, 'the path must be /ari');
  const identity = `${url.origin} ${options.username} ${options.password}`;
  if (served !== undefined && served !== identity) throw new AriError(ariErrors.driver_shared);
  served = identity;
  const ariClient = await loadPackage();
  const connecting = ariClient.connect(url.origin, options.username, options.password);
  const client = await within(connecting, options.limits.connectTimeoutMs, options.clock).catch((error: unknown) => {
    throw error instanceof AriError ? error : new AriError(ariErrors.connect_failed, 'ari-client', { cause: error });
  });
  tellStatusOfFailures(client);
  return new AriClientTransport(client, options);
}

async function loadPackage(): Promise<AriClientPackage> {
  try {
    return (await import('ari-client')).default;
  } catch (error) {
    throw new AriError(ariErrors.driver_missing, 'ari-client', { cause: error });
  }
}

/** The package has no deadlines of its own. What it answers later is dropped. */
function within<Value>(promise: Promise<Value>, deadlineMs: number, clock: Clock): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, () => reject(new AriError(ariErrors.timeout, 'ari-client')));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/**
 * On a failure the package throws the body's text and forgets the status, but passes on whatever has no `data`
 * unchanged. So its inner operations are wrapped, once, to report failures without `data`.
 */
function tellStatusOfFailures(client: AriClientInstance): void {
  const { apis } = (client as unknown as { _swagger: { apis: Record<string, Record<string, unknown>> } })._swagger;
  for (const name of Object.keys(OPERATIONS)) {
    const [resource = '', operation = ''] = name.split('.');
    const original = apis[resource]?.[operation] as SwaggerOperation | undefined;
    if (!apis[resource] || !original) continue;
    const wrapped: SwaggerOperation = (params, succeed, fail) =>
      original(params, succeed, ({ status, data }) => fail(status ? new StatusFailure(status, data) : {}));
    apis[resource][operation] = wrapped;
  }
}

class StatusFailure extends Error implements SwaggerFailure {
  readonly status: number;

  constructor(status: number, body: unknown) {
    super(typeof body === 'string' || Buffer.isBuffer(body) ? body.toString().slice(0, 200) : '');
    this.status = status;
  }
}

/** Requests by the named package, REST over HTTP only. */
class AriClientTransport implements RestTransport {
  readonly name = 'ari-client';
  readonly ordered = false;
  private readonly client: AriClientInstance;
  private readonly options: DriverOptions;
  private waiting = 0;

  constructor(client: AriClientInstance, options: DriverOptions) {
    this.client = client;
    this.options = options;
  }

  get pending(): number {
    return this.waiting;
  }

  async send(name: OperationName, params: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<RestAnswer> {
    if (this.waiting >= this.options.limits.pendingMax) return { ok: false, error: new AriError(ariErrors.busy) };
    const [resource = '', operation = ''] = name.split('.');
    const run = this.client[resource]?.[operation];
    if (!run) return { ok: false, error: new AriError(ariErrors.refused, `${name} is not known to this PBX`) };
    this.waiting += 1;
    try {
      const result = await within(run({ ...params }), deadlineMs, this.options.clock);
      return { ok: true, status: 200, reason: '', body: plain(result) };
    } catch (error) {
      return answerOf(error);
    } finally {
      this.waiting -= 1;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function answerOf(error: unknown): RestAnswer {
  if (error instanceof StatusFailure) return { ok: true, status: error.status, reason: error.message, body: undefined };
  if (error instanceof AriError) return { ok: false, error };
  return { ok: false, error: new AriError(ariErrors.not_connected, errorText(error), { cause: error }) };
}

/** The package hands out objects with its own fields and methods mixed in; only the PBX's data goes on. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value) || value instanceof Uint8Array) return value;
  const data = Object.entries(value).filter(
    ([name, content]) => !name.startsWith('_') && typeof content !== 'function',
  );
  return Object.fromEntries(data);
}
