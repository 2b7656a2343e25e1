import { describe, expect, it } from 'vitest';
import { createMetrics, createReadiness, LinkWatch } from '../../src/observability/index.ts';
import { notingLogger } from '../http/support.ts';

function watch() {
  const parts = { readiness: createReadiness(), metrics: createMetrics(), logger: notingLogger() };
  const links = new LinkWatch({ nodes: [{ id: 'pbx1', ami: {} }, { id: 'pbx2' }], ...parts });
  const checks = () =>
    Object.fromEntries(parts.readiness.report().checks.map(({ name, ok, code }) => [name, ok || (code ?? 'no code')]));
  return { ...parts, links, checks };
}

const change = { nodeId: 'pbx1', link: 'ari', atMs: 1 } as const;

describe('the links in readiness', () => {
  it('are not ready before they are up; AMI is optional', () => {
    const { links, checks, readiness } = watch();
    expect(Object.keys(checks())).toEqual(['ami:pbx1', 'ari:pbx1', 'ari:pbx2']);
    for (const nodeId of ['pbx1', 'pbx2']) links.tell({ ...change, nodeId, state: 'up' });
    expect(readiness.report().ok).toBe(true);
    links.tell({ ...change, link: 'ami', state: 'down', code: 'ami.link_lost' });
    expect(checks()).toMatchObject({ 'ami:pbx1': 'ami.link_lost' });
    expect(readiness.report().ok).toBe(true);
    links.tell({ ...change, state: 'down', code: 'ari.link_lost' });
    expect(readiness.report().ok).toBe(false);
  });

  it('say that another server took our place', async () => {
    const { links, checks, metrics } = watch();
    links.tell({ ...change, state: 'up' });
    links.tell({ ...change, state: 'replaced' });
    expect(checks()).toMatchObject({ 'ari:pbx1': 'ari.replaced' });
    expect(await metrics.text()).toContain('ringmaster_pbx_link_up{node="pbx1",link="ari"} 0');
  });

  it('tell the log once that calls are taken: when the first node can be reached', () => {
    const { links, logger } = watch();
    links.tell({ ...change, link: 'ami', state: 'up' });
    expect(logger.lines).toEqual([]);
    for (const state of ['up', 'down', 'up'] as const) links.tell({ ...change, state });
    links.tell({ ...change, nodeId: 'pbx2', state: 'up' });
    expect(logger.lines).toEqual([{ level: 'info', fields: { nodeId: 'pbx1' }, message: 'ready to take calls' }]);
  });
});
