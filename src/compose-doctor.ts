import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Config, configWarnings } from '../config/index.ts';
import { type MirroredHere, nodeChecks, visitNode } from './compose-doctor-pbx.ts';
import { restAdapter } from './compose-lookup.ts';
import { type CustomerQuery, defaultNumberPlan, normaliseNumber } from './crm/index.ts';
import {
  type Check,
  checkCertificateFile,
  checkCrm,
  checkEventLoop,
  checkFiles,
  checkPeerCertificate,
  checkPostgres,
  checkRedis,
  checkSqlite,
  type DoctorParts,
  type Finding,
  judgeNode,
  judgeOpenFiles,
  judgeOwnServer,
  ok,
  readOpenFileLimit,
  said,
  visitOwnServer,
  warning,
} from './doctor/index.ts';
import { mirroredQueues } from './mirrored-queues.ts';
import { ownNeighbours } from './own-neighbours.ts';
import { storeFile } from './store-url.ts';

/** Of a fictitious customer: a CRM is asked for it, and nothing of the answer is shown. */
const askedNumber = '13900000000';

export interface DoctorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
  /** Where http.conf lies, when the PBX runs here. */
  readonly asteriskEtc?: string | undefined;
}

export interface Examination {
  readonly checks: readonly Check[];
  /** Closes what the checks have opened. */
  readonly close: () => Promise<void>;
}

/** The checks that fit a configuration. They begin to connect at once; the reading of their findings is `runChecks`. */
export function examine(config: Config, parts: DoctorParts, options: DoctorOptions): Examination {
  const { host, port, tls } = config.server;
  const own = visitOwnServer({ host, port, tls: tls !== undefined });
  const visits = config.pbx.nodes.map((node) => visitNode(node, parts));
  const etc = options.asteriskEtc === undefined ? {} : { asteriskEtc: options.asteriskEtc };
  return {
    checks: [
      check('node', 'Node.js', 'Node.js', async () => judgeNode(options.nodeVersion)),
      check('openFiles', 'open files', '文件数上限', async () => judgeOpenFiles(readOpenFileLimit())),
      check('eventLoop', 'processor time', '处理器余量', () => checkEventLoop(parts.clock)),
      check('config', 'configuration', '配置', async () => judgeConfig(configWarnings(config, parts.clock.nowMs()))),
      check('files', 'rights of files', '文件权限', () => checkFiles(filesOf(config))),
      check('server', 'the server here', '本机服务', async () => judgeOwnServer(await own)),
      ...visits.flatMap((visit) =>
        nodeChecks(visit, { own, parts, agents: config.agents.length, mirrored: mirroredHere(config), ...etc }),
      ),
      ...storeChecks(config),
      ...redisChecks(config),
      ...config.crm.adapters.map((adapter) => crmCheck(adapter)),
      ...certificateChecks(config),
    ],
    close: async () => {
      for (const { ari, ami } of visits) {
        await (await ari).link.stop();
        await (await ami)?.link.stop();
      }
    },
  };

  function redisChecks({ redis }: Config): Check[] {
    if (!redis) return [];
    return [check('redis', 'Redis', 'Redis', () => checkRedis(redis.url.reveal(), redis.deadlineMs, parts.stopwatch))];
  }

  function crmCheck(adapter: Config['crm']['adapters'][number]): Check {
    const timeoutMs = config.lookup.crmTimeoutMs;
    return {
      ...check(`crm/${adapter.id}`, 'CRM', 'CRM', async () =>
        checkCrm(
          restAdapter(adapter, ownNeighbours(config), { ...parts, env: options.env }),
          question(config),
          timeoutMs,
        ),
      ),
      deadlineMs: timeoutMs + 1_000,
    };
  }

  function certificateChecks({ server, pbx }: Config): Check[] {
    const nowMs = parts.clock.nowMs();
    const own = server.tls
      ? [check('tls', 'our certificate', '本服务证书', () => checkCertificateFile(server.tls?.cert ?? '', nowMs))]
      : [];
    const peers = pbx.nodes.flatMap(({ id, ari, ami }) => {
      const url = new URL(ari.url);
      const secure = url.protocol === 'https:' ? [['ari', url.hostname, Number(url.port || 443)] as const] : [];
      return [...secure, ...(ami?.tls ? [['ami', ami.host, ami.port] as const] : [])].map(([link, host, port]) =>
        check(`${id}/${link}Tls`, 'certificate of the PBX', 'PBX 证书', () =>
          checkPeerCertificate(host, port, nowMs, ari.deadlineMs),
        ),
      );
    });
    return [...own, ...peers];
  }
}

const check = (id: string, en: string, zh: string, run: () => Promise<Finding>): Check => ({
  id,
  about: said(en, zh),
  run,
});

function judgeConfig(warnings: readonly string[]): Finding {
  if (warnings.length === 0) return ok('nothing to remark', '无需提示');
  const text = warnings.join(' ');
  return warning(said(text, text), said('See docs/entries.md.', '见 docs/entries.zh-CN.md。'));
}

function storeChecks(config: Config): Check[] {
  const file = storeFile(config);
  const run = (): Promise<Finding> =>
    file === undefined ? checkPostgres(config.store.url.reveal()) : checkSqlite(file);
  return [check('store', 'store', '存储', run)];
}

function question({ tenant, lookup }: Config): CustomerQuery {
  const plan = { ...defaultNumberPlan, country: lookup.defaultRegion };
  const normalised = normaliseNumber(askedNumber, plan);
  const formats = normalised.kind === 'anonymous' ? {} : normalised.formats;
  return { tenant, number: formats, dialledNumber: '', callId: 'doctor', idempotencyKey: 'doctor' };
}

/** The config file, the secrets that it names by file, the key of TLS, and the store. */
function filesOf(config: Config): { path: string; kind: 'config' | 'secret' | 'store' }[] {
  const folder = dirname(resolve(config.file));
  const text = readFileSync(config.file, 'utf8');
  const named = [...text.matchAll(/\$\{file:([^}]+)\}/g)].map(([, path = '']) => resolve(folder, path));
  const store = storeFile(config);
  return [
    // One that holds secrets itself, which only a test site may, is a secret.
    { path: resolve(config.file), kind: /insecurePlainSecrets"?\s*:\s*true/.test(text) ? 'secret' : 'config' },
    ...named.map((path) => ({ path, kind: 'secret' as const })),
    ...(config.server.tls ? [{ path: config.server.tls.key, kind: 'secret' as const }] : []),
    ...(store === undefined || store === ':memory:' ? [] : [{ path: store, kind: 'store' as const }]),
  ];
}

/** What is mirrored of the app_queue of a node. */
function mirroredHere(config: Config): (nodeId: string) => MirroredHere | undefined {
  const mirrored = config.mirror && mirroredQueues(config, config.mirror, config.agents);
  return (nodeId) => {
    const queues = mirrored?.queues.filter((queue) => queue.nodeId === nodeId).map(({ name }) => name) ?? [];
    if (!mirrored || queues.length === 0) return undefined;
    return { queues, agentOf: (dialled, stateInterface) => mirrored.agentOf(nodeId, dialled, stateInterface) };
  };
}
