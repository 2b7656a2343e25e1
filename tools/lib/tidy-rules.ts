interface LineRule {
  readonly files: RegExp;
  readonly not?: RegExp;
  readonly pattern: RegExp;
  readonly says: string;
}

const linesMax = 400;
const code = /\.(ts|mts|cts|js|mjs|cjs)$/;
const generated = /(^|\/)generated\//;

/** The words are put together here so that this file does not accuse itself. */
const word = (...parts: string[]): string => parts.join('');

const lineRules: readonly LineRule[] = [
  {
    files: code,
    pattern: new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('XX', 'X')})\\b`),
    says: 'unfinished work belongs in an issue, not in the tree',
  },
  {
    files: /^test\/.*\.ts$/,
    pattern: /\b(it|test|describe|suite)(\.\w+)*\.(only|skip|todo|skipIf|runIf)\b/,
    says: 'a test runs or is deleted; one that lacks its surroundings calls `context.skip(reason)`',
  },
  { files: code, pattern: new RegExp(word('@ts-', '(ignore|nocheck|expect-error)')), says: 'mend the type instead' },
  {
    files: /./,
    not: /^(package-lock\.json|LICENSE)$/,
    pattern: new RegExp(word('(^|[\\s"\'`(=:])', '/(root|work|home/[a-z]+)/')),
    says: "a path of one machine's own does not belong in the tree",
  },
  {
    files: /^config\/[^/]*\.ts$/,
    pattern: /^(import|export) (?!type\b).*'\.\.\/src\/(call|agents|routing)\//,
    says: 'config takes only types from the pure core: write `import type`',
  },
];

function lineFaults(path: string, text: string): string[] {
  const rules = lineRules.filter((rule) => rule.files.test(path) && !rule.not?.test(path));
  return text.split('\n').flatMap((line, index) => {
    return rules
      .filter((rule) => rule.pattern.test(line))
      .map((rule) => `${path}:${index + 1}: ${rule.says}\n    ${line.trim().slice(0, 120)}`);
  });
}

function fileFaults(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1;
  if (!path.startsWith('src/') || !code.test(path) || lines <= linesMax) return [];
  return [`${path}: ${lines} lines; ${linesMax} is the limit, 200 the aim: split it by concept`];
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/**
 * Packages of other platforms that the lock file lacks. npm leaves out what a registry mirror does not hold, and then
 * `npm ci` refuses the lock file on every machine.
 */
function lockFaults(text: string): string[] {
  const { packages } = JSON.parse(text) as LockFile;
  return Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
    .map((name) => `package-lock.json: no entry for the optional package ${name}, so npm ci will refuse it`);
}

/** Faults in sentences. `files` maps a path, relative to the root and with `/`, to its text. */
export function tidy(files: ReadonlyMap<string, string>): string[] {
  const faults = [...files]
    .filter(([path]) => !generated.test(path))
    .flatMap(([path, text]) => [...fileFaults(path, text), ...lineFaults(path, text)]);
  if (files.has('README.md') && !files.has('README.zh-CN.md')) {
    faults.push('README.md: its Chinese counterpart README.zh-CN.md is missing');
  }
  faults.push(...lockFaults(files.get('package-lock.json') ?? '{"packages":{}}'));
  return faults;
}
