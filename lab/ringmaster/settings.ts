import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { AsteriskAddress } from '../asterisk/start.ts';

/** A Ringmaster under test: what differs from one to the next. Sections are those of the config file. */
export interface RingmasterOptions {
  readonly asterisk: Pick<
    AsteriskAddress,
    'ariUrl' | 'ariUser' | 'ariPassword' | 'amiHost' | 'amiPort' | 'amiUser' | 'amiSecret'
  >;
  readonly application?: string;
  readonly numbers: readonly object[];
  readonly schedules?: readonly object[];
  readonly flows?: readonly object[];
  readonly voicemails?: readonly object[];
  readonly prompts?: object;
  /** Whether callers’ digits are held against the orders of `crm`, under the name `orders`. */
  readonly orderCheck?: object;
  readonly queues: readonly object[];
  readonly agents: readonly { readonly id: string; readonly skills?: Readonly<Record<string, number>> }[];
  readonly crm?: { readonly url: string; readonly token: string };
  /** `sample-simple` (default) asks once a lookup, `sample` three times, for purchases and tickets too. */
  readonly crmTemplate?: 'sample' | 'sample-simple';
  /** CSV text of the built-in directory. */
  readonly directory?: string;
  /** Default: an SQLite file of its own. */
  readonly storeUrl?: string;
  readonly redisUrl?: string;
  /** One of several instances; needs a PostgreSQL and a Redis that all of them are given. */
  readonly cluster?: { readonly instanceId: string } & Readonly<Record<string, string | number>>;
  /** That of the other instances; default: one of its own. */
  readonly keySecret?: string;
  /** Without AMI phones count as free until they refuse. */
  readonly withoutAmi?: boolean;
  readonly lookup?: object;
  readonly recording?: object;
  /** The section `dialplan`: how dialplans are answered that ask. */
  readonly advice?: object;
  /** The `tickets` section, whole; absent: no ticket office. */
  readonly tickets?: object;
  readonly store?: object;
  /** The section `mirror`: queues of app_queue that are shown beside ours. */
  readonly mirror?: object;
  readonly outbound?: object;
  readonly server?: object;
  readonly ari?: object;
  readonly ami?: object;
  /** API keys beside the admin's own. */
  readonly apiKeys?: readonly object[];
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

/** The secret of the one API key of a test server: an admin. */
export const newKeySecret = (): string => randomBytes(32).toString('base64url');

const plenty = { perSecond: 1000, burst: 1000 };

const orderTemplate = fileURLToPath(new URL('../../config/presets/checks/sample-order.yaml', import.meta.url));
const reachedAt = ({ url, token }: { readonly url: string; readonly token: string }) => ({
  variables: { RINGMASTER_CRM_URL: url, RINGMASTER_CRM_TOKEN: token },
  allow: ['127.0.0.0/8'],
});
const sampleCheck = (crm: Parameters<typeof reachedAt>[0]) => ({
  id: 'orders',
  template: orderTemplate,
  ...reachedAt(crm),
});

/** The config file's content; JSON is YAML. */
export function configText(
  options: RingmasterOptions,
  keySecret: string,
  port: number,
  paths: { store: string; directory?: string; template: string },
): string {
  const { asterisk, crm, agents } = options;
  const skills = new Set(
    [...options.queues, ...options.numbers, ...agents].flatMap((part) => [
      ...Object.keys((part as { needs?: object }).needs ?? {}),
      ...Object.keys((part as { skills?: object }).skills ?? {}),
    ]),
  );
  const ami = { host: asterisk.amiHost, port: asterisk.amiPort, user: asterisk.amiUser, secret: asterisk.amiSecret };
  const config = {
    tenant: 'lab',
    insecurePlainSecrets: true,
    server: {
      port,
      drainMs: '10s',
      requestsPerSecond: 1000,
      requestBurst: 1000,
      rates: { command: plenty, lookup: plenty },
      ...options.server,
    },
    pbx: {
      nodes: [
        {
          id: 'pbx1',
          ari: {
            url: asterisk.ariUrl.replace(/\/ari$/, ''),
            user: asterisk.ariUser,
            password: asterisk.ariPassword,
            application: options.application ?? 'ringmaster',
            ...options.ari,
          },
          ...(options.withoutAmi ? {} : { ami: { ...ami, ...options.ami } }),
        },
      ],
    },
    store: { url: options.storeUrl ?? `sqlite:${paths.store}`, ...options.store },
    ...(options.recording ? { recording: options.recording } : {}),
    ...(options.redisUrl === undefined ? {} : { redis: { url: options.redisUrl } }),
    ...(options.cluster ? { cluster: { shard: 'lab', url: `http://127.0.0.1:${port}`, ...options.cluster } } : {}),
    ...(options.tickets === undefined ? {} : { tickets: options.tickets }),
    ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
    lookup: { numberHmacSecret: 'lab-hmac-secret-that-is-long-enough-0123456789', ...options.lookup },
    dialplan: { ...options.advice },
    crm: {
      adapters: crm
        ? [
            {
              id: 'sample',
              template: paths.template,
              ...reachedAt(crm),
            },
          ]
        : [],
    },
    directory: paths.directory === undefined ? {} : { csv: paths.directory },
    ...(options.outbound ? { outbound: options.outbound } : {}),
    skills: [...skills],
    schedules: options.schedules ?? [],
    flows: options.flows ?? [],
    voicemails: options.voicemails ?? [],
    ...(options.prompts ? { prompts: options.prompts } : {}),
    checks: crm && options.orderCheck ? [{ ...sampleCheck(crm), ...options.orderCheck }] : [],
    numbers: options.numbers,
    queues: options.queues,
    agents,
    apiKeys: [{ id: 'lab', kind: 'admin', scopes: [], secret: keySecret }, ...(options.apiKeys ?? [])],
    log: { level: options.logLevel ?? 'info' },
  };
  return JSON.stringify(config, null, 2);
}
