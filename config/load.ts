import { type Config, toConfig } from './config.ts';
import { namePrompts } from './prompts.ts';
import { checkReferences } from './references.ts';
import type { Problems } from './problems.ts';
import { checkAgainstRunning } from './running.ts';
import { ConfigFile, type ConfigFileData } from './schema.ts';
import { readText, readYaml } from './yaml.ts';

export interface LoadOptions {
  /** Where `${env:NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** With what the server was started that reads its file anew. */
  readonly running?: Config;
}

/**
 * Reads and checks a YAML config file. Throws `config.unreadable` when there is no such file, and a `ConfigError`
 * (`config.invalid`) that lists everything wrong with it, each with file, line, key and mend.
 */
export function loadConfig(path: string, options: LoadOptions): Config {
  return parseConfig(readText(path), path, options);
}

/** The same for a text at hand; `path` names it in errors, and its folder is where relative paths start. */
export function parseConfig(text: string, path: string, { env, running }: LoadOptions): Config {
  const check = (data: ConfigFileData, problems: Problems): void => {
    checkReferences(data, problems);
    if (running) checkAgainstRunning(data, running, problems);
  };
  const data = readYaml({ schema: ConfigFile, text, path, env, check });
  return toConfig(path, namePrompts(data), running?.recording.format);
}
