import { type Config, toConfig } from './config.ts';
import { namePrompts } from './prompts.ts';
import { checkReferences } from './references.ts';
import { ConfigFile } from './schema.ts';
import { readText, readYaml } from './yaml.ts';

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
export function parseConfig(text: string, path: string, { env }: LoadOptions): Config {
  return toConfig(path, namePrompts(readYaml({ schema: ConfigFile, text, path, env, check: checkReferences })));
}
