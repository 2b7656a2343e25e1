import type { FastifyInstance } from 'fastify';
import { nationalMobile, type SampleData } from './data.ts';

/**
 * The first dialect: plain REST with a fixed bearer token.
 * `GET /api/customers?phone=` → `{customers: [...]}` with none, one or several; `/api/customers/:id`, `…/orders`,
 * `…/tickets` → the thing itself or 404.
 */
export function restDialect(app: FastifyInstance, data: SampleData, token: string): void {
  const byId = new Map(data.customers.map((customer) => [customer.id, customer]));
  const byMobile = Map.groupBy(data.customers, (customer) => customer.mobile);
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) await reply.code(401).send({ error: 'unauthorized' });
  });
  app.get<{ Querystring: { phone?: string } }>('/api/customers', async (request) => ({
    customers: byMobile.get(nationalMobile(request.query.phone ?? '')) ?? [],
  }));
  app.get<{ Params: { id: string } }>('/api/customers/:id', async (request, reply) => {
    const customer = byId.get(request.params.id);
    return customer ?? reply.code(404).send({ error: 'not found' });
  });
  app.get<{ Params: { id: string } }>('/api/customers/:id/orders', async (request) => ({
    orders: data.orders.filter((order) => order.customerId === request.params.id),
  }));
  app.get<{ Params: { id: string } }>('/api/customers/:id/tickets', async (request) => ({
    tickets: data.tickets.filter((ticket) => ticket.customerId === request.params.id),
  }));
}
