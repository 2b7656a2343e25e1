import { describe, expect, it } from 'vitest';
import {
  countEvent,
  createLogger,
  createMetrics,
  logDecision,
  type WatchedEvent,
} from '../../src/observability/index.ts';
import { call } from '../http/support.ts';

function logTo(options: { showPii?: boolean } = {}) {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level: 'info', ...options, write: (line) => lines.push(line) }) };
}

const arrived: WatchedEvent = { type: 'call.arrived.v1', data: { call: call('c1') } };
const ended: WatchedEvent = {
  type: 'call.ended.v1',
  data: { call: call('c1'), reason: 'abandoned', waitedMs: 5, talkMs: 0, holdMs: 0, attempts: 1 },
};

describe('the log', () => {
  it('is one JSON object a line', () => {
    const { lines, logger } = logTo();
    logger.child({ part: 'ami' }).warn({ node: 'pbx1' }, 'link lost');
    logger.debug({}, 'not at this level');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', part: 'ami', node: 'pbx1', msg: 'link lost' });
  });

  it('hides personal data and secrets, also one level down and in children', () => {
    const { lines, logger } = logTo();
    logger.info({ pii: { callerNumber: '13800138000' }, ari: { password: 'hunter2' }, token: 'hunter2' }, 'x');
    logger.child({ pii: { name: '13800138000' } }).info({ call: { pii: '13800138000' } }, 'y');
    expect(lines.join('')).not.toMatch(/13800138000|hunter2/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ pii: '[redacted]' });
  });

  it('shows personal data only where the config says so, secrets never', () => {
    const { lines, logger } = logTo({ showPii: true });
    logger.info({ pii: { callerNumber: '13800138000' }, password: 'hunter2' }, 'x');
    expect(lines[0]).toContain('13800138000');
    expect(lines[0]).not.toContain('hunter2');
  });

  it('has a line for each decision, with the call and without the caller', () => {
    const { lines, logger } = logTo();
    for (const event of [arrived, ended]) logDecision(logger, event);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { callId: 'c1', entryId: 'hotline', msg: 'call arrived' },
      { callId: 'c1', reason: 'abandoned', msg: 'call ended' },
    ]);
    expect(lines.join('')).not.toContain('13800138000');
  });
});

describe('the metrics', () => {
  it('count what was committed', async () => {
    const metrics = createMetrics();
    const events: WatchedEvent[] = [
      arrived,
      ended,
      { type: 'call.offer.ended.v1', data: { call: call('c1'), agentId: 'li', attempt: 1, outcome: 'busy' } },
      { type: 'pbx.link.lost.v1', data: { nodeId: 'pbx1', link: 'ari', code: 'ari.closed' } },
      { type: 'pbx.reconciled.v1', data: { nodeId: 'pbx1', kept: 4, ended: 3, adopted: 0, swept: 2 } },
      {
        type: 'call.connected.v1',
        data: { call: { ...call('aq-1'), routedBy: 'app_queue' }, agentId: 'li', waitedMs: 1 },
      },
      { type: 'stream.gap.v1', data: { lost: 7, reason: 'bufferFull' } },
    ];
    for (const event of events) countEvent(metrics, event);
    const text = await metrics.text();
    expect(text).toContain('ringmaster_calls_arrived_total{entry="hotline"} 1');
    expect(text).toContain('ringmaster_calls_ended_total{entry="hotline",reason="abandoned"} 1');
    expect(text).toContain('ringmaster_offers_total{router="ringmaster",outcome="busy"} 1');
    expect(text).toContain('ringmaster_pbx_link_up{node="pbx1",link="ari"} 0');
    expect(text).toContain('ringmaster_reconciled_total{node="pbx1",router="ringmaster",what="ended"} 3');
    expect(text).toContain('ringmaster_reconciled_total{node="pbx1",router="ringmaster",what="swept"} 2');
    expect(text).toContain('ringmaster_caller_wait_seconds_count{router="app_queue"} 1');
    expect(text).not.toContain('ringmaster_caller_wait_seconds_count{router="ringmaster"}');
    expect(text).toContain('ringmaster_events_lost_total 7');
    expect(text).toContain('ringmaster_events_committed_total{type="call.arrived.v1"} 1');
  });
});
