import { AppError } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import type { StateDoor } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import { Agent, CallDetailBody, failures, Queue } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const Snapshot = Type.Object({
  epoch: Type.String({ description: 'The log that the sequence is a place in' }),
  sequence: Type.Integer({
    description: 'The newest event that the state takes account of; resume the event stream after it',
  }),
  calls: Type.Array(CallDetailBody),
  agents: Type.Array(Agent),
  queues: Type.Array(Queue),
});

/** The whole live state with its place in the event stream, e.g. for an instance that stands by. */
export function snapshotRoutes(api: Api, state: StateDoor): void {
  const { config, security } = guarded('events:read:pii');
  api.get(
    '/v1/snapshot',
    {
      config,
      schema: {
        tags: ['service'],
        security,
        operationId: 'snapshot',
        summary: 'Everything alive, numbers in full, and its place in the event stream',
        response: { 200: Snapshot, ...failures(401, 403, 429, 503) },
      },
    },
    async ({ principal }, reply) => {
      if (principal?.kind === 'agent') throw new AppError(httpErrors.other_agent);
      const { sequence, state: alive } = await state.take();
      const { calls, agents, queues } = alive;
      return reply
        .type('application/json')
        .serializer(JSON.stringify)
        .send({ epoch: state.epoch, sequence, calls: [...calls], agents: [...agents], queues: [...queues] });
    },
  );
}
