import type { Config } from '../config/index.ts';
import { createFastAgiServer, type FastAgiServer } from './advice/index.ts';
import { AdviceDesk, type Switchboard } from './bridge/index.ts';
import type { CustomerLookup } from './bridge/ports.ts';
import type { Clock, Logger } from './kernel/index.ts';

const loopback = ['127.0.0.0/8', '::1/128'];

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What answers dialplans that keep their calls: the desk, and the FastAGI server when it is configured. */
export function composeAdvice(
  config: Config,
  board: Switchboard,
  lookup: CustomerLookup,
  { clock, logger }: Parts,
): { readonly advice: AdviceDesk; readonly fastAgi: FastAgiServer | undefined } {
  const { tenant, pbx, dialplan } = config;
  const { fastAgi, ...limits } = dialplan;
  const nodeIds = pbx.nodes.map(({ id }) => id);
  const advice = new AdviceDesk(board, { tenant, nodeIds, lookup, clock, ...limits });
  if (!fastAgi) return { advice, fastAgi: undefined };
  const { secret, allow, ...rest } = fastAgi;
  const options = { ...rest, allow: allow.length > 0 ? allow : loopback };
  const server = createFastAgiServer(secret ? { ...options, secret: secret.reveal() } : options, {
    ask: (question) => advice.ask(question),
    clock,
    logger,
  });
  return { advice, fastAgi: server };
}
