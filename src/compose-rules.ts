import { createHmac } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { SwitchboardOptions } from './bridge/index.ts';

/** How it is remembered who talked with a number last. */
export function lastAgentRules(config: Config): NonNullable<SwitchboardOptions['lastAgent']> {
  return { ...config.routing.lastAgent, keyOf: numberKey(config) };
}

/** Under which key it is kept who talked with a number: not to be read back without the secret of the site. */
function numberKey({ tenant, lookup }: Config): (number: string) => string {
  const secret = lookup.numberHmacSecret?.reveal() ?? tenant;
  return (number) => createHmac('sha256', secret).update(`lastAgent:${number}`).digest('base64url').slice(0, 32);
}
