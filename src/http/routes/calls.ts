import type { CallDetail, CommandOutcome, FrontDoor } from '../../bridge/index.ts';
import { CallView, CustomerCard } from '../../events/catalogue/index.ts';
import { AppError } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import { compileMask, type Principal, type Seal } from '../../security/index.ts';
import { actingAgent, ownAgent, seesNumbers } from '../access.ts';
import { commandErrors } from '../command-errors.ts';
import {
  Accepted,
  AttachBody,
  CallDetailBody,
  CallList,
  CallParams,
  failures,
  ForAgent,
  Page,
  pageDefault,
  strict,
  TransferBody,
} from '../schemas.ts';
import { type Api, answered, guarded } from './route.ts';

const tags = ['calls'];
const commandFailures = failures(400, 401, 403, 404, 409, 413, 415, 429, 503);
const maskDetail = compileMask(Type.Object({ call: CallView, customer: CustomerCard })) ?? ((value: unknown) => value);

/** An agent's own call, or one on which it is asked. */
const isOn = ({ call }: CallDetail, agentId: string): boolean =>
  [call.agentId, call.consult?.agentId, ...(call.offeredTo ?? [])].includes(agentId);

/** What this principal may see of a call: an agent only its own, numbers only by right. */
function visible(detail: CallDetail | undefined, principal: Principal | null, seal: Seal): CallDetail | undefined {
  if (detail === undefined) return undefined;
  const own = ownAgent(principal);
  if (own !== undefined && !isOn(detail, own)) return undefined;
  return seesNumbers(principal) ? detail : (maskDetail(detail, seal) as CallDetail);
}

/** Calls: what is alive, and what agents and integrations do with them. */
export function callRoutes(api: Api, door: FrontDoor, seal: Seal): void {
  readRoutes(api, door, seal);
  offerRoutes(api, door);
  talkRoutes(api, door);
}

function readRoutes(api: Api, door: FrontDoor, seal: Seal): void {
  const { config, security } = guarded('calls:read');
  api.get(
    '/v1/calls',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'listCalls',
        summary: 'Calls alive now; with the key of an agent, its own',
        querystring: strict({
          ...Page,
          queueId: Type.Optional(Type.String({ maxLength: 128 })),
          agentId: Type.Optional(Type.String({ maxLength: 128 })),
          phase: Type.Optional(CallView.properties.phase),
        }),
        response: { 200: CallList, ...failures(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { queueId, agentId, phase, limit = pageDefault } = request.query;
      const fits = ({ call }: CallDetail) =>
        (queueId === undefined || call.queueId === queueId) &&
        (agentId === undefined || call.agentId === agentId || call.offeredTo?.includes(agentId) === true) &&
        (phase === undefined || call.phase === phase);
      const own = ownAgent(request.principal);
      const found = door.snapshot().calls.filter((detail) => fits(detail) && (own === undefined || isOn(detail, own)));
      const calls = found.slice(0, limit).flatMap((detail) => visible(detail, request.principal, seal)?.call ?? []);
      return { total: found.length, calls };
    },
  );

  api.get(
    '/v1/calls/:callId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'getCall',
        summary: 'One call with the card of its customer',
        params: CallParams,
        response: { 200: CallDetailBody, ...failures(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const detail = visible(door.call(request.params.callId), request.principal, seal);
      // Somebody else's call is answered like none, so that ids cannot be probed.
      if (detail === undefined) throw new AppError(commandErrors['call.unknown']);
      return detail;
    },
  );
}

/** Accept and reject act for an agent: the key's own, or the one that an integration names. */
function offerRoutes(api: Api, door: FrontDoor): void {
  const { config, security } = guarded('calls:control');
  const command = (path: string, summary: string, run: (callId: string, agentId: string) => CommandOutcome) =>
    api.post(
      `/v1/calls/:callId/${path}`,
      {
        config,
        schema: {
          tags,
          security,
          operationId: `${path}Call`,
          summary,
          params: CallParams,
          querystring: ForAgent,
          response: { 202: Accepted, ...commandFailures },
        },
      },
      async (request, reply) => {
        const agentId = actingAgent(request.principal, request.query.agentId);
        return reply.status(202).send(answered(run(request.params.callId, agentId)));
      },
    );
  command('accept', 'The agent takes the offered call', (callId, agentId) => door.accept(callId, agentId));
  command('reject', 'The agent declines the offered call', (callId, agentId) => door.reject(callId, agentId));
}

function talkRoutes(api: Api, door: FrontDoor): void {
  const { config, security } = guarded('calls:control');
  const command = (
    path: string,
    operationId: string,
    summary: string,
    run: (callId: string, by?: string) => CommandOutcome,
  ) =>
    api.post(
      `/v1/calls/:callId/${path}`,
      {
        config,
        schema: {
          tags,
          security,
          operationId,
          summary,
          params: CallParams,
          response: { 202: Accepted, ...commandFailures },
        },
      },
      async (request, reply) =>
        reply.status(202).send(answered(run(request.params.callId, ownAgent(request.principal)))),
    );
  command('hold', 'holdCall', 'The caller hears music', (callId, by) => door.hold(callId, by));
  command('resume', 'resumeCall', 'The caller is back', (callId, by) => door.resume(callId, by));
  command('hang-up', 'hangUpCall', 'End the call', (callId, by) => door.hangUp(callId, by));

  api.post(
    '/v1/calls/:callId/transfer',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'transferCall',
        summary: 'Blind transfer to a queue, an agent or a number',
        params: CallParams,
        body: TransferBody,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const outcome = door.transfer(request.params.callId, request.body.target, ownAgent(request.principal));
      return reply.status(202).send(answered(outcome));
    },
  );

  api.patch(
    '/v1/calls/:callId/data',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'attachData',
        summary: 'Attach data that follows the call',
        params: CallParams,
        body: AttachBody,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const outcome = door.attachData(request.params.callId, request.body.data, ownAgent(request.principal));
      return reply.status(202).send(answered(outcome));
    },
  );
}
