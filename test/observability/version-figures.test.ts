import { describe, expect, it } from 'vitest';
import { VersionCounter, type WatchedEvent } from '../../src/observability/index.ts';
import { call } from '../http/support.ts';

const ended = (reason: string, more: { waitedMs?: number; talkMs?: number; version?: string } = {}): WatchedEvent => {
  const { waitedMs = 5_000, talkMs = 0, version } = more;
  const view = { ...call('c1'), ...(version === undefined ? {} : { rulesVersion: version }) };
  const data = { call: view, reason, waitedMs, talkMs, holdMs: 0, attempts: 1 };
  return { type: 'call.ended.v1', data } as WatchedEvent;
};

describe('figures by version', () => {
  it('count each call by the rules it came with', () => {
    const counter = new VersionCounter();
    for (const event of [
      ended('completed', { talkMs: 60_000 }),
      ended('completed', { talkMs: 60_000, waitedMs: 21_000, version: 'v2' }),
      ended('abandoned', { version: 'v2', waitedMs: 40_000 }),
      ended('overflowed', { version: 'v2' }),
    ])
      counter.note(event, 'v1');
    expect(counter.of('v1')).toMatchObject({ calls: 1, answered: 1, answeredInTime: 1, abandoned: 0 });
    expect(counter.of('v2')).toMatchObject({
      calls: 3,
      answered: 1,
      answeredInTime: 0,
      abandoned: 1,
      waitedMs: 66_000,
      waitedMaxMs: 40_000,
    });
  });

  it('are not counted twice (freeswitch, statistics): a call that was connected again after a transfer is one', () => {
    const counter = new VersionCounter();
    const connected = {
      type: 'call.connected.v1',
      data: { call: call('c1'), agentId: 'li', waitedMs: 1 },
    } as WatchedEvent;
    for (const event of [connected, connected, ended('completed', { talkMs: 1 })]) counter.note(event, 'v1');
    expect(counter.of('v1')).toMatchObject({ calls: 1, answered: 1 });
  });

  it('leave out what app_queue routes', () => {
    const counter = new VersionCounter();
    const view = { ...call('aq-1'), routedBy: 'app_queue' };
    for (const event of [ended('completed', { talkMs: 1 }), { type: 'call.offered.v1', data: { call: view } }]) {
      counter.note({ ...event, data: { ...event.data, call: view } } as WatchedEvent, 'v1');
    }
    expect(counter.of('v1')).toMatchObject({ calls: 0, offers: 0 });
  });

  it('are kept for so many versions only', () => {
    const counter = new VersionCounter();
    for (let version = 0; version < 50; version += 1)
      counter.note(ended('completed', { version: `v${version}` }), 'v1');
    expect(counter.all().size).toBe(20);
    expect(counter.of('v0').calls).toBe(0);
  });
});
