import { afterEach, describe, expect, it } from 'vitest';
import type { AgentViewData } from '../../src/events/catalogue/index.ts';
import { entry } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House, type HouseOptions } from './house.ts';

const settings = {
  pauses: {
    required: true,
    reasons: [
      { id: 'lunch', zh: '午餐', productive: false },
      { id: 'mail', en: 'Mail', productive: true },
    ],
  },
  dispositions: { required: true, codes: [{ id: 'solved' }, { id: 'callback' }] },
  skills: ['en', 'zh'],
};

const twoNumbers = [
  { ...entry, greeting: [] },
  { ...entry, id: 'help', number: '4002', queueId: 'service', greeting: [] },
];

let house: House;
const open = async (options: HouseOptions = {}, signedIn = ['ann', 'bob']): Promise<void> => {
  house = await House.open({ settings, ...options }, signedIn);
};
afterEach(() => {
  house.assertSound();
  house.kill();
});

const view = (agentId: string): AgentViewData | undefined => house.desk.agent(agentId);
const code = (outcome: { readonly ok: boolean; readonly code?: string }): string => outcome.code ?? 'done';

describe('reasons for a pause', () => {
  it('are those of the config, and say whether the pause is work', async () => {
    await open();
    expect(code(house.desk.pause('ann', undefined))).toBe('agent.reason_needed');
    expect(code(house.desk.pause('ann', 'siesta'))).toBe('agent.reason_unknown');
    expect(code(house.desk.pause('ann', 'mail'))).toBe('done');
    expect(view('ann')).toMatchObject({ presence: 'paused', pauseReason: 'mail', pauseProductive: true });
  });

  it('are not needed where the config does not ask for them, and any goes where it names none', async () => {
    await open({ settings: { ...settings, pauses: { required: false, reasons: [] } } });
    expect(code(house.desk.pause('ann', undefined))).toBe('done');
    expect(view('ann')).toMatchObject({ presence: 'paused' });
    expect(view('ann')?.pauseReason).toBeUndefined();
    expect(code(house.desk.pause('ann', 'siesta'))).toBe('done');
  });

  it('a pause reason lost on restart (#66): it stays, and who gave it', async () => {
    await open();
    house.desk.pause('ann', 'lunch', 'boss');
    await house.restart();
    expect(view('ann')).toMatchObject({ presence: 'paused', pauseReason: 'lunch', changedBy: 'boss' });
  });
});

describe('a supervisor', () => {
  it('signs an agent out in a conversation: it goes on, no further one comes, and the event says by whom', async () => {
    await open({}, ['ann']);
    const { id } = await house.talking();
    house.desk.signOut('ann', 'boss');
    await settle();
    expect(house.board.calls.get(id)?.phase).toBe('talking');
    const last = house.journal.events.filter(({ type }) => type === 'agent.state.v1').at(-1);
    expect(last?.data).toMatchObject({ agent: { presence: 'signedOut', routing: 'talking', changedBy: 'boss' } });
  });

  it('pauses an agent whose phone rings: the offer stands, the next one goes elsewhere', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    const agentId = offer?.token.agentId ?? '';
    house.desk.pause(agentId, 'lunch', 'boss');
    house.pbx.answer(offer?.legId ?? '');
    await settle();
    expect(house.agent(agentId)).toBe('paused/talking');
  });

  it('gives other skills: waiting calls go by them at once, also after a restart, until they are taken back', async () => {
    const agents = [profile('ann', { skills: { zh: 80 } })];
    await open({ agents, queues: [queue('sales', { needs: { en: 50 } })] }, ['ann']);
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    expect(code(house.desk.agents.giveSkills('ann', { klingon: 9 }, 'boss'))).toBe('agent.skill_unknown');
    expect(code(house.desk.agents.giveSkills('ann', { en: 60 }, 'boss'))).toBe('done');
    await settle();
    expect(house.call.phase).toBe('offering');
    expect(view('ann')).toMatchObject({ skills: { en: 60 }, changedBy: 'boss' });
    await house.restart();
    expect(view('ann')?.skills).toEqual({ en: 60 });
    expect(house.call.phase).toBe('offering');
    house.desk.agents.giveSkills('ann', undefined, 'boss');
    expect(view('ann')?.skills).toEqual({ zh: 80 });
  });
});

describe('wrap-up', () => {
  const extendable = queue('sales', { wrapUpMs: 10_000, wrapUp: { kind: 'extendable', ms: 10_000, maxMs: 25_000 } });

  async function inWrapUp(options: HouseOptions = {}): Promise<string> {
    await open(options, ['ann']);
    const { id, callerLegId } = await house.talking();
    await house.clock.advance(60_000);
    house.pbx.hangUp(callerLegId);
    await settle();
    expect(house.agent('ann')).toBe('available/wrapUp');
    return id;
  }

  it('fixed: ends by the clock, and cannot be put off', async () => {
    const id = await inWrapUp();
    expect(code(house.desk.agents.extendWrapUp('ann', 60_000))).toBe('agent.wrap_up_fixed');
    await house.clock.advance(10_000);
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.board.calls.get(id)).toBeUndefined();
  });

  it('extendable: by the agent, to its limit; the end comes then and no earlier', async () => {
    const id = await inWrapUp({ queues: [extendable] });
    expect(view('ann')?.wrapUpMaxUntilMs).toBe(house.clock.nowMs() + 25_000);
    expect(code(house.desk.agents.extendWrapUp('ann', 60_000))).toBe('done');
    expect(code(house.desk.agents.extendWrapUp('ann', 60_000))).toBe('agent.wrap_up_fixed');
    await house.clock.advance(24_999);
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(1);
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.board.calls.get(id)).toBeUndefined();
  });

  it('manual: by the agent, at the latest at its limit', async () => {
    const manual = queue('sales', { wrapUpMs: 0, wrapUp: { kind: 'manual', ms: 0, maxMs: 600_000 } });
    const id = await inWrapUp({ queues: [manual] });
    await house.clock.advance(300_000);
    expect(house.agent('ann')).toBe('available/wrapUp');
    house.desk.dispose(id, 'solved', 'ann');
    expect(code(house.desk.endWrapUp('ann'))).toBe('done');
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('a wrap-up timer that does not survive a restart: it goes on, extended or not', async () => {
    const id = await inWrapUp({ queues: [extendable] });
    house.desk.agents.extendWrapUp('ann', 5_000);
    await house.clock.advance(9_000);
    await house.restart();
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(5_999);
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(1);
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.board.calls.get(id)).toBeUndefined();
  });

  it('whose end came while the server was away is over when it is back', async () => {
    await inWrapUp();
    house.kill();
    await house.clock.advance(60_000);
    await house.start();
    house.up();
    await house.clock.advance(1);
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.calls).toEqual([]);
  });

  it('reset by reload (asterisk#1255): a profile that is told anew leaves the timer alone', async () => {
    await inWrapUp();
    await house.clock.advance(6_000);
    house.board.desk.step({ kind: 'agentProfile', profile: profile('ann', { skills: { en: 10 } }) });
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(4_000);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('ended early across queues (asterisk#1006): an agent of two queues is given no call of the other meanwhile', async () => {
    const both = [profile('ann', { queues: ['sales', 'service'] })];
    await inWrapUp({ agents: both, queues: [queue('sales'), queue('service', { wrapUpMs: 0 })], entries: twoNumbers });
    house.pbx.arrive('caller-2', undefined, '4002');
    await settle();
    expect(house.calls.map(({ phase }) => phase)).toContain('waiting');
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(10_000);
    expect(house.agent('ann')).toBe('available/offered');
  });

  it('lost on attended transfer (asterisk#607): who handed over writes up, who took over does later', async () => {
    await open();
    const { id, talk } = await house.talking();
    const first = talk?.agentId ?? '';
    const second = first === 'ann' ? 'bob' : 'ann';
    house.desk.control.consult(id, { kind: 'agent', agentId: second }, first);
    await settle();
    house.pbx.answer(house.call.consult?.legId ?? '');
    await settle();
    house.desk.control.consultAction(id, 'complete', first);
    await settle();
    expect(house.agent(first)).toBe('available/wrapUp');
    await house.clock.advance(10_000);
    expect([house.agent(first), house.agent(second)]).toEqual(['available/idle', 'available/talking']);
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.agent(second)).toBe('available/wrapUp');
  });

  it('tied to another agent’s (opensips#2679): the end of one is not the end of the other', async () => {
    await open();
    await house.talking('caller-1');
    await house.talking('caller-2');
    await house.clock.advance(60_000);
    house.pbx.hangUp('caller-1');
    await house.clock.advance(5_000);
    house.pbx.hangUp('caller-2');
    await house.clock.advance(5_000);
    const agents = ['ann', 'bob'].map((agentId) => house.agent(agentId)).sort();
    expect(agents).toEqual(['available/idle', 'available/wrapUp']);
  });
});

describe('what came of a call', () => {
  it('is said by a code of the config, in the conversation or after it, and is on the call', async () => {
    await open({}, ['ann']);
    const { id, callerLegId } = await house.talking();
    expect(code(house.desk.dispose(id, 'nonsense', 'ann'))).toBe('call.disposition_unknown');
    expect(code(house.desk.dispose(id, 'callback', 'bob'))).toBe('call.not_yours');
    expect(code(house.desk.dispose(id, 'callback', 'ann'))).toBe('done');
    await house.clock.advance(60_000);
    house.pbx.hangUp(callerLegId);
    await settle();
    expect(code(house.desk.dispose(id, 'solved', 'ann'))).toBe('done');
    expect(house.desk.call(id)?.call.disposition).toBe('solved');
    await house.restart();
    expect(code(house.desk.endWrapUp('ann'))).toBe('done');
    const end = house.journal.events.find(({ type }) => type === 'call.ended.v1');
    expect(end?.data).toMatchObject({ call: { disposition: 'solved' } });
  });

  it('must be said before the agent ends the wrap-up, where the config asks for it; the clock and others end it all the same', async () => {
    await open({}, ['ann']);
    const { callerLegId } = await house.talking();
    await house.clock.advance(60_000);
    house.pbx.hangUp(callerLegId);
    await settle();
    expect(code(house.desk.endWrapUp('ann'))).toBe('agent.disposition_needed');
    expect(code(house.desk.endWrapUp('ann', 'boss'))).toBe('done');
    expect(house.calls).toEqual([]);
  });
});

describe('an agent is not stuck', () => {
  it('in a call for ever after a lost BYE (opensips#3123): the comparison after a gap lets the agent go', async () => {
    await open({}, ['ann']);
    const { callerLegId, talk } = await house.talking();
    house.pbx.down();
    house.pbx.legs.delete(callerLegId);
    house.pbx.legs.delete(talk?.legId ?? '');
    await house.clock.advance(60_000);
    house.pbx.up();
    await settle();
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(10_000);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('with a call that is answered hours after hangup (freeswitch#1973): the answer finds no offer, the leg is hung up', async () => {
    await open({}, ['ann']);
    const { offers: [offer] = [] } = await house.ringing();
    house.pbx.hangUp('caller-1');
    await settle();
    await house.clock.advance(3 * 3_600_000);
    const legId = offer?.legId ?? '';
    house.pbx.legs.set(legId, { legId, answered: true, callerNumber: '', dialledNumber: '', variables: {} });
    house.pbx.tell({ kind: 'legAnswered', legId });
    await settle();
    expect(house.pbx.legs.has(legId)).toBe(false);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('reserved when another takes the call (freeswitch#2540)', async () => {
    await open({ queues: [queue('sales', { ringAll: 2 })] });
    const { offers = [] } = await house.ringing();
    house.pbx.answer(offers[0]?.legId ?? '');
    await settle();
    await settle();
    expect(house.agent(offers[1]?.token.agentId ?? '')).toBe('available/idle');
  });
});

describe('a defect of ours', () => {
  it('at a timer of routing is told, and the dispatcher goes on (freeswitch#1641: it dies in silence)', async () => {
    let isToFail = false;
    const aroundStep = <T>(step: () => T): T => {
      if (!isToFail) return step();
      isToFail = false;
      throw new Error('a defect');
    };
    await open({ aroundStep }, ['ann']);
    await house.talking();
    house.pbx.hangUp('caller-1');
    await settle();
    house.pbx.arrive('caller-2');
    await settle();
    expect(house.agent('ann')).toBe('available/wrapUp');
    isToFail = true;
    await house.clock.advance(10_000);
    expect(house.board.stats.defects).toBe(1);
    const second = () => house.calls.find(({ callerLegId }) => callerLegId === 'caller-2')?.phase;
    expect(second()).toBe('waiting');
    await house.clock.advance(1_000);
    expect(second()).toBe('offering');
    house.board.stats.defects = 0;
  });
});

describe('an agent of two queues', () => {
  it('is offered one call only while the state of the phone lags behind', async () => {
    const both = [profile('ann', { queues: ['sales', 'service'] })];
    await open({ agents: both, entries: twoNumbers }, ['ann']);
    house.phones.set('PJSIP/ann', 'notInUse');
    house.pbx.arrive('caller-1');
    house.pbx.arrive('caller-2', undefined, '4002');
    await settle();
    // The phone rings by now, and is said to be idle all the same.
    house.phones.set('PJSIP/ann', 'ringing');
    house.phones.set('PJSIP/ann', 'notInUse');
    await settle();
    expect(house.calls.map(({ phase }) => phase)).toEqual(['offering', 'waiting']);
    house.pbx.answer(house.calls[0]?.offers?.[0]?.legId ?? '');
    await settle();
    house.phones.set('PJSIP/ann', 'notInUse');
    await settle();
    expect(house.calls.map(({ phase }) => phase)).toEqual(['talking', 'waiting']);
  });
});

describe('an agent on a private call', () => {
  it('is not offered one, and is when it is over', async () => {
    await open({}, ['ann']);
    house.phones.set('PJSIP/ann', 'inUse');
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    house.phones.set('PJSIP/ann', 'notInUse');
    await settle();
    expect(house.call.phase).toBe('offering');
  });

  it('of which the news came late: the phone that rings beside it is taken back, and nobody is blamed', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    const agentId = offer?.token.agentId ?? '';
    house.phones.set(`PJSIP/${agentId}`, 'inUse');
    house.phones.set(`PJSIP/${agentId}`, 'ringInUse');
    await settle();
    const ended = house.journal.events.find(({ type }) => type === 'call.offer.ended.v1');
    expect(ended?.data).toMatchObject({ agentId, outcome: 'withdrawn' });
    expect(house.call.offers?.[0]?.token.agentId).not.toBe(agentId);
    expect(house.agent(agentId)).toBe('available/idle');
  });

  it('the same agent offered from two queues because device state lags: reserved is reserved, whatever the phone says', async () => {
    const agents = [profile('ann', { queues: ['sales', 'service'] })];
    await open({ agents, queues: [queue('sales', { wrapUpMs: 0 }), queue('service')], entries: twoNumbers }, ['ann']);
    house.phones.set('PJSIP/ann', 'notInUse');
    const { offers: [offer] = [] } = await house.ringing('caller-1');
    house.pbx.arrive('caller-2', undefined, '4002');
    await settle();
    expect(house.calls[1]).toMatchObject({ phase: 'waiting', queueId: 'service' });
    house.pbx.answer(offer?.legId ?? '');
    await settle();
    expect(house.calls[1]?.phase).toBe('waiting');
    // The conversation ends; the phone's last news of it come late, and only the newest counts.
    await house.clock.advance(60_000);
    house.phones.set('PJSIP/ann', 'inUse');
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    house.phones.set('PJSIP/ann', 'notInUse');
    await settle();
    expect(house.call.phase).toBe('offering');
  });
});

describe('an agent with several phones', () => {
  const devices = [
    { id: 'desk', endpoint: 'PJSIP/ann' },
    { id: 'mobile', endpoint: 'PJSIP/ann-mobile' },
  ];
  const agents = [profile('ann', { devices })];
  const rung = (): (string | undefined)[] => house.calls.map(({ offers }) => offers?.[0]?.endpoint);

  it('is rung at the first that can be reached, or at the chosen one, also after a restart', async () => {
    await open({ agents }, ['ann']);
    house.phones.set('PJSIP/ann', 'unavailable');
    house.phones.set('PJSIP/ann-mobile', 'notInUse');
    await house.ringing('caller-1');
    expect(rung()).toEqual(['PJSIP/ann-mobile']);
    house.pbx.hangUp('caller-1');
    await settle();
    house.phones.set('PJSIP/ann', 'notInUse');
    expect(code(house.desk.agents.chooseDevice('ann', 'car'))).toBe('agent.device_unknown');
    expect(code(house.desk.agents.chooseDevice('ann', 'mobile'))).toBe('done');
    await house.restart();
    await house.ringing('caller-2');
    expect(rung()).toEqual(['PJSIP/ann-mobile']);
    expect(view('ann')).toMatchObject({ chosenDevice: 'mobile', devices: [{ id: 'desk' }, { id: 'mobile' }] });
  });

  it('is not offered a call while on any of them', async () => {
    await open({ agents }, ['ann']);
    house.phones.set('PJSIP/ann-mobile', 'inUse');
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    house.phones.set('PJSIP/ann-mobile', 'notInUse');
    await settle();
    expect(rung()).toEqual(['PJSIP/ann']);
  });
});

describe('a chat in hand', () => {
  it('is seen of the agent and told, beside what the agent does with calls, until it ends', async () => {
    await open({ agents: [profile('ann', { capacity: { chat: 2 } })] }, ['ann']);
    const token = { callId: 'chat-1', agentId: 'ann', attempt: 1, epoch: 'e', expiresAtMs: 1, channel: 'chat' };
    const tell = (input: Parameters<typeof house.board.desk.agentInput>[1]): unknown => {
      house.board.desk.agentInput('ann', input);
      const { data } = house.journal.events.findLast(({ type }) => type === 'agent.state.v1') ?? { data: {} };
      expect(data).toEqual({ agent: view('ann') });
      return view('ann')?.contacts;
    };
    tell({ kind: 'offered', token });
    expect(tell({ kind: 'offerAnswered', token })).toEqual([{ callId: 'chat-1', channel: 'chat' }]);
    expect(view('ann')).toMatchObject({ routing: 'idle' });
    expect(tell({ kind: 'talkEnded', callId: 'chat-1', wrapUpMs: 0, cooldownMs: 0 })).toBeUndefined();
  });
});
