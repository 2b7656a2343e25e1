import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AdapterConfig, Config } from '../config/index.ts';
import {
  askInOrder,
  type CustomerAdapter,
  createCustomerLookup,
  createRestAdapter,
  Directory,
  defaultNumberPlan,
  type ManagedLookup,
  memoryDirectoryStore,
  type NumberPlan,
  openRedisCache,
  parseTemplate,
  readDirectoryCsv,
} from './crm/index.ts';
import { problemText, type SecretRef } from './rest/index.ts';
import type { OwnNeighbour } from './outgoing/index.ts';
import { ownNeighbours } from './own-neighbours.ts';
import { AppError, type Clock, defineErrors, errorText, type Logger, type Rng } from './kernel/index.ts';

export const lookupErrors = defineErrors('lookup', {
  template_unusable: [500, 'A CRM template cannot be used', 'Mend the template at the line that the message names.'],
  directory_unusable: [
    500,
    'The customer directory cannot be used',
    'Mend the CSV file at the line that the message names.',
  ],
});

const csvLimits = { bytesMax: 64 * 1024 * 1024, rowsMax: 500_000 };
const connectionsPerCrm = 32;

interface Parts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ComposedLookup {
  readonly lookup: ManagedLookup;
  readonly directory: Directory;
  /** How numbers are written at this site. */
  readonly plan: NumberPlan;
}

/** Builds who-is-calling from the config: directory, CRM adapters, caches. Throws on a template or CSV that is unusable. */
export async function composeLookup(config: Config, parts: Parts): Promise<ComposedLookup> {
  const { lookup, redis } = config;
  const { clock, rng, logger } = parts;
  const plan: NumberPlan = {
    ...defaultNumberPlan,
    country: lookup.defaultRegion,
    ...(lookup.areaCode === undefined ? {} : { areaCode: lookup.areaCode }),
    ...(lookup.outsideLinePrefix === undefined ? {} : { outsidePrefix: lookup.outsideLinePrefix }),
  };
  const own = ownNeighbours(config);
  const adapters = config.crm.adapters.map((adapter) => restAdapter(adapter, own, parts));
  const [first] = adapters;
  const adapter = adapters.length > 1 ? askInOrder(adapters) : first;
  const shared =
    redis &&
    (await openRedisCache({
      url: redis.url.reveal(),
      prefix: redis.prefix.replace(/:$/, ''),
      readBudgetMs: redis.deadlineMs,
      writeBudgetMs: redis.deadlineMs,
      clock,
      rng,
      logger,
    }));
  const built = await directory(config, plan);
  const made = createCustomerLookup({
    ...(adapter ? { adapter } : {}),
    ...(shared ? { shared } : {}),
    directory: built,
    // Without a given key the keys of a shared cache are this process's own, which costs hits but leaks nothing.
    keySecret: lookup.numberHmacSecret?.reveal() ?? randomBytes(32).toString('hex'),
    plan,
    limits: {
      deadlineMs: lookup.deadlineMs,
      crmTimeoutMs: lookup.crmTimeoutMs,
      concurrentMax: lookup.concurrentMax,
      queuedMax: lookup.queuedMax,
      failuresMax: lookup.breakerFailures,
      openMs: lookup.breakerOpenMs,
      entriesMax: lookup.memoryEntriesMax,
    },
    lifetimes: {
      hitFreshMs: lookup.hitFreshMs,
      hitStaleMs: lookup.hitStaleMs,
      noneMs: lookup.noneMs,
      ambiguousMs: lookup.ambiguousMs,
      errorMs: lookup.errorMs,
    },
    clock,
    rng,
    logger,
  });
  return { lookup: made, directory: built, plan };
}

/** One CRM by its template. Throws on a template that is unusable. */
export function restAdapter(
  { id, template: file, variables, allow }: AdapterConfig,
  own: readonly OwnNeighbour[],
  { clock, env }: Parts,
): CustomerAdapter {
  const parsed = parseTemplate(readText(file, lookupErrors.template_unusable), file);
  if (parsed.kind === 'problems') {
    throw new AppError(lookupErrors.template_unusable, parsed.problems.map(problemText).join('\n'));
  }
  const adapter = createRestAdapter({
    template: parsed.template,
    resolveSecret: resolverOf(variables, env),
    allow,
    own,
    connectionsMax: connectionsPerCrm,
    clock,
  });
  return { ...adapter, id };
}

/** The config's variables stand before the environment, so that two CRMs of one template can have two tokens. */
export function resolverOf(variables: AdapterConfig['variables'], env: Parts['env']) {
  return ({ from, name }: SecretRef): string | undefined => {
    if (from === 'file') return readText(name, lookupErrors.template_unusable).trim();
    const value = variables[name];
    return value === undefined ? env[name] : typeof value === 'string' ? value : value.reveal();
  };
}

async function directory(config: Config, plan: NumberPlan): Promise<Directory> {
  const built = new Directory(plan, memoryDirectoryStore());
  const { csv } = config.directory;
  if (csv === undefined) return built;
  const outcome = await readDirectoryCsv(readText(csv, lookupErrors.directory_unusable), plan, csvLimits);
  if (outcome.kind === 'problems') {
    const lines = outcome.problems.map(({ line, message }) => `${csv}:${line}: ${message}`);
    throw new AppError(lookupErrors.directory_unusable, lines.join('\n'));
  }
  await built.replace(config.tenant, outcome.rows);
  return built;
}

export function readText(path: string, spec: typeof lookupErrors.template_unusable): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(spec, errorText(cause), { cause });
  }
}
