import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Destination, Target } from '../src/call/index.ts';
import { Secret } from '../src/security/index.ts';
import type { ProblemKind } from './problems.ts';

/** What a scalar may draw on besides its own text. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the config file; relative paths start here. */
  readonly folder: string;
  readonly plainSecretsAllowed: boolean;
}

export interface ScalarProblem {
  readonly ok: false;
  readonly kind: ProblemKind;
  readonly message: string;
  readonly mend: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | ScalarProblem;

const value = <T>(parsed: T): Parsed<T> => ({ ok: true, value: parsed });
const problem = (kind: ProblemKind, message: string, mend: string): ScalarProblem => ({
  ok: false,
  kind,
  message,
  mend,
});

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from `20s` and the like. */
export function parseDuration(raw: unknown): Parsed<number> {
  if (typeof raw === 'number' && Number.isInteger(raw)) return value(raw);
  const [, amount, unit] = (typeof raw === 'string' && /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(raw)) || [];
  if (amount === undefined || unit === undefined) {
    return problem(
      'wrong_type',
      `${shown(raw)} is not a duration`,
      'Write 300ms, 20s, 5m, 2h, 3d or whole milliseconds.',
    );
  }
  return value(Math.round(Number(amount) * (unitMs[unit] ?? 1)));
}

/** The largest sensible unit: 90000 is `90s`. */
export function durationText(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms > 0 && ms % (unitMs[name] ?? 1) === 0) ?? 'ms';
  return `${ms / (unitMs[unit] ?? 1)}${unit}`;
}

const reference = /\$\{(env|file):([^}]+)\}/;
const wholeReference = new RegExp(`^${reference.source}$`);
const writeReference = 'Write ${env:NAME} or ${file:/path} and put the secret there.';

/** A secret by reference; a plain one only where the file says that it is a test site. */
export function parseSecret(raw: unknown, around: Surroundings): Parsed<Secret> {
  if (typeof raw !== 'string' || raw === '')
    return problem('wrong_type', 'this must be a reference to a secret', writeReference);
  if (!wholeReference.test(raw)) {
    if (around.plainSecretsAllowed) return value(new Secret(raw));
    return problem('plain_secret', 'a secret is written in the file itself', writeReference);
  }
  const text = expand(raw, around);
  return text.ok ? value(new Secret(text.value)) : text;
}

/** A text as it stands, or what its reference stands for. A plain text under a name such as `token` is refused. */
export function parseVariable(name: string, raw: unknown, around: Surroundings): Parsed<string | Secret> {
  if (typeof raw === 'number' || typeof raw === 'boolean') return value(String(raw));
  if (typeof raw !== 'string') return problem('wrong_type', 'this must be a text', 'Write a text or ${env:NAME}.');
  if (wholeReference.test(raw) || /passw|secret|token|api_?key|credential/i.test(name)) return parseSecret(raw, around);
  return value(raw);
}

export function parseSecretUrl(raw: unknown, around: Surroundings): Parsed<Secret> {
  if (typeof raw !== 'string') return problem('wrong_type', 'this must be a URL', 'Write a URL as a text.');
  const text = expand(raw, around);
  if (!text.ok) return text;
  const masked = URL.parse(raw.replaceAll(new RegExp(reference, 'g'), ''));
  if (masked?.password && !around.plainSecretsAllowed) {
    return problem(
      'plain_secret',
      'the URL holds a password',
      'Write it as ${env:NAME}, e.g. postgres://user:${env:PASSWORD}@host/db.',
    );
  }
  if (URL.parse(text.value) === null)
    return problem('bad_form', 'this is not a URL', 'Write e.g. sqlite:./ringmaster.sqlite or redis://host:6379.');
  return value(new Secret(text.value));
}

/** An absolute path of a file that exists. */
export function parsePath(raw: unknown, around: Surroundings): Parsed<string> {
  if (typeof raw !== 'string' || raw === '')
    return problem('wrong_type', 'this must be a file path', 'Write a path as a text.');
  const file = isAbsolute(raw) ? raw : resolve(around.folder, raw);
  if (!existsSync(file))
    return problem(
      'file_missing',
      `there is no file ${file}`,
      'Mend the path; it starts at the folder of the config file.',
    );
  return value(file);
}

const targetForms =
  'Write queue:ID, agent:ID, voicemail:ID, callback:QUEUE, number:DIGITS, dialplan:CONTEXT,EXTENSION,PRIORITY or hangup.';

export function parseTarget(raw: unknown): Parsed<Target> {
  if (raw === 'hangup') return value({ kind: 'hangup' });
  const [, kind, rest = ''] =
    (typeof raw === 'string' && /^(queue|agent|voicemail|callback|number|dialplan):(.+)$/.exec(raw)) || [];
  if (kind === 'queue') return value({ kind, queueId: rest });
  if (kind === 'agent') return value({ kind, agentId: rest });
  if (kind === 'voicemail') return value({ kind, boxId: rest });
  if (kind === 'callback') return value({ kind, queueId: rest });
  if (kind === 'number' && /^\+?[0-9*#]{1,32}$/.test(rest)) return value({ kind, number: rest });
  const [, context, extension, priority = '1'] = /^([\w-]{1,79}),([\w+*#-]{1,79})(?:,(\d{1,5}))?$/.exec(rest) ?? [];
  if (kind === 'dialplan' && context !== undefined && extension !== undefined) {
    return value({ kind, context, extension, priority: Number(priority) });
  }
  return problem('bad_form', `${shown(raw)} is not a target`, targetForms);
}

/** A target, or the name of a step of the flow, `back`, `repeat`. */
export function parseDestination(raw: unknown): Parsed<Destination> {
  if (raw === 'back' || raw === 'repeat') return value({ kind: raw });
  if (typeof raw === 'string' && raw !== 'hangup' && /^[A-Za-z][\w-]{0,31}$/.test(raw)) {
    return value({ kind: 'step', stepId: raw });
  }
  const parsed = parseTarget(raw);
  return parsed.ok ? parsed : { ...parsed, mend: `${targetForms.slice(0, -1)}, or the name of a step.` };
}

/** A value as an error message shows it; shortened. */
export function shown(raw: unknown): string {
  const text = typeof raw === 'string' ? `"${raw}"` : raw === undefined ? 'nothing' : JSON.stringify(raw);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Puts in what references stand for. Beside other text, i.e. inside a URL, the secret is percent-encoded. */
function expand(raw: string, around: Surroundings): Parsed<string> {
  const encode = wholeReference.test(raw) ? (text: string) => text : encodeURIComponent;
  let failed: ScalarProblem | undefined;
  const text = raw.replaceAll(new RegExp(reference, 'g'), (_whole, from: string, name: string) => {
    const got = from === 'env' ? around.env[name] : fileText(resolve(around.folder, name));
    if (got !== undefined && got !== '') return encode(got);
    failed ??=
      from === 'env'
        ? problem(
            'secret_unavailable',
            `the environment variable ${name} is not set`,
            `Set ${name} where the server is started.`,
          )
        : problem(
            'secret_unavailable',
            `the secret file ${name} cannot be read or is empty`,
            'Write the secret there, readable by the server only.',
          );
    return '';
  });
  return failed ?? value(text);
}

function fileText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    // Reported by the caller with the line of the config that names the file.
    return undefined;
  }
}
