import { Type } from '../../schema/index.ts';
import type { CustomerDesk } from '../deps.ts';
import { ChangedBody, Customer, failures, NumberText, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const tags = ['customers'];

/** Who a number belongs to, and the news that the CRM has changed somebody. */
export function customerRoutes(api: Api, desk: CustomerDesk): void {
  const read = guarded('lookup:read');
  api.get(
    '/v1/customers',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'findCustomer',
        summary: 'Who has a number, by the caches and the deadline of a call',
        querystring: strict({ number: NumberText() }),
        response: { 200: Customer, ...failures(400, 401, 403, 429) },
      },
    },
    async (request) => desk.find(request.query.number),
  );

  const write = guarded('lookup:write');
  api.post(
    '/v1/customers/invalidate',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'invalidateCustomer',
        summary: 'For webhooks of the CRM: a customer with this number was made or changed',
        body: ChangedBody,
        response: {
          200: Type.Object({
            outcome: Type.Enum(['refreshing', 'current', 'ignored'], {
              description: 'asked anew; we hold something as new; no number that a CRM is asked for',
            }),
          }),
          ...failures(400, 401, 403, 413, 415, 429),
        },
      },
    },
    async (request) => ({ outcome: await desk.changed(request.body.number, request.body.updatedAtMs) }),
  );
}
