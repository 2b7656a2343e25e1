import { afterEach, describe, expect, it } from 'vitest';
import type { AgentProfile } from '../../src/agents/index.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House, type HouseOptions } from './house.ts';

const settings: HouseOptions['settings'] = {
  pauses: { required: false, reasons: [] },
  dispositions: { required: false, codes: [] },
  skills: ['en', 'zh'],
};

let house: House;
const open = async (options: HouseOptions = {}, signedIn = ['ann']): Promise<void> => {
  house = await House.open({ settings, agents: [profile('ann', { skills: { zh: 80 } })], ...options }, signedIn);
};
afterEach(() => {
  house.assertSound();
  house.kill();
});

let version = 1;
function reload(...agents: readonly AgentProfile[]): void {
  version += 1;
  house.board.rules.use({ ...house.board.books.current.book, version: `v${version}`, agents });
}

const routed = (agentId: string) => house.board.desk.engine.agent(agentId)?.profile;

describe('the phone of an agent who has left the config', () => {
  const unknown = () => house.board.figures()['unknownAgents'];
  const device = (state: 'inUse' | 'notInUse', endpoint = 'PJSIP/ann') => house.phones.set(endpoint, state);

  it('is told to nobody any more', async () => {
    await open();
    reload(profile('eve'));
    device('inUse');
    expect(unknown()).toBe(0);
  });

  it('is told to him as long as he talks, and to nobody after that', async () => {
    await open();
    await house.talking();
    reload(profile('eve'));
    device('inUse');
    expect(house.board.desk.engine.agent('ann')?.device).toBe('inUse');
    house.pbx.hangUp('caller-1');
    await house.clock.advance(60_000);
    expect(house.board.desk.engine.agent('ann')).toBeUndefined();
    device('notInUse');
    expect(unknown()).toBe(0);
  });

  it('is not his when he comes back with another', async () => {
    await open();
    await house.talking();
    reload(profile('eve'));
    reload(profile('ann', { endpoint: 'PJSIP/other' }));
    device('notInUse', 'PJSIP/other');
    device('inUse');
    expect(house.board.desk.engine.agent('ann')?.device).toBe('notInUse');
  });
});

describe('an agent whom a reload has changed', () => {
  it('is not taken back to what the start said by skills that a supervisor gives', async () => {
    await open();
    reload(profile('ann', { skills: { zh: 90 }, queues: ['service'], endpoint: 'PJSIP/new' }));
    house.desk.agents.giveSkills('ann', { en: 60 }, 'boss');
    expect(routed('ann')).toMatchObject({ skills: { en: 60 }, queues: ['service'], endpoint: 'PJSIP/new' });
    house.desk.agents.giveSkills('ann', undefined, 'boss');
    expect(routed('ann')).toMatchObject({ skills: { zh: 90 }, queues: ['service'] });
  });

  it('is new, and can be given skills', async () => {
    await open();
    reload(profile('ann'), profile('eve', { skills: { zh: 10 } }));
    house.desk.agents.giveSkills('eve', { en: 60 }, 'boss');
    expect(routed('eve')).toMatchObject({ skills: { en: 60 } });
  });

  it('keeps the skills that a supervisor gave, also for routing', async () => {
    await open({ queues: [queue('sales', { needs: { en: 50 } }), queue('service')] });
    house.desk.agents.giveSkills('ann', { en: 60 }, 'boss');
    reload(profile('ann', { skills: { zh: 80 }, queues: ['sales', 'service'] }));
    expect(routed('ann')).toMatchObject({ skills: { en: 60 }, queues: ['sales', 'service'] });
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('offering');
  });

  it('has left the config: skills that are given do not bring the agent back', async () => {
    await open();
    await house.talking();
    reload(profile('bob'));
    house.desk.agents.giveSkills('ann', { en: 60 }, 'boss');
    house.pbx.hangUp('caller-1');
    await house.clock.advance(60_000);
    expect(house.agent('ann')).toBe('unknown');
  });

  it('has another phone, whose state is known: free instead of one that is not there, or busy at once', async () => {
    await open({ agents: [profile('ann'), profile('bob')] }, ['ann', 'bob']);
    for (const [phone, state] of [
      ['ann', 'unavailable'],
      ['bob', 'notInUse'],
      ['new', 'notInUse'],
      ['taken', 'inUse'],
    ] as const) {
      house.phones.set(`PJSIP/${phone}`, state);
    }
    reload(profile('ann', { endpoint: 'PJSIP/new' }), profile('bob', { endpoint: 'PJSIP/taken' }));
    const device = (agentId: string) => house.board.desk.engine.agent(agentId)?.device;
    expect([device('ann'), device('bob')]).toEqual(['notInUse', 'inUse']);
    expect((await house.ringing()).offers?.[0]?.token.agentId).toBe('ann');
    house.pbx.arrive('caller-2');
    await settle();
    expect(house.agent('bob')).toBe('available/idle');
    house.phones.set('PJSIP/taken', 'notInUse');
    await settle();
    expect(house.agent('bob')).toBe('available/offered');
  });
});
