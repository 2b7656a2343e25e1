import { describe, expect, it } from 'vitest';
import {
  type Call,
  type CallInput,
  type CallStep,
  customerLegIdOf,
  type DialOutcome,
  type OutboundOrder,
  type PbxCommand,
  placeCall,
} from '../../src/call/index.ts';
import {
  agentLeg,
  asked,
  callId,
  ended,
  fact,
  failed,
  found,
  callIn as inboundIn,
  left,
  nodeId,
  offered,
  policyWith,
  run,
  t0,
  tokenOf,
  told,
} from './fixtures.ts';

const customerLeg = customerLegIdOf(callId);
/** The entry of an outbound call is often none at all. */
const policy = policyWith({ id: 'none', queueId: '' });

const order = (byAgent: boolean, agentId?: string): OutboundOrder => ({
  callId,
  nodeId,
  queueId: 'sales',
  entryId: 'none',
  ...(agentId === undefined ? {} : { agentId }),
  number: '+8613800000001',
  data: { order: '7' },
  dial: {
    endpoint: 'PJSIP/13800000001@trunk',
    shownNumber: '4001',
    ringTimeoutMs: 30_000,
    agentWaitMs: 20_000,
    byAgent,
    priority: 0,
    agentHeaders: { 'Alert-Info': 'auto' },
  },
});

const click = (): CallStep => placeCall(order(true, 'ann'), policy, t0);
const job = (): CallStep => placeCall(order(false), policy, t0);
const answer = fact({ kind: 'legAnswered', legId: agentLeg });
const clear: CallInput = { kind: 'dialCleared', verdict: { ok: true }, atMs: t0 };
const picksUp = fact({ kind: 'legAnswered', legId: customerLeg });
const bothJoined: CallInput = { kind: 'joined', legIds: [customerLeg, agentLeg], atMs: t0 };
const timer: CallInput = { kind: 'timerFired', timer: 'dialling', atMs: t0 + 60_000 };

const offering = [offered()];
const places = {
  waiting: [],
  offering,
  clearing: [...offering, answer],
  dialled: [...offering, answer, clear],
  ringing: [...offering, answer, clear, fact({ kind: 'legRinging', legId: customerLeg })],
  answered: [...offering, answer, clear, picksUp],
  talking: [...offering, answer, clear, picksUp, bothJoined],
} as const satisfies Record<string, readonly CallInput[]>;
type Place = keyof typeof places;

const callIn = (place: Place, first: CallStep = click()): Call => run(first.call, places[place], policy).call;
const outcomeOf = (step: CallStep): [DialOutcome, boolean][] =>
  step.effects.flatMap((effect) =>
    effect.kind === 'dialEnded' ? [[effect.outcome, effect.dialled] as [DialOutcome, boolean]] : [],
  );
const dialOf = (step: CallStep, legId: string) =>
  step.effects.flatMap((effect) =>
    effect.kind === 'pbx' && effect.command.kind === 'dial' && effect.command.legId === legId ? [effect.command] : [],
  )[0];

describe('an outbound call that goes well', () => {
  it('rings the agent, then the customer, joins the two, and is a call like any other', () => {
    const step = run(click().call, places.talking, policy);
    expect([...asked(click()), ...asked(step)]).toEqual([
      'lookup',
      'enqueue',
      `dial ${agentLeg}`,
      'createBridge',
      'offerAnswered',
      `ring ${agentLeg}`,
      'startTimer',
      'clearDial',
      `dial ${customerLeg}`,
      'startTimer',
      `stopRing ${agentLeg}`,
      `join ${customerLeg}+${agentLeg}`,
      'stopTimer',
      'dialEnded',
    ]);
    expect([...told(click()), ...told(step)]).toEqual([
      'placed',
      'queued',
      'offered',
      'answered',
      'dialling',
      'connected',
    ]);
    expect(outcomeOf(step)).toEqual([['answered', true]]);
    expect(step.call).toMatchObject({ phase: 'talking', direction: 'outbound', waitedMs: 0, answered: true });
    expect(step.call.outbound).toBeUndefined();
    const held = run(step.call, [{ kind: 'hold', atMs: t0 }], policy);
    expect(asked(held)).toEqual([`separate ${customerLeg}`, `startMusic ${customerLeg}`]);
    const over = run(step.call, [ended(customerLeg, 16, t0 + 1)], policy);
    expect(asked(over)).toEqual([`hangup ${agentLeg}`, 'talkEnded talked', 'destroyBridge']);
    expect(told(over)).toEqual(['wrapup.started']);
  });

  it('dials the agent for nobody yet and with his headers, the customer for the agent with what brings the call back', () => {
    const step = run(click().call, places.dialled, policy);
    const toAgent = dialOf(step, agentLeg);
    expect(toAgent).toMatchObject({ callerNumber: '+8613800000001', headers: { 'Alert-Info': 'auto' } });
    expect(toAgent).not.toHaveProperty('originatorLegId');
    const toCustomer = dialOf(step, customerLeg);
    expect(toCustomer).toMatchObject({
      endpoint: 'PJSIP/13800000001@trunk',
      originatorLegId: agentLeg,
      callerNumber: '4001',
      callerName: '',
      timeoutMs: 30_000,
    });
    expect(JSON.parse(toCustomer?.variables['RINGMASTER_CALL'] ?? '')).toMatchObject({ id: callId, queueId: 'sales' });
  });

  it('of a job waits for the card of its customer before an agent is looked for', () => {
    const first = job();
    expect([asked(first), told(first), first.call.phase]).toEqual([['lookup'], ['placed'], 'arriving']);
    const step = run(first.call, [found()], policy);
    expect([asked(step), told(step)]).toEqual([['enqueue'], ['customer.updated', 'queued']]);
    expect(step.events.at(-1)?.event).toMatchObject({ reason: 'outbound' });
  });

  it('an agent who hangs up at once on his customer has not dropped anybody', () => {
    const step = run(callIn('talking'), [ended(agentLeg, 16, t0 + 10)], policy);
    expect(told(step)).toEqual(['wrapup.started']);
  });

  it('transferred to a queue it waits as a caller does, with music and in front of outbound work', () => {
    const target = { kind: 'queue', queueId: 'service' } as const;
    const step = run(callIn('talking'), [{ kind: 'transfer', target, atMs: t0 }], policy);
    expect(step.call).toMatchObject({ phase: 'waiting', queueId: 'service' });
    expect(asked(step)).toContain(`startMusic ${customerLeg}`);
    expect(asked(step)).toContain(`setVariables ${customerLeg}`);
  });
});

describe('an outbound call that comes to nothing', () => {
  type Row = [what: string, place: Place, input: CallInput, came: [DialOutcome, boolean], asked: string[]];
  const hangupBoth = [`hangup ${customerLeg}`, `hangup ${agentLeg}`];
  const table: Row[] = [
    ['the agent declines', 'offering', ended(agentLeg, 21), ['noAgent', false], [`offerEnded declined`]],
    ['the agent is busy', 'offering', ended(agentLeg, 17), ['noAgent', false], ['offerEnded busy']],
    ['the agent is unreachable', 'offering', ended(agentLeg, 20), ['noAgent', false], ['offerEnded unreachable']],
    [
      'the agent does not answer',
      'offering',
      { kind: 'offerExpired', token: tokenOf(), atMs: t0 },
      ['noAgent', false],
      [`hangup ${agentLeg}`, 'offerEnded noAnswer'],
    ],
    [
      'the agent signs out',
      'offering',
      { kind: 'offerWithdrawn', token: tokenOf(), atMs: t0 },
      ['noAgent', false],
      [`hangup ${agentLeg}`, 'offerEnded withdrawn'],
    ],
    [
      'the agent rejects on screen',
      'offering',
      { kind: 'reject', agentId: 'ann', atMs: t0 },
      ['noAgent', false],
      [`hangup ${agentLeg}`, 'offerEnded declined'],
    ],
    ['nobody can be found', 'waiting', overflow(), ['noAgent', false], []],
    ['the caller changes his mind', 'waiting', { kind: 'hangUp', atMs: t0 }, ['cancelled', false], []],
    [
      'it is cancelled while the agent is rung',
      'offering',
      { kind: 'hangUp', atMs: t0 },
      ['cancelled', false],
      [`hangup ${agentLeg}`, 'offerEnded withdrawn'],
    ],
    [
      'it may not be dialled after all',
      'clearing',
      { kind: 'dialCleared', verdict: { ok: false, outcome: 'doNotCall' }, atMs: t0 },
      ['doNotCall', false],
      [`hangup ${agentLeg}`, 'talkEnded callerLeft'],
    ],
    ['nobody says whether it may be dialled', 'clearing', timer, ['unavailable', false], [`hangup ${agentLeg}`]],
    ['the agent hangs up before', 'clearing', ended(agentLeg), ['agentLeft', false], ['talkEnded dropped']],
    ['the customer is busy', 'dialled', ended(customerLeg, 17), ['busy', true], [`hangup ${agentLeg}`]],
    ['the customer declines', 'ringing', ended(customerLeg, 21), ['busy', true], [`hangup ${agentLeg}`]],
    ['the customer does not answer', 'ringing', ended(customerLeg, 19), ['noAnswer', true], [`hangup ${agentLeg}`]],
    ['there is no such number', 'dialled', ended(customerLeg, 1), ['failed', true], [`hangup ${agentLeg}`]],
    ['its end was not seen', 'ringing', ended(customerLeg, 0), ['unknown', true], [`hangup ${agentLeg}`]],
    ['perhaps it was dialled', 'clearing', ended(customerLeg, 0), ['unknown', true], [`hangup ${agentLeg}`]],
    ['the PBX never says anything', 'ringing', timer, ['unknown', true], hangupBoth],
    ['the agent hangs up', 'ringing', ended(agentLeg), ['agentLeft', true], [`hangup ${customerLeg}`]],
    ['the agent is sent elsewhere', 'ringing', left(agentLeg), ['agentLeft', true], [`hangup ${customerLeg}`]],
    ['it is cancelled', 'ringing', { kind: 'hangUp', atMs: t0 }, ['cancelled', true], hangupBoth],
    ['the server stops', 'ringing', { kind: 'draining', atMs: t0 }, ['interrupted', true], hangupBoth],
    ['the agent is gone at the answer', 'answered', ended(agentLeg), ['agentLeft', true], [`hangup ${customerLeg}`]],
    ['the customer is gone at the answer', 'answered', ended(customerLeg), ['failed', true], [`hangup ${agentLeg}`]],
    [
      'the server starts anew',
      'offering',
      { kind: 'recovered', atMs: t0 },
      ['interrupted', false],
      [`hangup ${agentLeg}`],
    ],
  ];

  it.each(table)('%s (%s)', (_what, place, input, came, expected) => {
    const step = run(callIn(place), [input], policy);
    expect(outcomeOf(step)).toEqual([came]);
    expect(step.call).toMatchObject({ phase: 'ended', endReason: 'unreached' });
    expect(step.call.outbound).toBeUndefined();
    const words = asked(step);
    expect(words).toEqual(
      expect.arrayContaining([...expected, 'dialEnded', ...(place === 'waiting' ? [] : ['destroyBridge'])]),
    );
    expect(told(step).slice(-2)).toEqual(['dial.ended', 'ended']);
    expect(step.events.filter(({ event }) => event.type === 'call.dial.ended.v1')).toHaveLength(1);
    // The customer's phone is silenced, unless he is the one who has gone; and once is enough.
    const gone = input.kind === 'pbx' && 'legId' in input.fact && input.fact.legId === customerLeg;
    expect(words.filter((one) => one === `hangup ${customerLeg}`)).toHaveLength(came[1] && !gone ? 1 : 0);
    expect(run(step.call, [input, ...places.talking], policy)).toEqual({ call: step.call, effects: [], events: [] });
  });

  it.each(['refused', 'gone'] as const)('the PBX refuses to dial the customer: %s', (failure) => {
    const step = run(callIn('dialled'), [failed(customerDial(), failure)], policy);
    expect(outcomeOf(step)).toEqual([['failed', true]]);
  });

  it.each(['timeout', 'unavailable'] as const)(
    'nobody knows whether the PBX dialled: %s waits for its news',
    (failure) => {
      const step = run(callIn('dialled'), [failed(customerDial(), failure)], policy);
      expect(step.call.phase).toBe('dialling');
      expect(outcomeOf(step)).toEqual([]);
      expect(outcomeOf(run(step.call, [timer], policy))).toEqual([['unknown', true]]);
    },
  );

  it('the PBX refuses to dial the agent', () => {
    const command: PbxCommand = { ...customerDial(), legId: agentLeg };
    expect(outcomeOf(run(callIn('offering'), [failed(command, 'refused')], policy))).toEqual([['noAgent', false]]);
  });

  it('a join whose answer was lost is asked for again, as the two may hear each other', () => {
    const join: PbxCommand = { kind: 'join', bridgeId: `${callId}.bridge`, legIds: [customerLeg, agentLeg] };
    const step = run(callIn('answered'), [failed(join, 'timeout')], policy);
    expect(asked(step)).toEqual([`join ${customerLeg}+${agentLeg}`]);
    expect(run(step.call, [bothJoined], policy).call.phase).toBe('talking');
  });

  it('the join finds a leg gone: the news of it decides, or a second without any', () => {
    const join: PbxCommand = { kind: 'join', bridgeId: `${callId}.bridge`, legIds: [customerLeg, agentLeg] };
    const step = run(callIn('answered'), [failed(join, 'gone')], policy);
    expect(asked(step)).toEqual(['startTimer']);
    expect(outcomeOf(run(step.call, [ended(agentLeg)], policy))).toEqual([['agentLeft', true]]);
    expect(outcomeOf(run(step.call, [timer], policy))).toEqual([['unknown', true]]);
  });
});

describe('an outbound job', () => {
  const waiting = (): Call => run(job().call, [found()], policy).call;

  it('goes to the next agent when one declines', () => {
    const step = run(waiting(), [offered(), ended(agentLeg, 21)], policy);
    expect(step.call).toMatchObject({ phase: 'waiting', direction: 'outbound' });
    expect(told(step)).toEqual(['offered', 'offer.ended']);
    expect(outcomeOf(step)).toEqual([]);
  });

  it('whose customer is on the blacklist is nothing to the entry: the do-not-call list says whom we call', () => {
    const step = run(job().call, [found({ blacklisted: true })], policy);
    expect(step.call.phase).toBe('waiting');
  });

  it('is offered by the rules of its queue: on screen first, if they say so', () => {
    const step = run(waiting(), [offered(1, 'accept')], policy);
    expect(asked(step)).toEqual([]);
    expect(asked(run(step.call, [{ kind: 'accept', agentId: 'ann', atMs: t0 }], policy))).toContain(`dial ${agentLeg}`);
  });
});

describe('after a gap', () => {
  it('a customer who rings is watched on, one who was perhaps dialled counts as dialled', () => {
    const step = run(callIn('clearing'), [{ kind: 'recovered', atMs: t0 }], policy);
    expect(step.call.outbound?.stage).toBe('dialled');
    expect(asked(step)).toEqual(['startTimer']);
  });

  it('a permission that comes after the customer was found is too late to dial twice', () => {
    const step = run(callIn('clearing'), [{ kind: 'recovered', atMs: t0 }, clear, clear], policy);
    expect(asked(step).filter((one) => one.startsWith('dial'))).toEqual([]);
  });

  it('an answer whose join was not seen is joined again', () => {
    const step = run(callIn('answered'), [{ kind: 'recovered', atMs: t0 }], policy);
    expect(asked(step)).toContain(`join ${customerLeg}+${agentLeg}`);
  });

  it('the bridge is made anew, and joined when both are there', () => {
    const lost = fact({ kind: 'bridgeEnded', bridgeId: `${callId}.bridge` });
    expect(asked(run(callIn('dialled'), [lost], policy))).toEqual(['createBridge']);
    expect(asked(run(callIn('answered'), [lost], policy))).toEqual(['createBridge', `join ${customerLeg}+${agentLeg}`]);
  });
});

it('a call that came in carries nothing of all this', () => {
  for (const place of ['waiting', 'talking', 'wrapUp'] as const) {
    const call = inboundIn(place);
    expect(Object.keys(call).filter((key) => key === 'outbound' || key === 'direction')).toEqual([]);
  }
});

function overflow(): CallInput {
  return { kind: 'overflowed', target: { kind: 'hangup' }, reason: 'maxWait', atMs: t0 };
}

function customerDial(): Extract<PbxCommand, { kind: 'dial' }> {
  return {
    kind: 'dial',
    legId: customerLeg,
    endpoint: 'PJSIP/13800000001@trunk',
    originatorLegId: agentLeg,
    callerNumber: '4001',
    callerName: '',
    timeoutMs: 30_000,
    variables: {},
  };
}
