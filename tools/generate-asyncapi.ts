import { readFileSync, writeFileSync } from 'node:fs';
import { asyncApi } from '../src/events/index.ts';

const target = new URL('../docs/asyncapi.json', import.meta.url);

/**
 * Writes docs/asyncapi.json from the event catalogue. With `check` nothing is written; the answer is whether the file
 * was up to date.
 */
export function generate({ check }: { readonly check: boolean }): boolean {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const fresh = `${JSON.stringify(asyncApi(version), null, 1)}\n`;
  if (fresh === current()) return true;
  if (!check) writeFileSync(target, fresh);
  return false;
}

function current(): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  if (!generate({ check }) && check) {
    console.error('docs/asyncapi.json is out of date; run: node tools/generate-asyncapi.ts');
    process.exitCode = 1;
  }
}
