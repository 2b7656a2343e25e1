import type { FastifyInstance } from 'fastify';
import { nationalMobile, type SampleData } from './data.ts';

/**
 * The first dialect: plain REST with a fixed bearer token.
 * `GET /api/customers?phone=` → `{customers: [...]}` with none, one or several; `/api/customers/:id`, `…/orders`,
 * `…/tickets` → the thing itself or 404; `/api/orders/123` → the order whose id has these digits, or 404. Orders come newest first and take `newest=N`; tickets take `status=…`.
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
  const orderByNumber = new Map(data.orders.map((order) => [order.id.replace(/\D/g, ''), order]));
  app.get<{ Params: { number: string } }>('/api/orders/:number', async (request, reply) => {
    const order = orderByNumber.get(request.params.number);
    return order ?? reply.code(404).send({ error: 'not found' });
  });
  const ordersOf = Map.groupBy(data.orders, (order) => order.customerId);
  const ticketsOf = Map.groupBy(data.tickets, (ticket) => ticket.customerId);
  app.get<{ Params: { id: string }; Querystring: { newest?: string } }>(
    '/api/customers/:id/orders',
    async (request) => {
      const orders = [...(ordersOf.get(request.params.id) ?? [])].reverse();
      return { orders: orders.slice(0, Number(request.query.newest ?? orders.length)) };
    },
  );
  app.get<{ Params: { id: string }; Querystring: { status?: string } }>(
    '/api/customers/:id/tickets',
    async ({ params, query }) => {
      const tickets = ticketsOf.get(params.id) ?? [];
      return { tickets: tickets.filter(({ status }) => query.status === undefined || status === query.status) };
    },
  );
}
