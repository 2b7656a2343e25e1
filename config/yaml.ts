import { dirname, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { AppError, errorText } from '../src/kernel/index.ts';
import type { Static, TSchema } from '../src/schema/index.ts';
import { decode } from './decode.ts';
import { ConfigError, configErrors, Problems } from './problems.ts';

export interface YamlReading<Schema extends TSchema> {
  readonly schema: Schema;
  readonly text: string;
  /** Names the file in errors; relative paths in it start at its folder. */
  readonly path: string;
  /** Where `${env:NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rewrites what was written before it is read, e.g. puts in what one part takes from another. */
  readonly prepare?: (document: Document) => void;
  /** What one key alone cannot tell. */
  readonly check: (data: Static<Schema>, problems: Problems) => void;
}

/** Reads a YAML text as the schema says. Throws a `ConfigError` with everything wrong, each with line, key and mend. */
export function readYaml<Schema extends TSchema>(reading: YamlReading<Schema>): Static<Schema> {
  const { schema, text, path, env, prepare, check } = reading;
  const lines = new LineCounter();
  const problems = new Problems(path);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0]);
    const key = `line ${line}`;
    problems.place(key, line);
    problems.report('syntax', key, error.message, 'Mend the YAML; mind indentation, quotes and names given twice.');
  }
  if (document.errors.length > 0) throw new ConfigError(problems.all());

  prepare?.(document);
  const around = {
    env,
    folder: dirname(resolve(path)),
    plainSecretsAllowed: document.get('insecurePlainSecrets') === true,
  };
  const data = decode(schema, document.contents, '', { document, lines, problems, around }) as Static<Schema>;
  if (!problems.isBroken('')) check(data, problems);
  const found = problems.all();
  if (found.length > 0) throw new ConfigError(found);
  return data;
}

/** The text of a file of settings. Throws `config.unreadable`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(configErrors.unreadable, errorText(cause), { cause });
  }
}
