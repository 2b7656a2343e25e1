import type { Config } from '../config/index.ts';
import type { HttpSettings } from './http/index.ts';

/** The general allowance is two plain settings in the file; the others have their own section. */
export function httpSettings({
  requestsPerSecond: perSecond,
  requestBurst: burst,
  rates,
  ...server
}: Config['server']): HttpSettings {
  return { ...server, rates: { ...rates, default: { perSecond, burst } } };
}
