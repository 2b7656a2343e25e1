import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Config } from '../config/index.ts';

/** Where the store is. A relative SQLite file lies beside the config file, in a folder that is made when missing. */
export function storeUrl(config: Pick<Config, 'store' | 'file'>): string {
  const url = config.store.url.reveal();
  const file = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
  if (file === undefined || file === ':memory:') return url;
  const path = isAbsolute(file) ? file : resolve(dirname(config.file), file);
  mkdirSync(dirname(path), { recursive: true });
  return `sqlite:${path}`;
}
