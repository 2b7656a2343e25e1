import { readFileSync, writeFileSync } from 'node:fs';
import { asyncApi } from '../src/events/index.ts';

const path = 'docs/asyncapi.json';
const target = new URL(`../${path}`, import.meta.url);

/** Writes docs/asyncapi.json from the event catalogue, unless `check`; gives the paths that changed or are stale. */
export function generate({ check }: { readonly check: boolean }): readonly string[] {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const fresh = `${JSON.stringify(asyncApi(version), null, 1)}\n`;
  if (fresh === current()) return [];
  if (!check) writeFileSync(target, fresh);
  return [path];
}

function current(): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}
