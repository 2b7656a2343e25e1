import type { LookupRequest } from '../../bridge/ports.ts';
import type { CustomerResult } from '../../call/index.ts';
import type { LookupHealth, ManagedLookup } from '../managed-lookup.ts';
import { type NumberPlan, normaliseNumber } from '../numbers.ts';
import { newCounters } from '../stats.ts';
import type { Directory } from './directory.ts';

/** The lookup of a site without a CRM: the directory knows or nobody does, at once. */
export class DirectoryLookup implements ManagedLookup {
  private readonly directory: Directory;
  private readonly plan: NumberPlan;
  private readonly counters = newCounters();

  constructor(directory: Directory, plan: NumberPlan) {
    this.directory = directory;
    this.plan = plan;
  }

  lookup(request: LookupRequest, settle: (result: CustomerResult) => void): void {
    this.counters.lookups += 1;
    const number = normaliseNumber(request.callerNumber, this.plan);
    if (number.kind === 'anonymous') return settle({ status: 'none', source: 'nobody' });
    const customer = this.directory.find(request.tenant, number.canonical);
    settle(customer ? { status: 'fresh', customer, source: 'directory' } : { status: 'none', source: 'directory' });
  }

  start(): void {}

  stop(): Promise<void> {
    return Promise.resolve();
  }

  invalidate(): Promise<'ignored'> {
    return Promise.resolve('ignored');
  }

  health(): LookupHealth {
    return { redis: 'off', breaker: 'closed' };
  }

  stats(): ReturnType<ManagedLookup['stats']> {
    return { ...this.counters, breakerOpened: 0, adapter: {} };
  }
}
