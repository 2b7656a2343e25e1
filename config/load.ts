import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { AppError, errorText } from '../src/kernel/index.ts';
import { type Config, toConfig } from './config.ts';
import { decode } from './decode.ts';
import { ConfigError, configErrors, Problems } from './problems.ts';
import { checkReferences } from './references.ts';
import { ConfigFile, type ConfigFileData } from './schema.ts';

export interface LoadOptions {
  /** Where `${env:NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads and checks a YAML config file. Throws `config.unreadable` when there is no such file, and a `ConfigError`
 * (`config.invalid`) that lists everything wrong with it, each with file, line, key and mend.
 */
export function loadConfig(path: string, options: LoadOptions): Config {
  return parseConfig(readText(path), path, options);
}

/** The same for a text at hand; `path` names it in errors, and its folder is where relative paths start. */
export function parseConfig(yaml: string, path: string, { env }: LoadOptions): Config {
  const lines = new LineCounter();
  const problems = new Problems(path);
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0]);
    const key = `line ${line}`;
    problems.place(key, line);
    problems.report('syntax', key, error.message, 'Mend the YAML; mind indentation, quotes and names given twice.');
  }
  if (document.errors.length > 0) throw new ConfigError(problems.all());

  const around = {
    env,
    folder: dirname(resolve(path)),
    plainSecretsAllowed: document.get('insecurePlainSecrets') === true,
  };
  const data = decode(ConfigFile, document.contents, '', { document, lines, problems, around }) as ConfigFileData;
  if (!problems.isBroken('')) checkReferences(data, problems);
  const found = problems.all();
  if (found.length > 0) throw new ConfigError(found);
  return toConfig(path, data);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(configErrors.unreadable, errorText(cause), { cause });
  }
}
