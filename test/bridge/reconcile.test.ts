import { describe, expect, it } from 'vitest';
import { reconcile } from '../../src/bridge/reconcile.ts';
import { type Call, type LegSnapshot, type PbxSnapshot } from '../../src/call/index.ts';
import { agentLeg, bridge, callerLeg, callIn, nodeId, partyLeg, type Place, t0 } from '../call/fixtures.ts';

const leg = (legId: string, part: Partial<LegSnapshot> = {}): LegSnapshot => ({
  legId,
  answered: true,
  callerNumber: '138',
  callerName: '',
  dialledNumber: '4001',
  variables: {},
  ...part,
});
const snapshot = (legs: readonly LegSnapshot[], bridges: PbxSnapshot['bridges'] = []): PbxSnapshot => ({
  nodeId,
  atMs: t0,
  legs,
  bridges,
});
const record = JSON.stringify({
  id: 'rm-9',
  entryId: 'hotline',
  queueId: 'sales',
  enteredAtMs: t0 - 9000,
  queuedAtMs: t0 - 8000,
  attempts: 1,
});
const recorded = { RINGMASTER_CALL: record };
const none: ReadonlySet<string> = new Set();
const fresh: ReadonlySet<string> = new Set(['rm-1']);

const inWords = (calls: readonly Call[], seen: PbxSnapshot, begun = none): string[] => {
  const { inputs, revived, sweep, adopted, arrivals } = reconcile(calls, seen, begun);
  return [
    ...revived.map(({ call: { id } }) => `revive ${id}`),
    ...inputs.map(({ input }) =>
      input.kind === 'pbx'
        ? `${input.fact.kind} ${'legId' in input.fact ? input.fact.legId : ''}`
        : input.kind === 'recovered' && input.astray
          ? `recovered ${input.astray.join('+')}`
          : input.kind,
    ),
    ...adopted.map(({ id, phase }) => `adopt ${id} ${phase}`),
    ...arrivals.map(({ legId }) => `arrival ${legId}`),
    ...sweep.map(
      (command) =>
        `${command.kind} ${'legId' in command ? command.legId : 'bridgeId' in command ? command.bridgeId : ''}`,
    ),
  ];
};

const caller = leg(callerLeg);
const phone = leg(agentLeg);
const ringingPhone = leg(agentLeg, { answered: false });

const inBridge = { bridgeId: bridge };
const joinedCaller = leg(callerLeg, inBridge);
const joinedPhone = leg(agentLeg, inBridge);
const joinedParty = leg(partyLeg, inBridge);
const party = leg(partyLeg);
const ringingParty = leg(partyLeg, { answered: false });

describe('a conversation', () => {
  const astray = (...legIds: string[]): string[] => [`recovered ${legIds.join('+')}`];
  const table: [string, Place, LegSnapshot[], { reconnect: string[]; start: string[] }][] = [
    ['the two are not joined', 'talking', [caller, phone], same(astray(callerLeg, agentLeg))],
    ['the hold did not happen', 'heldByApi', [joinedCaller, joinedPhone], same(astray(callerLeg))],
    ['on hold', 'heldByApi', [caller, joinedPhone], same([])],
    ['held by the phone', 'heldByPhone', [joinedCaller, joinedPhone], same([])],
    ['rings still', 'askingRings', [caller, joinedPhone, ringingParty], { reconnect: [], start: ['recovered'] }],
    ['rings no more', 'askingRings', [caller, joinedPhone], same(['recovered'])],
    [
      'answered meanwhile',
      'askingRings',
      [caller, joinedPhone, party],
      { reconnect: [`legAnswered ${partyLeg}`], start: ['revive rm-1', `legAnswered ${partyLeg}`] },
    ],
    [
      'the agent gone while it rang',
      'asking',
      [caller, ringingParty],
      same([`legEnded ${agentLeg}`], ['recovered', `legEnded ${agentLeg}`]),
    ],
    ['as it was', 'private', [caller, joinedPhone, joinedParty], same([])],
    ['the party gone', 'private', [caller, joinedPhone], same([`legEnded ${partyLeg}`])],
    ['the agent gone', 'private', [caller, joinedParty], same([`legEnded ${agentLeg}`])],
    ['both gone', 'private', [caller], same([`legEnded ${agentLeg}`, `legEnded ${partyLeg}`])],
    ['the caller gone', 'private', [joinedPhone, joinedParty], same([`legEnded ${callerLeg}`])],
    ['the swap did not happen', 'swapped', [caller, joinedPhone, joinedParty], same(astray(callerLeg, partyLeg))],
    ['as it was', 'conference', [joinedCaller, joinedPhone, joinedParty], same([])],
    ['the merge did not happen', 'conference', [caller, joinedPhone, joinedParty], same(astray(callerLeg))],
    ['as it was', 'outside', [joinedCaller, joinedParty], same([])],
    ['the party gone', 'outside', [joinedCaller], same([`legEnded ${partyLeg}`])],
  ];
  function same(reconnect: string[], start = reconnect): { reconnect: string[]; start: string[] } {
    return { reconnect, start };
  }
  it.each(table)('%s, in %s', (_name, place, legs, expected) => {
    const bridges = [{ bridgeId: bridge, legIds: [] }];
    expect(inWords([callIn(place)], snapshot(legs, bridges))).toEqual(expected.reconnect);
    expect(inWords([callIn(place)], snapshot(legs, bridges), fresh)).toEqual(expected.start);
  });

  it('does not end with its agent while somebody is asked', () => {
    expect(reconcile([callIn('private')], snapshot([caller, joinedParty]), none)).toMatchObject({ kept: 1, ended: 0 });
  });
});

describe('a known call', () => {
  const table: [string, Place, LegSnapshot[], { reconnect: string[]; start: string[] }][] = [
    ['caller gone', 'arriving', [], both([`legEnded ${callerLeg}`])],
    ['caller gone', 'waiting', [], both([`legEnded ${callerLeg}`])],
    ['caller gone', 'ringing', [ringingPhone], both([`legEnded ${callerLeg}`])],
    ['both gone', 'talking', [], both([`legEnded ${callerLeg}`])],
    ['caller gone', 'talking', [phone], both([`legEnded ${callerLeg}`])],
    ['agent gone', 'talking', [caller], both([`legEnded ${agentLeg}`])],
    ['agent gone', 'heldByApi', [caller], both([`legEnded ${agentLeg}`])],
    ['as it was', 'arriving', [caller], { reconnect: [], start: ['recovered'] }],
    ['as it was', 'waiting', [caller], { reconnect: [], start: ['recovered'] }],
    ['as it was', 'pending', [caller], { reconnect: [], start: ['recovered'] }],
    [
      'dialled, which was not written down',
      'pending',
      [caller, ringingPhone],
      { reconnect: [`hangup ${agentLeg}`], start: ['recovered', `hangup ${agentLeg}`] },
    ],
    [
      'the agent answered, and nothing of the dialling was written down',
      'pending',
      [caller, phone],
      { reconnect: [`legAnswered ${agentLeg}`], start: ['revive rm-1', `legAnswered ${agentLeg}`] },
    ],
    ['as it was', 'ringing', [caller, ringingPhone], { reconnect: [], start: ['recovered'] }],
    ['as it was', 'talking', [joinedCaller, joinedPhone], both([])],
    ['the phone stopped', 'ringing', [caller], { reconnect: ['offerWithdrawn'], start: ['recovered'] }],
    [
      'the agent answered',
      'ringing',
      [caller, phone],
      { reconnect: [`legAnswered ${agentLeg}`], start: ['revive rm-1', `legAnswered ${agentLeg}`] },
    ],
    ['the join is not known to be done', 'answered', [caller, phone], both(['recovered'])],
    ['the agent left before the join', 'answered', [caller], both([`legEnded ${agentLeg}`])],
    ['over', 'wrapUp', [], both([])],
    ['ended by us, alive on the PBX', 'wrapUp', [caller, phone], both([`hangup ${callerLeg}`, `hangup ${agentLeg}`])],
  ];
  function both(words: string[]): { reconnect: string[]; start: string[] } {
    return { reconnect: words, start: words };
  }
  it.each(table)('%s, in %s', (_name, place, legs, expected) => {
    expect(inWords([callIn(place)], snapshot(legs))).toEqual(expected.reconnect);
    expect(inWords([callIn(place)], snapshot(legs), fresh)).toEqual(expected.start);
  });

  it('counts what was kept and what ended', () => {
    const other = { ...callIn('talking'), id: 'rm-2', callerLegId: 'caller-2' };
    expect(reconcile([callIn('waiting'), other], snapshot([caller]), none)).toMatchObject({ kept: 1, ended: 1 });
  });
});

describe('what nobody knows', () => {
  it('a caller who came while nobody listened arrives now', () => {
    expect(inWords([], snapshot([leg('x')]))).toEqual(['arrival x']);
  });
  it('a caller with our record is adopted, with its age', () => {
    const seen = snapshot([leg('x', { variables: recorded })]);
    expect(inWords([], seen)).toEqual(['adopt rm-9 waiting']);
    expect(reconcile([], seen, none).adopted[0]).toMatchObject({
      queuedAtMs: t0 - 8000,
      callerLegId: 'x',
      attempts: 2,
    });
  });
  it('a caller with our record and a bridge that nobody was joined in has that bridge still', () => {
    const seen = snapshot([leg('x', { variables: recorded })], [{ bridgeId: 'rm-9.bridge', legIds: [] }]);
    expect(inWords([], seen)).toEqual(['adopt rm-9 waiting']);
    expect(reconcile([], seen, none).adopted[0]).toMatchObject({ bridged: true });
  });
  it('with an agent in the bridge it is a conversation, and nothing of it is swept', () => {
    const legs = [
      leg('x', { variables: recorded, bridgeId: 'rm-9.bridge' }),
      leg('rm-9.agent4', { variables: { RINGMASTER_LEG: 'rm-9,ann' }, bridgeId: 'rm-9.bridge' }),
    ];
    const seen = snapshot(legs, [{ bridgeId: 'rm-9.bridge', legIds: ['x', 'rm-9.agent4'] }]);
    expect(inWords([], seen)).toEqual(['adopt rm-9 talking']);
    expect(reconcile([], seen, none).adopted[0]).toMatchObject({
      talk: { agentId: 'ann', legId: 'rm-9.agent4' },
      attempts: 4,
    });
  });
  it('a phone that rings for an adopted caller is swept: the offer is made anew', () => {
    const legs = [leg('x', { variables: recorded }), leg('rm-9.agent2', { answered: false })];
    expect(inWords([], snapshot(legs))).toEqual(['adopt rm-9 waiting', 'hangup rm-9.agent2']);
  });
  it('orphan legs and bridges of ours go, those of others stay', () => {
    const seen = snapshot(
      [leg('rm-5.agent1')],
      [
        { bridgeId: 'rm-5.bridge', legIds: [] },
        { bridgeId: 'conference', legIds: [] },
      ],
    );
    expect(inWords([], seen)).toEqual(['hangup rm-5.agent1', 'destroyBridge rm-5.bridge']);
  });
  it('the bridge of a known call is not swept', () => {
    expect(
      inWords([callIn('talking')], snapshot([joinedCaller, joinedPhone], [{ bridgeId: bridge, legIds: [] }])),
    ).toEqual([]);
  });
});

describe('a forged or copied record', () => {
  const forged = (part: object): LegSnapshot =>
    leg('x', { variables: { RINGMASTER_CALL: JSON.stringify({ ...(JSON.parse(record) as object), ...part }) } });
  it.each([
    ['nonsense', leg('x', { variables: { RINGMASTER_CALL: '{{' } })],
    ['a hostile id', forged({ id: 'rm-9;DROP' })],
    ['an id that is not ours', forged({ id: 'alice' })],
    ['the id of a live call', forged({ id: 'rm-1' })],
  ])('%s: the caller arrives like anybody', (_name, stranger) => {
    expect(inWords([callIn('waiting')], snapshot([caller, stranger]))).toEqual(['arrival x']);
  });
  it('a caller who came unheard arrives by what the dialplan said', () => {
    const { arrivals } = reconcile([], snapshot([leg('x', { args: ['hotline', 'bounded'], language: 'zh' })]), none);
    expect(arrivals).toMatchObject([{ legId: 'x', args: ['hotline', 'bounded'], language: 'zh' }]);
  });
  it('two legs with one record: one is adopted, the other arrives', () => {
    const seen = snapshot([leg('x', { variables: recorded }), leg('y', { variables: recorded })]);
    expect(inWords([], seen)).toEqual(['adopt rm-9 waiting', 'arrival y']);
  });
  it('a beginning in the future is now', () => {
    const { adopted } = reconcile(
      [],
      snapshot([forged({ queuedAtMs: t0 + 10 ** 9, enteredAtMs: t0 + 10 ** 9 })]),
      none,
    );
    expect(adopted[0]).toMatchObject({ queuedAtMs: t0, enteredAtMs: t0 });
  });
});
