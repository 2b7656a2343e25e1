import { parseArgs } from 'node:util';
import { errorText } from '../kernel/index.ts';
import { createApiKey, keyIdPattern } from './api-key.ts';

const keyHelp = `key create --id NAME

Makes an API key. NAME: lower-case letters, digits and "-". The key is printed once and kept nowhere;
what goes into the configuration is its hash.`;

/**
 * `ringmaster key create --id crm`: `args` is what follows `key`. Prints the key and the lines for the configuration;
 * gives the exit code, 2 for wrong arguments.
 */
export function runKeyCommand(args: readonly string[], print: (line: string) => void): number {
  const wish = parse(args);
  if (typeof wish === 'string') {
    print(`${wish}\n\n${keyHelp}`);
    return 2;
  }
  if (wish.help) {
    print(keyHelp);
    return 0;
  }
  const { key, hash } = createApiKey(wish.id);
  print(`key, shown once: ${key}\n`);
  print(
    `apiKeys:\n  - id: ${wish.id}\n    hash: ${hash}\n    kind: integration\n    scopes: [calls:read, agents:read, queues:read]`,
  );
  return 0;
}

function parse(
  args: readonly string[],
): { readonly help: true } | { readonly help: false; readonly id: string } | string {
  try {
    const options = { id: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) return { help: true };
    if (positionals.length !== 1 || positionals[0] !== 'create')
      return 'the only thing to do with keys here is "create"';
    if (values.id === undefined || !keyIdPattern.test(values.id))
      return 'give --id NAME: lower-case letters, digits and "-"';
    return { help: false, id: values.id };
  } catch (error) {
    return errorText(error);
  }
}
