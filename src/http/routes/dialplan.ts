import { answerLine, answerOf, parseQuestion } from '../../advice/index.ts';
import { AppError } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import type { AdviceDoor } from '../deps.ts';
import { failures, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const text = (description: string) => Type.Optional(Type.String({ maxLength: 200, description }));

/** Where a call should go that the dialplan keeps: what `CURL()` asks. */
export function dialplanRoutes(api: Api, door: AdviceDoor): void {
  const { config, security } = guarded('dialplan:route');
  api.get(
    '/v1/dialplan/route',
    {
      config,
      schema: {
        tags: ['dialplan'],
        security,
        operationId: 'routeForDialplan',
        summary: 'Where a call should go that the dialplan keeps; one line of plain text, see docs/dialplan.md',
        querystring: strict({
          number: text('The caller’s number; left out for an anonymous caller'),
          entry: text('Id of an entry, or the number dialled'),
          dialled: text('The number dialled, where entry is an id'),
          uniqueid: text('${UNIQUEID} of the channel; a call that comes to us later then keeps its id'),
          node: text('The PBX; needed with several'),
          customer: Type.Optional(Type.Enum(['0', '1'], { description: '1: tell tier, id and VIP as well' })),
        }),
        produces: ['text/plain'],
        response: { 200: Type.String(), ...failures(400, 401, 403, 429) },
      },
    },
    async (request, reply) => {
      const parsed = parseQuestion(request.query, 'http');
      if (!parsed.ok) throw new AppError(parsed.error);
      const advice = await door.ask(parsed.value);
      return reply.type('text/plain; charset=utf-8').send(answerLine(answerOf(advice, request.query.customer === '1')));
    },
  );
}
