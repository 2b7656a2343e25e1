import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/index.ts';

type StoreConfig = Pick<Config, 'store' | 'file'>;

/** Where the store is. A relative SQLite file lies beside the config file, in a folder that is made when missing. */
export function storeUrl(config: StoreConfig): string {
  const url = config.store.url.reveal();
  const path = url.startsWith('sqlite:') ? storeFile(config) : undefined;
  if (path === undefined || path === ':memory:') return url;
  mkdirSync(dirname(path), { recursive: true });
  return `sqlite:${path}`;
}

/** The file of an SQLite store, or `:memory:`; undefined for a database elsewhere. */
export function storeFile({ store, file }: StoreConfig): string | undefined {
  const url = store.url.reveal();
  if (url.startsWith('file:')) return fileURLToPath(url);
  if (!url.startsWith('sqlite:')) return undefined;
  const path = url.slice('sqlite:'.length);
  return path === ':memory:' ? path : resolve(dirname(file), path);
}
