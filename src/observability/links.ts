import type { LinkChange } from '../bridge/ports.ts';
import type { Logger } from '../kernel/index.ts';
import type { Metrics } from './metrics.ts';
import type { CheckHandle, Readiness } from './readiness.ts';

interface LinkWatchParts {
  readonly nodes: readonly { readonly id: string; readonly ami?: unknown }[];
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Tells readiness and metrics of every link. AMI is optional: without it we route on what ARI tells. */
export class LinkWatch {
  private readonly metrics: Metrics;
  private readonly logger: Logger;
  private readonly checks = new Map<string, CheckHandle>();
  private isReady = false;

  constructor({ nodes, readiness, metrics, logger }: LinkWatchParts) {
    this.metrics = metrics;
    this.logger = logger;
    for (const { id, ami } of nodes) {
      this.add(readiness, id, 'ari');
      if (ami !== undefined) this.add(readiness, id, 'ami');
    }
  }

  tell({ nodeId, link, state, code }: LinkChange): void {
    this.metrics.pbxLink.set({ node: nodeId, link }, state === 'up' ? 1 : 0);
    const check = this.checks.get(`${link}:${nodeId}`);
    if (state !== 'up') return check?.down(code ?? `${link}.${state}`);
    check?.up();
    if (link === 'ari') this.ready(nodeId);
  }

  /** Said once: from now on somebody who calls is served. */
  private ready(nodeId: string): void {
    if (!this.isReady) this.logger.info({ nodeId }, 'ready to take calls');
    this.isReady = true;
  }

  private add(readiness: Readiness, nodeId: string, link: 'ari' | 'ami'): void {
    const name = `${link}:${nodeId}`;
    this.checks.set(name, readiness.declare(name, { optional: link === 'ami' }));
    this.metrics.pbxLink.set({ node: nodeId, link }, 0);
  }
}
