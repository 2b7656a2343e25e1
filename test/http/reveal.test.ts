import { beforeEach, describe, expect, it } from 'vitest';
import { apiFor, bearer, keyOf } from './support.ts';

const keys = [
  keyOf('desk-li', ['calls:reveal', 'calls:read', 'calls:control'], { kind: 'agent', agentId: 'li' }),
  keyOf('boss', ['calls:reveal', 'calls:read', 'calls:control'], { kind: 'supervisor' }),
  keyOf('crm', ['calls:control']),
];
let rig: Awaited<ReturnType<typeof apiFor>>;
beforeEach(async () => {
  rig = await apiFor({ keys });
});
const reveal = (call: string, key: string, body: object = { reason: 'call back later' }) =>
  rig.api.inject({ method: 'POST', url: `/v1/calls/${call}/reveal`, headers: bearer(key), payload: body });

describe('a number', () => {
  it('is revealed with a reason, which is kept', async () => {
    const answer = await reveal('c1', 'desk-li');
    expect([answer.statusCode, answer.json()]).toEqual([200, { number: '13800138000' }]);
    expect(rig.audit.entries).toEqual([
      {
        actor: 'desk-li',
        action: 'call.reveal',
        target: 'call/c1',
        personal: { reason: 'call back later', address: '127.0.0.1' },
      },
    ]);
  });

  it('is revealed to an agent for the own call only; to a supervisor for any', async () => {
    const [others, none] = [await reveal('c2', 'desk-li'), await reveal('nope', 'desk-li')];
    expect([others.statusCode, others.body]).toEqual([404, none.body]);
    expect((await reveal('c2', 'boss')).statusCode).toBe(200);
    expect(rig.audit.entries.map(({ target }) => target)).toEqual(['call/c2']);
  });

  it.each([{}, { reason: '' }, { reason: '     ' }, { reason: 'x'.repeat(201) }])(
    'is not revealed for %j',
    async (body) => {
      expect((await reveal('c1', 'boss', body)).statusCode).toBe(400);
      expect(rig.audit.entries).toEqual([]);
    },
  );

  it('stays hidden when the audit log cannot be written', async () => {
    rig.audit.away = true;
    const answer = await reveal('c1', 'boss');
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'audit.away']);
    expect(answer.body).not.toContain('13800138000');
  });

  it('is revealed only so often', async () => {
    const bucket = { perSecond: 0.2, burst: 2 };
    const many = { perSecond: 1_000, burst: 1_000 };
    rig = await apiFor({
      keys,
      settings: { rates: { login: many, command: many, lookup: many, reveal: bucket, default: many } },
    });
    const codes = [];
    for (let i = 0; i < 3; i += 1) codes.push((await reveal('c1', 'boss')).statusCode);
    expect(codes).toEqual([200, 200, 429]);
  });

  it('that is masked comes with a token that stands for it; one in full does not', async () => {
    const one = (key: string) => rig.api.inject({ url: '/v1/calls/c1', headers: bearer(key) });
    expect((await one('desk-li')).json().call).toMatchObject({
      callerNumber: '138****8000',
      callerNumberToken: 'sealed:11',
    });
    rig = await apiFor({ keys: [keyOf('full', ['calls:read', 'events:read:pii'])] });
    expect((await one('full')).json().call).not.toHaveProperty('callerNumberToken');
  });
});

describe('the audit log', () => {
  it('has the commands of supervisors with their outcome, and not those of agents and programs', async () => {
    for (const key of ['boss', 'desk-li', 'crm'])
      await rig.api.inject({ method: 'POST', url: '/v1/calls/c1/hold', headers: bearer(key) });
    rig.frontDoor.refuse('call.wrong_phase');
    await rig.api.inject({ method: 'POST', url: '/v1/calls/c2/hang-up', headers: bearer('boss') });
    expect(rig.audit.entries.map(({ actor, action, target, detail }) => [actor, action, target, detail])).toEqual([
      ['boss', 'command.holdCall', 'call/c1', { status: 202 }],
      ['boss', 'command.hangUpCall', 'call/c2', { status: 409 }],
    ]);
  });
});
