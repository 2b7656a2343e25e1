import { createRequire } from 'node:module';
import type * as Cel from '@marcbachmann/cel-js';

type Engine = Pick<typeof Cel, 'Environment' | 'serialize'>;
let engine: Engine | undefined;

/**
 * The CEL engine takes seven megabytes, so only a site that has conditions loads it; and a configuration is read in one
 * go, so it is required and not imported.
 */
export function celEngine(): Engine {
  engine ??= createRequire(import.meta.url)('@marcbachmann/cel-js') as Engine;
  return engine;
}
