import { dirname, resolve } from 'node:path';
import type { Config } from '../config/index.ts';

/** Tenant and key of the chain, as the config gives them. */
export function auditKey({ tenant, audit }: Pick<Config, 'tenant' | 'audit'>): { tenant: string; key?: string } {
  return audit.key === undefined ? { tenant } : { tenant, key: audit.key.reveal() };
}

/** The file beside the config file, where it is a relative one. */
export function anchorPath({ file, audit }: Pick<Config, 'file' | 'audit'>): string | undefined {
  return audit.anchorFile === undefined ? undefined : resolve(dirname(file), audit.anchorFile);
}
