import { AppError } from '../../kernel/index.ts';
import type { CommandOutcome, FrontDoor } from '../../bridge/index.ts';
import { actingAgent, onBehalf } from '../access.ts';
import { commandErrors } from '../command-errors.ts';
import { Accepted, Agent, AgentList, AgentParams, failures, NewState, Page, pageDefault, strict } from '../schemas.ts';
import { type Api, answered, guarded } from './route.ts';

const tags = ['agents'];

/** Agents: who they are, and what they or an integration change about their state. */
export function agentRoutes(api: Api, door: FrontDoor): void {
  const read = guarded('agents:read');
  api.get(
    '/v1/agents',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'listAgents',
        summary: 'All agents with their state',
        querystring: strict(Page),
        response: { 200: AgentList, ...failures(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { agents } = door.snapshot();
      return { total: agents.length, agents: agents.slice(0, request.query.limit ?? pageDefault) };
    },
  );

  api.get(
    '/v1/agents/:agentId',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'getAgent',
        summary: 'One agent',
        params: AgentParams,
        response: { 200: Agent, ...failures(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const agent = door.agent(request.params.agentId);
      if (agent === undefined) throw new AppError(commandErrors['agent.unknown']);
      return agent;
    },
  );

  const { config, security } = guarded('agents:control');
  const command = (
    path: string,
    operationId: string,
    summary: string,
    run: (agentId: string, by?: string) => CommandOutcome,
  ) =>
    api.post(
      `/v1/agents/:agentId/${path}`,
      {
        config,
        schema: {
          tags,
          security,
          operationId,
          summary,
          params: AgentParams,
          response: { 202: Accepted, ...failures(400, 401, 403, 404, 409, 429, 503) },
        },
      },
      async (request, reply) => {
        const agentId = actingAgent(request.principal, request.params.agentId);
        return reply.status(202).send(answered(run(agentId, onBehalf(request.principal, agentId))));
      },
    );
  command('sign-in', 'signIn', 'Begin the working day; the agent is then available', (agentId, by) =>
    door.signIn(agentId, by),
  );
  command('sign-out', 'signOut', 'End the working day', (agentId, by) => door.signOut(agentId, by));
  command('end-wrap-up', 'endWrapUp', 'The call is written up', (agentId, by) => door.endWrapUp(agentId, by));

  api.put(
    '/v1/agents/:agentId/state',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'setAgentState',
        summary: 'Available for calls, or paused with a reason',
        params: AgentParams,
        body: NewState,
        response: { 202: Accepted, ...failures(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const agentId = actingAgent(request.principal, request.params.agentId);
      const { body } = request;
      const by = onBehalf(request.principal, agentId);
      const outcome = body.state === 'paused' ? door.pause(agentId, body.reason, by) : door.setAvailable(agentId, by);
      return reply.status(202).send(answered(outcome));
    },
  );
}
