import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/index.ts';
import type { RulesDoor } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import { DetailedError } from '../failure.ts';
import {
  ExplainBody,
  ExplainedBody,
  ReloadBody,
  ReloadedBody,
  RuleVersionBody,
  RuleVersionsBody,
} from '../rule-schemas.ts';
import { failures } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const tags = ['rules'];
const detailsMax = 500;

/** Rules of routing: who would get a call and why, and changing them while calls go on. */
export function ruleRoutes(api: Api, door: RulesDoor): void {
  const read = guarded('rules:read');
  api.post(
    '/v1/routing/explain',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'explainRouting',
        summary: 'Who would get a call, live or made up, and why everyone else would not; nothing is touched',
        body: ExplainBody,
        response: { 200: ExplainedBody, ...failures(400, 401, 403, 404, 409, 413, 415, 429) },
      },
    },
    async (request) => door.explain(request.body),
  );
  api.get(
    '/v1/config/versions',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'listRuleVersions',
        summary: 'Versions of the rules, with what came of their calls side by side',
        response: { 200: RuleVersionsBody, ...failures(401, 403, 429) },
      },
    },
    async () => ({ versions: [...door.versions()] }),
  );
  changeRoutes(api, door);
}

function changeRoutes(api: Api, door: RulesDoor): void {
  const { config, security } = guarded('rules:write');
  api.post(
    '/v1/config/reload',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'reloadConfig',
        summary: 'Read the configuration file anew; with any error nothing changes and all errors are told',
        body: ReloadBody,
        response: { 200: ReloadedBody, ...failures(400, 401, 403, 413, 415, 422, 429) },
      },
    },
    async (request) => {
      const reloaded = door.reload(actorOf(request), request.body?.rollout);
      if (reloaded.outcome !== 'refused') {
        const { changed, restartNeeded, warnings } = reloaded;
        return {
          ...reloaded,
          changed: [...changed],
          restartNeeded: [...restartNeeded],
          warnings: warnings.map((warning) => ({ ...warning, keys: [...warning.keys] })),
        };
      }
      const details = reloaded.problems.map(({ line, key, message, mend }) => {
        return { in: `line ${line}`, path: key, message: `${message}. ${mend}` };
      });
      throw new DetailedError(httpErrors.config_refused, details.slice(0, detailsMax));
    },
  );
  for (const [verb, operationId, summary] of [
    ['promote', 'promoteRules', 'The rules that are tried are for all that comes from now on'],
    ['rollback', 'rollBackRules', 'Takes back the rules that are tried, or else those in force for the ones before'],
  ] as const) {
    api.post(
      `/v1/config/${verb}`,
      {
        config,
        schema: {
          tags,
          security,
          operationId,
          summary,
          response: { 200: RuleVersionBody, ...failures(401, 403, 409, 413, 415, 429) },
        },
      },
      async (request) => {
        const actor = actorOf(request);
        const version = verb === 'promote' ? door.promote(actor) : door.rollBack(actor);
        if (!version) throw new AppError(httpErrors.no_other_rules);
        return version;
      },
    );
  }
}

const actorOf = ({ principal }: FastifyRequest): string => principal?.id ?? 'nobody';
