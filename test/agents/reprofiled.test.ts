import { describe, expect, it } from 'vitest';
import { newAgent, reduceAgent, reprofiled } from '../../src/agents/index.ts';
import type { DeviceState } from '../../src/call/index.ts';
import { profile } from '../routing/fixtures.ts';

const on = (endpoint: string, state: DeviceState, agent = newAgent(profile('ann'), 0)) =>
  reduceAgent(agent, { kind: 'deviceChanged', state, endpoint }, 0);
const desk = { id: 'desk', endpoint: 'PJSIP/ann' };
const home = { id: 'home', endpoint: 'PJSIP/home' };

describe('an agent whose profile is changed', () => {
  it('keeps the state of a phone that stays his, whatever is said of it beside', () => {
    const agent = on('PJSIP/ann', 'inUse');
    const after = reprofiled(agent, profile('ann', { skills: { en: 1 } }), { 'PJSIP/ann': 'notInUse' });
    expect(after).toMatchObject({ device: 'inUse', version: agent.version + 1 });
  });

  it.each<[string, DeviceState | undefined, DeviceState]>([
    ['known to be in use', 'inUse', 'inUse'],
    ['known to be free', 'notInUse', 'notInUse'],
    ['that nobody knows', undefined, 'unknown'],
  ])('has another phone, %s', (_, known, expected) => {
    const agent = on('PJSIP/ann', 'unavailable');
    const states = known ? { 'PJSIP/new': known } : {};
    expect(reprofiled(agent, profile('ann', { endpoint: 'PJSIP/new' }), states).device).toBe(expected);
  });

  it('has a second phone besides, and then only the second', () => {
    const both = reprofiled(on('PJSIP/ann', 'inUse'), profile('ann', { devices: [desk, home] }), {
      'PJSIP/home': 'notInUse',
    });
    expect(both).toMatchObject({ device: 'inUse', devices: { 'PJSIP/ann': 'inUse', 'PJSIP/home': 'notInUse' } });
    const one = reprofiled(both, profile('ann', { endpoint: 'PJSIP/home' }));
    expect(one.device).toBe('notInUse');
    expect(one.devices).toBeUndefined();
    const other = reprofiled(both, profile('ann', { devices: [home] }));
    expect(other).toMatchObject({ device: 'notInUse', devices: { 'PJSIP/home': 'notInUse' } });
    expect(Object.keys(other.devices ?? {})).toEqual(['PJSIP/home']);
  });

  it('moves to another node: the phone of the same name there is another phone', () => {
    const agent = on('PJSIP/ann', 'unavailable');
    expect(reprofiled(agent, profile('ann', { nodeId: 'pbx2' })).device).toBe('unknown');
  });
});
