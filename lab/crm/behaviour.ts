import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const failures = ['none', 'http500', 'hang', 'garbage', 'reset', 'huge'] as const;
export type Failure = (typeof failures)[number];

export interface CrmBehaviour {
  /** Added before each answer. */
  readonly delayMs: number;
  /** `hang` never answers, `garbage` answers 200 with no JSON, `reset` cuts the connection, `huge` sends 8 MiB. */
  readonly failure: Failure;
}

const HUGE_BYTES = 8 * 1024 * 1024;

/** Makes a request late or makes it fail; true when the request has had its answer, or will never have one. */
export async function misbehave(
  behaviour: CrmBehaviour,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  if (behaviour.delayMs > 0) await sleep(behaviour.delayMs);
  switch (behaviour.failure) {
    case 'none':
      return false;
    case 'http500':
      await reply.code(500).send({ error: 'internal error' });
      return true;
    case 'garbage':
      await reply.type('application/json').send('<html>{"customers": [oops');
      return true;
    case 'huge':
      await reply.type('application/json').send(`{"customers":[],"padding":"${'x'.repeat(HUGE_BYTES)}"}`);
      return true;
    case 'hang':
      reply.hijack();
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return true;
  }
}
