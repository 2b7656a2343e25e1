import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { CommandOutcome } from '../../bridge/index.ts';
import { AppError } from '../../kernel/index.ts';
import type { Demand } from '../access.ts';
import { commandErrors } from '../command-errors.ts';
import type { RateClass } from '../rate-limit.ts';

export type Api = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

const keyed = [{ apiKey: [] }, { accessToken: [] }];

/** The parts of a route that say who may use it and how often, for the hook and for the OpenAPI document. */
export function guarded(demand: Demand, rate: RateClass = rateOf(demand)) {
  return { config: { demand, rate }, security: demand === 'open' ? [] : keyed };
}

function rateOf(demand: Demand): RateClass {
  if (demand.endsWith(':control')) return 'command';
  return demand.startsWith('lookup:') ? 'lookup' : 'default';
}

/** The answer to a command: taken, or the reason as an error. */
export function answered(outcome: CommandOutcome): { accepted: true } {
  if (!outcome.ok) throw new AppError(commandErrors[outcome.code]);
  return { accepted: true };
}
