import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';

export interface DeskTicketRow {
  readonly no: string;
  readonly key: string;
  readonly title: string;
  readonly body: string;
  state: string;
  updatedAt: number;
}

/** How the sample desk misbehaves. `afterMaking`: makes the ticket and then breaks the connection. */
export type DeskFailure = 'none' | 'http503' | 'reset' | 'afterMaking' | 'refuse';

/** A small ticket desk for tests: REST, a bearer token, idempotency keys, failing on demand. */
export interface SampleDesk extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly tickets: readonly DeskTicketRow[];
  /** Requests to make a ticket, also those that failed. */
  readonly asked: number;
  fail(failure: DeskFailure): void;
  setState(no: string, state: string): void;
}

export async function startSampleDesk(): Promise<SampleDesk> {
  const token = randomBytes(16).toString('hex');
  const tickets: DeskTicketRow[] = [];
  let failure: DeskFailure = 'none';
  let asked = 0;
  const app = Fastify({ forceCloseConnections: true });
  const byNo = (no: string) => tickets.find((ticket) => ticket.no === no);
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) return reply.code(401).send({ error: 'unauthorized' });
    if (failure === 'http503') return reply.code(503).send({ error: 'down' });
    if (failure === 'reset') {
      reply.hijack();
      request.raw.socket.resetAndDestroy();
    }
    return undefined;
  });
  app.post('/api/tickets', async (request, reply) => {
    asked += 1;
    if (failure === 'refuse') return reply.code(422).send({ error: 'no such group' });
    const key = String(request.headers['idempotency-key'] ?? '');
    const { title = '', body = '' } = request.body as { title?: string; body?: string };
    let ticket = key === '' ? undefined : tickets.find((known) => known.key === key);
    if (!ticket) {
      ticket = { no: `T${tickets.length + 1}`, key, title, body, state: 'new', updatedAt: Date.now() };
      tickets.push(ticket);
    }
    if (failure === 'afterMaking') {
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return undefined;
    }
    return reply.code(201).send({ ticket });
  });
  app.get<{ Params: { no: string } }>('/api/tickets/:no', async (request, reply) => {
    const ticket = byNo(request.params.no);
    return ticket ? { ticket } : reply.code(404).send({ error: 'not found' });
  });
  app.patch<{ Params: { no: string }; Body: { state: string } }>('/api/tickets/:no', async (request, reply) => {
    const ticket = byNo(request.params.no);
    if (!ticket) return reply.code(404).send({ error: 'not found' });
    await change(ticket, request.body.state);
    return { ticket };
  });
  app.get<{ Querystring: { updatedSince: string; page: string; size: string } }>('/api/tickets', async ({ query }) => {
    const size = Number(query.size);
    const changed = tickets
      .filter(({ updatedAt }) => updatedAt >= Number(query.updatedSince))
      .sort((a, b) => a.updatedAt - b.updatedAt);
    const from = (Number(query.page) - 1) * size;
    return { tickets: changed.slice(from, from + size) };
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    token,
    tickets,
    get asked() {
      return asked;
    },
    fail: (wanted) => {
      failure = wanted;
    },
    setState: (no, state) => {
      const ticket = byNo(no);
      if (ticket) Object.assign(ticket, { state, updatedAt: Math.max(Date.now(), ticket.updatedAt + 1) });
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** Two changes never have the same time. */
async function change(ticket: DeskTicketRow, state: string): Promise<void> {
  while (Date.now() <= ticket.updatedAt) await sleep(1);
  Object.assign(ticket, { state, updatedAt: Date.now() });
}
