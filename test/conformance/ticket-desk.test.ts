import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type LabRequestTracker, type SampleDesk, startRequestTracker, startSampleDesk } from '../../lab/index.ts';
import { errorText, systemClock, systemRng } from '../../src/kernel/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { createRestDesk, parseDeskTemplate } from '../../src/tickets/adapters/index.ts';
import { builtInDesk } from '../../src/tickets/index.ts';
import type { TicketDesk, TicketDraft } from '../../src/tickets/ports.ts';
import { silent } from '../events/support.ts';
import { needed } from '../integration/support/needed.ts';

const preset = (name: string) => new URL(`../../config/presets/tickets/${name}.yaml`, import.meta.url);

function restDesk(name: string, values: Readonly<Record<string, string>>): TicketDesk {
  const parsed = parseDeskTemplate(readFileSync(preset(name), 'utf8'), `${name}.yaml`);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return createRestDesk({
    id: name,
    template: parsed.template,
    queue: 'General',
    resolveSecret: ({ name: variable }) => values[variable],
    allow: ['127.0.0.0/8'],
    connectionsMax: 4,
    clock: systemClock,
  });
}

/** What a desk's adapter must do, on the desk itself. */
interface Rig {
  readonly desk: TicketDesk;
  /** Somebody works on the ticket at the desk itself. */
  readonly solve: (deskTicketId: string) => Promise<void>;
}

let rt: LabRequestTracker | undefined;
let noRt = '';
let sample: SampleDesk;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  sample = stack.use(await startSampleDesk());
  try {
    rt = stack.use(await startRequestTracker());
  } catch (error) {
    noRt = needed('Request Tracker', errorText(error));
  }
}, 180_000);
afterAll(() => stack.disposeAsync());

async function builtIn(): Promise<Rig> {
  const stores = createStores({ url: 'sqlite::memory:' }, { clock: systemClock, rng: systemRng, logger: silent });
  await stores.prepare();
  const desk = builtInDesk('own', stores.builtInDesk, systemClock);
  return { desk, solve: async (id) => void (await stores.builtInDesk.setStatus(id, 'solved', Date.now() + 1_000)) };
}

const rigs: Readonly<Record<string, (context: TestContext) => Rig | Promise<Rig>>> = {
  'built-in': builtIn,
  'REST template': () => ({
    desk: restDesk('sample', { RINGMASTER_DESK_URL: sample.url, RINGMASTER_DESK_TOKEN: sample.token }),
    solve: async (id) => sample.setState(id, 'done'),
  }),
  'Request Tracker': (context) => {
    if (!rt) return context.skip(noRt);
    const { url, user, password } = rt;
    return {
      desk: restDesk('request-tracker', { RT_URL: url, RT_USER: user, RT_PASSWORD: password }),
      solve: (id) => rt?.setStatus(id, 'resolved') ?? Promise.resolve(),
    };
  },
};

let made = 0;
function draft(over: Partial<TicketDraft> = {}): TicketDraft {
  made += 1;
  const mark = `rm-conform${String(made).padStart(4, 'a')}${Math.random().toString(36).slice(2, 6)}`;
  return {
    mark,
    ticketId: `rm-1.rule${made}`,
    queue: '',
    level: 'high',
    subject: '未接来电 "quoted" <b> \' OR 1=1',
    text: '第一行\nSubject: injected\n{"json": true}',
    callId: 'rm-1',
    customerId: 'C1',
    callerNumber: '13900000001',
    agentId: 'li',
    ...over,
  };
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

describe.each(Object.entries(rigs))('the ticket desk %s', (_name, open) => {
  it('makes a ticket that is new and can be read', async (context) => {
    const { desk } = await open(context);
    const ticket = await desk.create(draft(), signal());
    expect(ticket).toMatchObject({ status: 'new', deskTicketId: expect.stringMatching(/./) as string });
    expect(await desk.read(ticket.deskTicketId, signal())).toMatchObject({
      deskTicketId: ticket.deskTicketId,
      status: 'new',
    });
    await desk.close();
  });

  it('finds by its mark what it made, or makes no second one for the same mark', async (context) => {
    const { desk } = await open(context);
    const wish = draft();
    expect(desk.repeats === 'search' ? await desk.find(wish.mark, signal()) : undefined).toBeUndefined();
    const ticket = await desk.create(wish, signal());
    const again = desk.repeats === 'same' ? await desk.create(wish, signal()) : await desk.find(wish.mark, signal());
    expect(again?.deskTicketId).toBe(ticket.deskTicketId);
    const other = await desk.create(draft(), signal());
    expect(other.deskTicketId).not.toBe(ticket.deskTicketId);
    await desk.close();
  });

  it('knows nothing of a ticket that is not there', async (context) => {
    const { desk } = await open(context);
    expect(await desk.read('987654', signal())).toBeUndefined();
    await desk.close();
  });

  it('tells a change that was made at the desk', async (context) => {
    const { desk, solve } = await open(context);
    const ticket = await desk.create(draft(), signal());
    const before = await desk.changes?.('', Date.now(), signal());
    const cursor = before?.cursor ?? '';
    await solve(ticket.deskTicketId);
    expect(await desk.read(ticket.deskTicketId, signal())).toMatchObject({ status: 'solved' });
    const news = await desk.changes?.(cursor, Date.now(), signal());
    const ours = (news?.tickets ?? []).filter(({ deskTicketId }) => deskTicketId === ticket.deskTicketId);
    // The built-in desk is changed through us only, so nobody needs to ask it.
    expect(ours.map(({ status }) => status)).toEqual(desk.id === 'own' ? [] : ['solved']);
    expect(Number(news?.cursor ?? 0)).toBeGreaterThanOrEqual(Number(cursor));
    await desk.close();
  });

  it('changes a status where it offers that', async (context) => {
    const { desk } = await open(context);
    const ticket = await desk.create(draft(), signal());
    expect(await desk.setStatus?.(ticket.deskTicketId, 'pending', signal())).toMatchObject({ status: 'pending' });
    await desk.close();
  });
});

describe('what a failure means', () => {
  it.each([
    ['http503', 'unknown'],
    ['reset', 'unknown'],
    ['refuse', 'refused'],
  ] as const)('%s: %s', async (failure, meaning) => {
    const desk = restDesk('sample', { RINGMASTER_DESK_URL: sample.url, RINGMASTER_DESK_TOKEN: sample.token });
    sample.fail(failure);
    const error: unknown = await desk.create(draft(), signal()).catch((thrown: unknown) => thrown);
    sample.fail('none');
    expect(desk.meaningOf(error)).toBe(meaning);
    await desk.close();
  });

  it('a port where nobody listens did nothing; an address that is not allowed did nothing', async () => {
    const closed = restDesk('sample', { RINGMASTER_DESK_URL: 'http://127.0.0.1:1', RINGMASTER_DESK_TOKEN: 'x' });
    const error: unknown = await closed.create(draft(), signal()).catch((thrown: unknown) => thrown);
    expect(closed.meaningOf(error)).toBe('notDone');
    const away = restDesk('sample', { RINGMASTER_DESK_URL: 'http://169.254.169.254', RINGMASTER_DESK_TOKEN: 'x' });
    const refused: unknown = await away.create(draft(), signal()).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'helpdesk.address_refused' });
    expect(away.meaningOf(refused)).toBe('notDone');
  });
});
