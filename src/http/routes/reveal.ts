import { Type } from '../../schema/index.ts';
import type { FrontDoor } from '../../bridge/index.ts';
import { AppError } from '../../kernel/index.ts';
import type { Audit } from '../../security/index.ts';
import { ownAgent } from '../access.ts';
import { commandErrors } from '../command-errors.ts';
import { httpErrors } from '../errors.ts';
import { CallParams, failures, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const Reason = strict({
  reason: Type.String({ minLength: 4, maxLength: 200, pattern: '\\S', description: 'Why; kept in the audit log' }),
});

/** A caller's number in full, for who says why. It is written down before it is told; when it cannot be, it is not told. */
export function revealRoutes(api: Api, door: Pick<FrontDoor, 'call'>, audit: Pick<Audit, 'recordFirst'>): void {
  const { config, security } = guarded('calls:reveal', 'reveal');
  api.post(
    '/v1/calls/:callId/reveal',
    {
      config,
      schema: {
        tags: ['calls'],
        security,
        operationId: 'revealNumber',
        summary: 'The caller’s number in full, with a reason that is kept; agents for their own calls',
        params: CallParams,
        body: Reason,
        response: { 200: Type.Object({ number: Type.String() }), ...failures(400, 401, 403, 404, 413, 415, 429, 503) },
      },
    },
    async ({ principal, params: { callId }, body: { reason }, ip }) => {
      const own = ownAgent(principal);
      if (principal === null) throw new AppError(httpErrors.key_missing);
      const found = door.call(callId);
      // Somebody else's call is answered like none, so that ids cannot be probed.
      if (!found || (own !== undefined && found.call.agentId !== own))
        throw new AppError(commandErrors['call.unknown']);
      await audit.recordFirst({
        actor: principal.id,
        action: 'call.reveal',
        target: `call/${callId}`,
        personal: { reason, address: ip },
      });
      return { number: found.call.callerNumber };
    },
  );
}
