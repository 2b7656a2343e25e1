import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AdapterConfig, Config } from '../config/index.ts';
import type { CheckPort } from './bridge/ports.ts';
import {
  askInOrder,
  type CustomerAdapter,
  createCustomerLookup,
  createNumberCheck,
  createRestAdapter,
  Directory,
  defaultNumberPlan,
  type ManagedLookup,
  memoryDirectoryStore,
  type NumberPlan,
  openRedisCache,
  parseCheckTemplate,
  parseTemplate,
  readDirectoryCsv,
} from './crm/index.ts';
import { problemText, type SecretRef } from './rest/index.ts';
import type { OwnNeighbour } from './outgoing/index.ts';
import { ownNeighbours } from './own-neighbours.ts';
import { AppError, type Clock, defineErrors, errorText, type Logger, type Rng } from './kernel/index.ts';

const errors = defineErrors('lookup', {
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

/** Numbers that callers type, held against what a neighbour knows. */
export interface Checks extends CheckPort {
  stop(): Promise<void>;
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
  const parsed = parseTemplate(readText(file, errors.template_unusable), file);
  if (parsed.kind === 'problems') {
    throw new AppError(errors.template_unusable, parsed.problems.map(problemText).join('\n'));
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
function resolverOf(variables: AdapterConfig['variables'], env: Parts['env']) {
  return ({ from, name }: SecretRef): string | undefined => {
    if (from === 'file') return readText(name, errors.template_unusable).trim();
    const value = variables[name];
    return value === undefined ? env[name] : typeof value === 'string' ? value : value.reveal();
  };
}

/** Who is asked whether there is such a number, by the name of the check; undefined where nobody is. */
export function composeChecks(config: Config, { clock, env, logger }: Parts): Checks | undefined {
  if (config.checks.length === 0) return undefined;
  const own = ownNeighbours(config);
  const checks = new Map(
    config.checks.map(({ id, template: file, variables, allow, deadlineMs, concurrentMax }) => {
      const parsed = parseCheckTemplate(readText(file, errors.template_unusable), file);
      if (parsed.kind === 'problems') {
        throw new AppError(errors.template_unusable, parsed.problems.map(problemText).join('\n'));
      }
      const { template } = parsed;
      const options = {
        template,
        resolveSecret: resolverOf(variables, env),
        allow,
        own,
        clock,
        deadlineMs,
        concurrentMax,
      };
      const onFailed = (code: string): void => logger.warn({ check: id, code }, 'a check could not be asked');
      return [id, createNumberCheck(options, onFailed)] as const;
    }),
  );
  return {
    check({ checkId, ...question }, settle) {
      const found = checks.get(checkId);
      if (found) void found.ask(question).then(settle);
      else settle({ kind: 'unavailable' });
    },
    async stop() {
      await Promise.all([...checks.values()].map((one) => one.close()));
    },
  };
}

async function directory(config: Config, plan: NumberPlan): Promise<Directory> {
  const built = new Directory(plan, memoryDirectoryStore());
  const { csv } = config.directory;
  if (csv === undefined) return built;
  const outcome = await readDirectoryCsv(readText(csv, errors.directory_unusable), plan, csvLimits);
  if (outcome.kind === 'problems') {
    const lines = outcome.problems.map(({ line, message }) => `${csv}:${line}: ${message}`);
    throw new AppError(errors.directory_unusable, lines.join('\n'));
  }
  await built.replace(config.tenant, outcome.rows);
  return built;
}

function readText(path: string, spec: typeof errors.template_unusable): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(spec, errorText(cause), { cause });
  }
}
