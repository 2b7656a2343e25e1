import { readFileSync } from 'node:fs';
import { loadConfig } from '../config/index.ts';
import type { RuleVersionView } from './http/index.ts';
import { AppError, defineErrors, errorText } from './kernel/index.ts';
import { type HttpAnswer, httpTransport } from './outgoing/index.ts';

export const configHelp = `ringmaster config …: change the rules of a running server

  config check [FILE]     what is wrong with the configuration; needs no server
  config reload           the server reads its file anew; with any error nothing changes, and all of them are told
         [--rollout SHARE]  who has the new rules first: "10% of calls", "10% of agents" (default: as the file says)
  config promote          the rules that are tried are for all that comes
  config rollback         takes back the rules that are tried, or else those in force for the ones before
  config versions         the versions, with what came of their calls side by side

Options
  --config FILE     where the server listens is read from it (default: ringmaster.yaml)
  --url URL         the server instead, such as https://cti.example.com; the file is not read then
  --key-file FILE   holds an API key with the scope rules:write (versions: rules:read); or set RINGMASTER_KEY
  --json            the answer of the server as it is

Exit codes
  0 done   1 the server cannot be reached or says no   2 wrong usage, or errors in the configuration
`;

const errors = defineErrors('config_command', {
  usage: [400, 'the command is not complete', 'see: ringmaster config --help'],
  key_missing: [401, 'there is no API key', 'set RINGMASTER_KEY, or name a file that holds the key with --key-file'],
  key_unreadable: [400, 'the file of the key cannot be read', 'name a readable file that holds nothing but the key'],
  timeout: [504, 'the server did not answer in time', 'ask "config versions" what is in force, then try again'],
  unreachable: [
    502,
    'the server cannot be reached',
    'start it, or name it with --url; with TLS by a name of its certificate',
  ],
  answer_too_big: [502, 'the answer is too big', 'see that --url is that of Ringmaster'],
  address_refused: [403, 'the address is not one to connect to', 'name the server with --url'],
  request_invalid: [400, 'this is not a web address', 'name the server with --url, such as http://127.0.0.1:8090'],
  not_understood: [502, 'the answer is not one of Ringmaster', 'see that --url is that of Ringmaster'],
});

export interface ConfigWish {
  readonly verb: string;
  readonly rollout: string | undefined;
  readonly keyFile: string | undefined;
  readonly url: string | undefined;
  readonly json: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

const requests: ReadonlyMap<string, 'GET' | 'POST'> = new Map([
  ['reload', 'POST'],
  ['promote', 'POST'],
  ['rollback', 'POST'],
  ['versions', 'GET'],
]);

/** Reading a large file blocks the server for a while. */
const answerTimeoutMs = 30_000;
const answerBytesMax = 4_000_000;

/** `ringmaster config VERB` against a running server; gives back the exit code. Throws `config_command.*` and `config.*`. */
export async function runConfigCommand(
  wish: ConfigWish,
  file: string,
  { env, print }: { readonly env: Env; readonly print: (text: string) => void },
): Promise<number> {
  const method = requests.get(wish.verb);
  if (!method) throw new AppError(errors.usage, wish.verb === '' ? undefined : `"${wish.verb}"`);
  if (wish.rollout !== undefined && wish.verb !== 'reload')
    throw new AppError(errors.usage, '--rollout goes with reload');
  const key = keyOf(wish.keyFile, env);
  const url = `${wish.url?.replace(/\/+$/, '') ?? urlOf(file, env)}/v1/config/${wish.verb}`;
  const answer = await ask(method, url, key, wish.verb === 'reload' ? reloadBody(wish.rollout) : undefined);
  const body = parsed(answer.body);
  if (wish.json) print(`${JSON.stringify(body)}\n`);
  else print(answer.status === 200 ? told(wish.verb, body) : refused(body));
  if (answer.status === 200) return 0;
  return answer.status === 422 || answer.status === 400 ? 2 : 1;
}

const reloadBody = (rollout: string | undefined): object => (rollout === undefined ? {} : { rollout });

function keyOf(file: string | undefined, env: Env): string {
  const key = file === undefined ? env['RINGMASTER_KEY']?.trim() : textOf(file).trim();
  if (!key) throw new AppError(errors.key_missing);
  if (!/^[\x21-\x7e]+$/.test(key)) throw new AppError(errors.key_unreadable, 'it holds more than one word');
  return key;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(errors.key_unreadable, errorText(cause), { cause });
  }
}

/** A server that listens on every address is asked on loopback. */
function urlOf(file: string, env: Env): string {
  const { host, port, tls } = loadConfig(file, { env }).server;
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tls ? 'https' : 'http'}://${near.includes(':') ? `[${near}]` : near}:${port}`;
}

async function ask(method: 'GET' | 'POST', url: string, key: string, body: object | undefined): Promise<HttpAnswer> {
  if (!URL.canParse(url)) throw new AppError(errors.request_invalid);
  const transport = httpTransport({
    errors,
    allow: ['0.0.0.0/0', '::/0'],
    responseBytesMax: answerBytesMax,
    requestTimeoutMs: answerTimeoutMs,
    connectionsMax: 1,
  });
  const headers = { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  const sent = body ? { body: JSON.stringify(body) } : {};
  try {
    return await transport.send({ method, url, headers, ...sent }, AbortSignal.timeout(answerTimeoutMs));
  } finally {
    await transport.close();
  }
}

function parsed(text: string): object {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body;
  } catch (cause) {
    throw new AppError(errors.not_understood, undefined, { cause });
  }
  throw new AppError(errors.not_understood);
}

interface Refusal {
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly mend?: string;
    readonly details?: readonly { readonly in: string; readonly path: string; readonly message: string }[];
  };
}

/** One line for each thing that is wrong: `line 12 queues[0].requires: there is no skill "zhh". Did you mean "zh"?` */
function refused({ error = {} }: Refusal): string {
  const { code = '', message = 'refused', mend = '', details = [] } = error;
  const lines = details.map(({ in: where, path, message: what }) => `${where} ${path}: ${what}\n`);
  return `${lines.join('')}${code}: ${message}\n${mend}\n`;
}

interface Rollout {
  readonly share: number;
  readonly of: string;
}

interface ReloadedAnswer {
  readonly outcome?: string;
  readonly version?: string;
  readonly rollout?: Rollout;
  readonly changed?: readonly string[];
  readonly warnings?: readonly { readonly message: string; readonly mend: string; readonly keys: readonly string[] }[];
}

function told(verb: string, body: object): string {
  if (verb === 'versions') return versionsTable((body as { versions?: readonly RuleVersionView[] }).versions ?? []);
  if (verb === 'reload') return reloadedText(body);
  return `rules ${(body as Partial<RuleVersionView>).version ?? '?'} are in force for all that comes\n`;
}

function reloadedText({ outcome, version, rollout, changed = [], warnings = [] }: ReloadedAnswer): string {
  const what = changed.length > 0 ? `; changed: ${changed.join(', ')}` : '';
  const warned = warnings.map(({ keys, message, mend }) => `${keys.join(', ')}: ${message}; ${mend}\n`).join('');
  if (outcome === 'unchanged') return `rules ${version} were in force already\n${warned}`;
  const whose = rollout ? `tried by ${shareText(rollout)}` : 'in force for all that comes';
  return `rules ${version} are ${whose}${what}\n${warned}`;
}

const shareText = ({ share, of }: Rollout): string => `${share}% of ${of}`;

const heads = [
  'version',
  'state',
  'loaded',
  'live',
  'calls',
  'answered',
  'in 20 s',
  'abandoned',
  'mean wait',
  'longest',
];

/** Newest first, in columns. */
function versionsTable(versions: readonly RuleVersionView[]): string {
  const rows = [heads, ...versions.toReversed().map(rowOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function rowOf(version: RuleVersionView): readonly string[] {
  const { calls, answered, serviceLevel, abandoned, waitMeanMs, waitMaxMs, rollout } = version;
  return [
    version.version,
    rollout ? `${version.state} ${shareText(rollout)}` : version.state,
    new Date(version.loadedAtMs).toISOString().slice(0, 19),
    String(version.callsLive),
    String(calls),
    String(answered),
    `${Math.round(serviceLevel * 100)}%`,
    String(abandoned),
    `${(waitMeanMs / 1000).toFixed(1)} s`,
    `${(waitMaxMs / 1000).toFixed(1)} s`,
  ];
}
