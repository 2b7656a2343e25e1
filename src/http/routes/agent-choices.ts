import type { FrontDoor } from '../../bridge/index.ts';
import { Type } from '../../schema/index.ts';
import { actingAgent, onBehalf, ownAgent } from '../access.ts';
import { Accepted, AgentParams, CallParams, failures, strict } from '../schemas.ts';
import { type Api, answered, guarded } from './route.ts';

const tags = ['agents'];

const minuteMs = 60_000;

const Choice = {
  id: Type.String(),
  zh: Type.Optional(Type.String()),
  en: Type.Optional(Type.String()),
};
const Choices = Type.Object({
  pauses: Type.Object({
    required: Type.Boolean({ description: 'A pause needs a reason' }),
    reasons: Type.Array(Type.Object({ ...Choice, productive: Type.Boolean() }), {
      description: 'Empty: any text goes',
    }),
  }),
  dispositions: Type.Object({
    required: Type.Boolean({ description: 'Agents end a wrap-up only when the call has one' }),
    codes: Type.Array(Type.Object(Choice)),
  }),
});

const ExtendQuery = strict({
  byMs: Type.Optional(
    Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      description: 'How much longer, a minute when absent; the limit of the queue goes before',
    }),
  ),
});
const DeviceBody = strict({
  device: Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()], {
    description: 'Id of a phone of the agent; null: the first that can be reached',
  }),
});
const SkillsBody = strict({
  skills: Type.Union(
    [
      Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.Integer({ minimum: 0, maximum: 100 }), {
        maxProperties: 1_000,
      }),
      Type.Null(),
    ],
    { description: 'All skills of the agent with their levels; null: those of the configuration again' },
  ),
});
const DispositionBody = strict({
  code: Type.String({ minLength: 1, maxLength: 128, description: 'One of the dispositions of GET /v1/agent-choices' }),
});

const commandFailures = failures(400, 401, 403, 404, 409, 413, 415, 429, 503);

/** What agents choose for themselves, and what supervisors choose for them. */
export function agentChoiceRoutes(api: Api, door: FrontDoor): void {
  const read = guarded('agents:read');
  api.get(
    '/v1/agent-choices',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'getAgentChoices',
        summary: 'Reasons for a pause, and what can come of a call',
        response: { 200: Choices, ...failures(401, 403, 429) },
      },
    },
    async () => {
      const { pauses, dispositions } = door.agents.choices();
      return {
        pauses: { ...pauses, reasons: [...pauses.reasons] },
        dispositions: { ...dispositions, codes: [...dispositions.codes] },
      };
    },
  );
  ownChoices(api, door);
  skillRoute(api, door);
}

function ownChoices(api: Api, door: FrontDoor): void {
  const { config, security } = guarded('agents:control');
  api.post(
    '/v1/agents/:agentId/extend-wrap-up',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'extendWrapUp',
        summary: 'More time to write the call up, where the queue allows it',
        params: AgentParams,
        querystring: ExtendQuery,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const agentId = actingAgent(request.principal, request.params.agentId);
      return reply.status(202).send(answered(door.agents.extendWrapUp(agentId, request.query.byMs ?? minuteMs)));
    },
  );
  api.put(
    '/v1/agents/:agentId/device',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'chooseDevice',
        summary: 'The phone to ring, of an agent who has several',
        params: AgentParams,
        body: DeviceBody,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const agentId = actingAgent(request.principal, request.params.agentId);
      const outcome = door.agents.chooseDevice(agentId, request.body.device ?? undefined);
      return reply.status(202).send(answered(outcome));
    },
  );
  const talk = guarded('calls:control');
  api.put(
    '/v1/calls/:callId/disposition',
    {
      config: talk.config,
      schema: {
        tags: ['calls'],
        security: talk.security,
        operationId: 'disposeCall',
        summary: 'What came of the call, in the conversation or while it is written up',
        params: CallParams,
        body: DispositionBody,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const outcome = door.dispose(request.params.callId, request.body.code, ownAgent(request.principal));
      return reply.status(202).send(answered(outcome));
    },
  );
}

function skillRoute(api: Api, door: FrontDoor): void {
  const { config, security } = guarded('agents:manage');
  api.put(
    '/v1/agents/:agentId/skills',
    {
      config: { ...config, audit: 'agent.skills' },
      schema: {
        tags,
        security,
        operationId: 'giveSkills',
        summary: 'Other skills than the configured ones, at once and over restarts',
        params: AgentParams,
        body: SkillsBody,
        response: { 202: Accepted, ...commandFailures },
      },
    },
    async (request, reply) => {
      const { agentId } = request.params;
      const by = onBehalf(request.principal, agentId);
      const outcome = door.agents.giveSkills(agentId, request.body.skills ?? undefined, by);
      return reply.status(202).send(answered(outcome));
    },
  );
}
