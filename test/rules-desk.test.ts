import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/index.ts';
import { ExplainDesk } from '../src/bridge/index.ts';
import { isAmong } from '../src/bridge/rule-books.ts';
import type { Logger } from '../src/kernel/index.ts';
import { RulesDesk } from '../src/rules-desk.ts';
import type { AuditEntry } from '../src/security/index.ts';
import { House } from './bridge/house.ts';
import { settle } from './support/fake-clock.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

interface Wishes {
  readonly queue?: string;
  readonly needs?: string;
  readonly agents?: string;
  readonly extra?: string;
  readonly skill?: string;
}

const site = ({ queue = 'sales', needs = '{}', agents = '', extra = '', skill = 'zh' }: Wishes = {}) => `tenant: t
insecurePlainSecrets: true
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://h:8088', user: u, password: p } }] }
skills: [${skill}]
numbers: [{ id: hotline, number: '4001', queue: ${queue}, fallback: hangup }]
queues:
  - { id: sales, overflow: hangup, needs: ${needs}, wrapUpMs: 10s }
  - { id: service, overflow: hangup }
agents:
  - { id: ann, name: Ann, endpoint: PJSIP/ann, queues: [sales, service] }
${agents || '  - { id: bob, name: Bob, endpoint: PJSIP/bob, queues: [sales, service] }'}
${extra}`;

let folder: string;
let house: House;
let desk: RulesDesk;
let audited: AuditEntry[];

const file = () => join(folder, 'ringmaster.yaml');
const write = (wishes: Wishes = {}) => writeFileSync(file(), site(wishes));
const load = () => loadConfig(file(), { env: {} });

/** The desk that a server would have which starts with the file as it is now. */
function deskNow(): RulesDesk {
  return new RulesDesk({
    config: load(),
    env: {},
    rules: house.board.rules,
    journal: house.journal,
    audit: { record: (entry) => audited.push(entry) },
    checks: { load() {}, keep() {} },
    clock: house.clock,
    logger: silent,
  });
}

/** kill -9, and a start with the file as it is now. */
async function restart(): Promise<void> {
  house.kill();
  const onKeptRules = (kept: object | null) => {
    desk = deskNow();
    desk.resume(kept);
  };
  await house.start({ rules: load().rules, onKeptRules });
  house.up();
  await settle();
  await settle();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringmaster-rules-'));
  audited = [];
  write();
  house = await House.open({ rules: load().rules });
  desk = deskNow();
});
afterEach(() => {
  house.assertSound();
  rmSync(folder, { recursive: true });
});

let calls = 0;
async function arrive() {
  calls += 1;
  const legId = `caller-${calls}`;
  house.pbx.arrive(legId, '13800000001');
  await settle();
  const call = house.calls.find((one) => one.callerLegId === legId);
  if (!call) throw new Error('no call');
  return call;
}

describe('a reload', () => {
  it('is for calls that come; those that are here keep the rules they came with', async () => {
    for (const id of ['ann', 'bob']) house.desk.signOut(id);
    const before = await arrive();
    write({ queue: 'service' });
    expect(desk.reload('ops')).toMatchObject({ outcome: 'live', changed: ['numbers'], restartNeeded: [] });
    const after = await arrive();
    expect([before.queueId, after.queueId]).toEqual(['sales', 'service']);
    expect(before).not.toHaveProperty('rulesVersion');
    expect(after.rulesVersion).toBe(load().rules.version);
    const versions = [...house.board.desk.engine.waitingCalls()].map(({ request }) => request.policyVersion);
    // The one that was there before others came names none, and is not asked to.
    expect(versions).toEqual([undefined, after.rulesVersion]);
    // Back in its queue after an agent let it ring, it is still by its own rules.
    expect(house.board.requestOf(before).policyVersion).toBe(house.board.books.first);
  });

  it('with any error changes nothing and says every error', () => {
    write({ needs: '{ zhh: 60 }', queue: 'servce' });
    const { version } = house.board.books.current.book;
    const outcome = desk.reload('ops');
    expect(outcome.outcome === 'refused' && outcome.problems.map(({ line, key, mend }) => [line, key, mend])).toEqual([
      [5, 'numbers[0].queue', 'Did you mean "service"?'],
      [7, 'queues[0].needs.zhh', 'Did you mean "zh"?'],
    ]);
    expect(house.board.books.current.book.version).toBe(version);
    expect(audited).toMatchObject([
      { actor: 'ops', action: 'config.reload', detail: { outcome: 'refused', problems: 2 } },
    ]);
  });

  it('of a file that is gone changes nothing', () => {
    rmSync(file());
    expect(desk.reload('ops')).toMatchObject({ outcome: 'refused', problems: [{ line: 1 }] });
  });

  it('of the same rules is nothing new; what is not about rules needs a restart', () => {
    write({ extra: 'control: { outsideRingTimeoutMs: 30s }' });
    expect(desk.reload('ops')).toMatchObject({ outcome: 'unchanged', changed: [], restartNeeded: ['control'] });
  });

  it('brings new agents, new skills, and lets agents go once they are done', async () => {
    await house.talking();
    expect(house.agent('ann')).toBe('available/talking');
    write({ agents: '  - { id: eve, name: Eve, endpoint: PJSIP/eve, queues: [sales], skills: { zh: 50 } }' });
    writeFileSync(
      file(),
      site().replace(/ {2}- \{ id: ann.*\n.*\n/, '  - { id: eve, name: Eve, endpoint: PJSIP/eve, queues: [sales] }\n'),
    );
    desk.reload('ops');
    expect(house.desk.signIn('eve').ok).toBe(true);
    expect(house.board.desk.engine.agent('bob')).toBeUndefined();
    expect(house.agent('ann')).toBe('signedOut/talking');
    expect((await arrive()).offers?.[0]?.token.agentId).toBe('eve');
  });
});

describe('a skill that a reload renames', () => {
  const bobWith = (skill: string) =>
    `  - { id: bob, name: Bob, endpoint: PJSIP/bob, queues: [sales], skills: { ${skill}: 60 } }`;
  const asking = (skill: string) => write({ skill, needs: `{ ${skill}: 50 }`, agents: bobWith(skill) });
  const waitFor = async () => {
    asking('zh');
    desk.reload('ops');
    house.desk.signOut('bob');
    return arrive();
  };

  it('is told while callers wait for it, who are by the rules with which they came', async () => {
    await waitFor();
    asking('mandarin');
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'live',
      warnings: [{ code: 'config.doubtful', keys: ['skills'], message: expect.stringMatching(/^1 caller .* zh,/) }],
    });
    house.desk.signIn('bob');
    await settle();
    expect(house.call.phase).toBe('waiting');
    expect((await arrive()).offers?.[0]?.token.agentId).toBe('bob');
    expect(desk.reload('ops')).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });

  it('brings the callers who wait to the agents again when it is rolled back', async () => {
    await waitFor();
    asking('mandarin');
    desk.reload('ops');
    house.desk.signIn('bob');
    desk.rollBack('ops');
    await settle();
    expect(house.call.offers?.[0]?.token.agentId).toBe('bob');
  });

  it('is not told where nobody waits for it, nor where a share is tried, which leaves the agents as they are', async () => {
    asking('zh');
    desk.reload('ops');
    asking('mandarin');
    expect(desk.reload('ops', '50%')).toMatchObject({ outcome: 'trial', warnings: [] });
    expect(desk.reload('ops', '100%')).toMatchObject({ outcome: 'live', warnings: [] });
  });
});

describe('a queue that a reload removes', () => {
  it('is told while callers wait in it, who go on as the rules say with which they came', async () => {
    const service = /  - \{ id: service, overflow: hangup \}\n/;
    for (const id of ['ann', 'bob']) house.desk.signOut(id);
    const passedOn = '  - { id: service, maxWaitMs: 1m, overflow: "queue:sales" }\n';
    writeFileSync(file(), site({ queue: 'service' }).replace(service, passedOn));
    expect(desk.reload('ops')).toMatchObject({ outcome: 'live', warnings: [] });
    const before = await arrive();
    writeFileSync(file(), site().replace(service, '').replaceAll('[sales, service]', '[sales]'));
    const message = expect.stringMatching(/^1 caller waits in service,/) as string;
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'live',
      warnings: [{ code: 'config.doubtful', keys: ['queues'], message }],
    });
    house.desk.signIn('ann');
    await settle();
    expect(house.call).toMatchObject({ id: before.id, queueId: 'service', phase: 'waiting' });
    await house.clock.advance(60_000);
    expect(house.call).toMatchObject({ queueId: 'sales', offers: [{ token: { agentId: 'ann' } }] });
  });
});

it('takes the caller back from the phone of an agent whom a reload removes, for the next who is there', async () => {
  house.desk.signOut('ann');
  expect((await arrive()).offers?.[0]?.token.agentId).toBe('bob');
  writeFileSync(file(), site().replace(/ {2}- \{ id: bob.*\n/, ''));
  desk.reload('ops');
  await settle();
  expect(house.call.phase).toBe('waiting');
  expect(house.board.desk.engine.agent('bob')).toBeUndefined();
  house.desk.signIn('ann');
  await settle();
  expect(house.call.offers?.[0]?.token.agentId).toBe('ann');
});

describe('defects of others', () => {
  it('wrap-up is not reset by a reload (asterisk#1255)', async () => {
    await house.talking();
    house.pbx.hangUp('caller-1');
    await house.clock.advance(5_000);
    const before = house.board.desk.engine.agent('ann');
    expect(before?.routing).toBe('wrapUp');
    write({
      needs: '{ zh: 0 }',
      agents: '  - { id: bob, name: Bob, endpoint: PJSIP/bob, queues: [sales], skills: { zh: 1 } }',
    });
    desk.reload('ops');
    expect(house.board.desk.engine.agent('ann')).toMatchObject({
      routing: 'wrapUp',
      wrapUpUntilMs: before?.wrapUpUntilMs,
    });
    await house.clock.advance(5_000);
    expect(house.agent('ann')).toBe('available/idle');
  });
});

describe('a rollout', () => {
  it('gives the new rules to a share of the calls, always the same; the others have the old', async () => {
    for (const id of ['ann', 'bob']) house.desk.signOut(id);
    write({ queue: 'service' });
    expect(desk.reload('ops', '50%')).toMatchObject({ outcome: 'trial', rollout: { share: 50, of: 'calls' } });
    const seen: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const call = await arrive();
      const isTried = isAmong(call.id, 50);
      expect([call.queueId, call.rulesVersion]).toEqual(
        isTried ? ['service', load().rules.version] : ['sales', undefined],
      );
      seen.push(call.queueId ?? '');
    }
    expect(new Set(seen).size).toBe(2);
    expect(desk.versions().map(({ state }) => state)).toEqual(['current', 'trial']);
  });

  it('gives new skills to a share of the agents, and takes them back', () => {
    const agents = Array.from(
      { length: 20 },
      (_, at) => `  - { id: a${at}, name: A, endpoint: PJSIP/a${at}, queues: [sales]`,
    );
    write({ agents: agents.map((line) => `${line} }`).join('\n') });
    desk.reload('ops');
    write({ agents: agents.map((line) => `${line}, skills: { zh: 50 } }`).join('\n') });
    desk.reload('ops', '30% of agents');
    const skilled = () =>
      [...house.board.desk.engine.allAgents()]
        .filter(({ profile }) => profile.skills['zh'] === 50)
        .map(({ profile }) => profile.id);
    expect(skilled().toSorted()).toEqual(
      Array.from({ length: 20 }, (_, at) => `a${at}`)
        .filter((id) => isAmong(id, 30))
        .toSorted(),
    );
    expect(desk.rollBack('ops')).toMatchObject({ state: 'current' });
    expect(skilled()).toEqual([]);
  });

  it('is promoted, or taken back, and what was taken back does not come again by a restart', async () => {
    write({ queue: 'service' });
    desk.reload('ops', '0%');
    expect((await arrive()).queueId).toBe('sales');
    expect(desk.promote('ops')).toMatchObject({ state: 'current' });
    expect((await arrive()).queueId).toBe('service');
    expect(desk.promote('ops')).toBeUndefined();
    expect(desk.rollBack('ops')).toMatchObject({ state: 'current' });
    expect((await arrive()).queueId).toBe('sales');
    await restart();
    expect((await arrive()).queueId).toBe('sales');
    expect(desk.versions().map(({ state }) => state)).toEqual(['rolledBack', 'current']);
    write({ queue: 'service', needs: '{ zh: 0 }' });
    desk.reload('ops');
    expect((await arrive()).queueId).toBe('service');
    expect(house.journal.state('rules', 'rollout')).toBeUndefined();
  });

  it('goes on after kill -9: the share does not become the whole', async () => {
    for (const id of ['ann', 'bob']) house.desk.signOut(id);
    const before = await arrive();
    write({ queue: 'service' });
    desk.reload('ops', '0%');
    await restart();
    expect((await arrive()).queueId).toBe('sales');
    const same = house.board.calls.get(before.id);
    expect(same && house.board.books.of(same).book.version).toBe(house.board.books.current.book.version);
    expect(desk.promote('ops')).toMatchObject({ version: load().rules.version });
    expect((await arrive()).queueId).toBe('service');
  });

  it('after kill -9 knows agents who are only in the rules in force', async () => {
    write({ agents: '  - { id: eve, name: Eve, endpoint: PJSIP/eve, queues: [sales] }' });
    house.desk.pause('bob', 'lunch');
    desk.reload('ops', '0%');
    await restart();
    expect(house.board.desk.engine.agent('bob')).toMatchObject({ presence: 'paused', pauseReason: 'lunch' });
    expect(house.board.desk.engine.agent('eve')).toBeUndefined();
  });

  it('ends when the file was changed before the restart: the file is in force then', async () => {
    write({ queue: 'service' });
    desk.reload('ops', '0%');
    write({ queue: 'service', needs: '{ zh: 0 }' });
    await restart();
    expect((await arrive()).queueId).toBe('service');
    expect(house.journal.state('rules', 'rollout')).toBeUndefined();
  });

  it('keeps so many versions and no more, whatever is loaded', async () => {
    const first = await arrive();
    for (let round = 0; round < 30; round += 1) {
      writeFileSync(file(), site().replace('wrapUpMs: 10s', `wrapUpMs: ${round + 11}s`));
      expect(desk.reload('ops').outcome).toBe('live');
    }
    expect(desk.versions()).toHaveLength(20);
    // Its own rules are forgotten by now: it goes on by the current.
    expect(house.board.books.of(first).book.version).toBe(load().rules.version);
  });
});

describe('asking who would get a call', () => {
  const explainer = () => new ExplainDesk(house.board, house.clock, ['pbx1']);

  it('says it of a call that is made up, with everybody else and why not, and touches nothing', () => {
    house.desk.pause('bob', 'lunch');
    const written = house.journal.events.length;
    const outcome = explainer().madeUp({ entry: 'hotline', caller: { vip: true } });
    expect(outcome).toMatchObject({
      ok: true,
      explained: {
        entryId: 'hotline',
        queueId: 'sales',
        decision: 'offer',
        chosen: ['ann'],
        agents: [
          { agentId: 'ann', reasons: [] },
          { agentId: 'bob', reasons: ['paused'] },
        ],
      },
    });
    expect(house.journal.events).toHaveLength(written);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('says it by rules that are only tried', () => {
    write({ needs: '{ zh: 60 }' });
    desk.reload('ops', '0%');
    const { version } = load().rules;
    expect(explainer().madeUp({ version })).toMatchObject({
      explained: { policyVersion: version, decision: 'wait', agents: [{ reasons: ['skill:zh'] }, {}] },
    });
    expect(explainer().madeUp({ version: 'other' })).toEqual({ ok: false, reason: 'unknownVersion' });
  });

  it('says it of a call that is being offered, as the event of the offer did', async () => {
    const call = await arrive();
    expect(explainer().live(call.id)).toMatchObject({
      explained: { callId: call.id, decision: 'offered', chosen: ['ann'], waitingBefore: 0 },
    });
    const told = house.journal.events.find(({ type }) => type === 'call.offered.v1');
    expect(told?.data).toMatchObject({ explanation: { candidates: [{ agentId: 'ann' }, { agentId: 'bob' }] } });
  });

  it.each([
    [{ entry: 'nobody' }, 'unknownEntry'],
    [{ queueId: 'nothing' }, 'unknownQueue'],
  ])('does not answer %j', (asked, reason) => {
    expect(explainer().madeUp(asked)).toEqual({ ok: false, reason });
  });
});
