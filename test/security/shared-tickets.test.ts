import { beforeEach, expect, it } from 'vitest';
import {
  createAuthenticator,
  type Identity,
  InstancePasses,
  KeyRing,
  SealedNotes,
  SharedTickets,
} from '../../src/security/index.ts';
import { ManualClock } from '../events/support.ts';

const keys = [{ id: 'k1', secret: 'a secret of the operator that is long enough' }];
const none = { tokenKeys: async () => [], addTokenKey: async () => undefined };
const identity: Identity = { principal: { id: 'crm', kind: 'integration', scopes: ['events:read'] } };

let clock: ManualClock;
/** What the machines' own clocks say; the processes go on from their start with clocks of their own. */
let wallMs: number;
const wall = { nowMs: () => wallMs };
/** What one instance makes of the shared keys, or of others. */
function instance(over: { readonly tenant?: string; readonly secret?: string } = {}) {
  const own = over.secret === undefined ? keys : [{ id: 'k1', secret: over.secret }];
  const ring = new KeyRing(none, clock, { keys: own, keyLifeMs: 1e9, tokenLifeMs: 1e6 });
  const notes = (prefix: string, purpose: string) =>
    new SealedNotes(ring, { prefix, purpose, tenant: over.tenant ?? 'acme' });
  return {
    tickets: new SharedTickets(notes('rmt', 'ticket'), { used, wall }),
    passes: new InstancePasses(notes('rmi', 'pass'), wall),
    notes,
  };
}
const seen = new Set<string>();
const used = { first: async (name: string) => !seen.has(name) && seen.add(name) !== undefined };

beforeEach(() => {
  clock = new ManualClock();
  wallMs = 1_790_000_000_000;
  seen.clear();
});

it('one instance takes what another gave out, once, for half a minute', async () => {
  const { ticket, expiresAtMs } = await instance().tickets.issue(identity);
  expect(ticket).toMatch(/^rmt_/);
  expect(expiresAtMs).toBe(wallMs + 30_000);
  expect(await instance().tickets.redeem(ticket)).toEqual(identity);
  expect(await instance().tickets.redeem(ticket)).toBeUndefined();
  const old = (await instance().tickets.issue(identity)).ticket;
  wallMs += 30_000;
  expect(await instance().tickets.redeem(old)).toBeUndefined();
});

it('tickets and passes last by the time that all machines have, not by how long a process has run', async () => {
  const { ticket } = await instance().tickets.issue(identity);
  const pass = await instance().passes.issue('b');
  // This one was asleep, or its clock was set right after its start.
  clock.advance(3_600_000);
  expect(await instance().tickets.redeem(ticket)).toEqual(identity);
  // Minutes apart, machines know each other still.
  wallMs += 300_000;
  expect(await instance().passes.check(pass)).toMatchObject({ principal: { id: 'instance:b' } });
});

it('takes nothing that was made under another key, for another tenant or purpose, or changed', async () => {
  const { tickets, notes } = instance();
  const { ticket } = await tickets.issue(identity);
  const [head = '', content = '', signature = ''] = ticket.split('.');
  const admin = Buffer.from(Buffer.from(content, 'base64url').toString().replace('integration', 'admin'));
  const forged = [
    (await instance({ secret: 'another secret that is long enough as well' }).tickets.issue(identity)).ticket,
    (await instance({ tenant: 'other' }).tickets.issue(identity)).ticket,
    await notes('rmt', 'another purpose').seal({ nonce: 'x', expiresAtMs: wallMs + 9, identity }),
    [head, admin.toString('base64url'), signature].join('.'),
    [head.replace('k1', 'k2'), content, signature].join('.'),
    [head, content].join('.'),
    `${ticket}x`,
    'rmt_',
    (await instance().passes.issue('a')).replace('rmi_', 'rmt_'),
  ];
  for (const text of forged) expect({ text, who: await tickets.redeem(text) }).toEqual({ text, who: undefined });
  expect(await tickets.redeem(ticket)).toEqual(identity);
});

it('an instance reads the live state of another by its pass, where several serve together only', async () => {
  const { passes, tickets } = instance();
  const pass = await instance().passes.issue('b');
  const rest = { apiKeys: [], tokens: { check: async () => ({ ok: false, reason: 'wrong' }) as const }, tickets };
  const sessions = { standing: async () => undefined, watch: () => () => undefined };
  const together = createAuthenticator({ ...rest, sessions, passes });
  expect(await together.check(`Bearer ${pass}`)).toEqual({
    ok: true,
    identity: { principal: { id: 'instance:b', kind: 'integration', scopes: ['events:read', 'events:read:pii'] } },
  });
  expect(await together.check(`Bearer ${pass.slice(0, -1)}!`)).toMatchObject({ ok: false });
  expect(await createAuthenticator({ ...rest, sessions }).check(`Bearer ${pass}`)).toMatchObject({ ok: false });
  wallMs += 600_000;
  expect(await together.check(`Bearer ${pass}`)).toEqual({ ok: false, reason: 'wrong' });
});

it('a signing key is made when there is none, and found by whoever meets it first', async () => {
  const records: { id: string; secret: string; createdAtMs: number }[] = [];
  const store = {
    tokenKeys: async () => records,
    addTokenKey: async (key: (typeof records)[0]) => void records.push(key),
  };
  const options = { keys: [], keyLifeMs: 60_000, tokenLifeMs: 1_000 };
  const [one, other] = [new KeyRing(store, clock, options), new KeyRing(store, clock, options)];
  expect(await other.find('nothing')).toBeUndefined();
  const made = await one.signing();
  // Asked for a moment ago: it is not asked again at once, whatever is shown to it.
  expect(await other.find(made.id)).toBeUndefined();
  clock.advance(5_000);
  expect(await other.find(made.id)).toEqual(made);
  expect(await one.signing()).toBe(made);
  clock.advance(60_000);
  expect((await one.signing()).id).not.toBe(made.id);
});
