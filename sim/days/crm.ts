import type { Customer } from '../../src/call/index.ts';
import {
  type AdapterAnswer,
  createCustomerLookup,
  type CustomerAdapter,
  type CustomerQuery,
  Directory,
  defaultNumberPlan,
  type ManagedLookup,
  memoryDirectoryStore,
  type SharedCache,
} from '../../src/crm/index.ts';
import { AppError, type Clock, defineErrors, type Logger, type Rng } from '../../src/kernel/index.ts';
import type { Chance } from './chance.ts';
import { knownNumbers } from './site.ts';

const errors = defineErrors('simCrm', { down: [503, 'the simulated CRM is down', 'wait until it is back'] });

/** How the CRM does at the moment. */
export interface CrmMood {
  slowMs: number;
  /** Shares of questions that fail, and that are never answered. */
  failing: number;
  hanging: number;
}

export const callerNumberOf = (index: number): string => `138${String(10_000_000 + index)}`;

function customerOf(index: number): Customer {
  return {
    id: `c${index}`,
    name: `Customer ${index}`,
    value: index % 100,
    vip: index % 20 === 0,
    blacklisted: index % 50 === 49,
    tags: [],
    purchases: [],
    openTickets: [],
  };
}

/** A CRM that knows some callers, and is slow, silent or broken by its mood. */
export class SimCrm implements CustomerAdapter {
  readonly id = 'sim';
  readonly revision = '1';
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly mood: CrmMood;

  constructor(clock: Clock, chance: Chance, mood: CrmMood) {
    this.clock = clock;
    this.chance = chance;
    this.mood = mood;
  }

  find({ number }: CustomerQuery, signal: AbortSignal): Promise<AdapterAnswer> {
    const { chance, mood } = this;
    const index = Number(number.last8 ?? '') - 10_000_000;
    const hangs = chance.is(mood.hanging);
    const fails = chance.is(mood.failing);
    const isKnown = index >= 0 && index < knownNumbers;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new AppError(errors.down)));
      if (hangs) return;
      this.clock.after(chance.between(5, 80 + mood.slowMs), () => {
        if (fails) reject(new AppError(errors.down));
        else resolve(isKnown ? { kind: 'hit', customer: customerOf(index) } : { kind: 'none' });
      });
    });
  }

  stats(): Readonly<Record<string, number>> {
    return {};
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The server's own lookup, with its caches, breaker and deadlines, before the simulated CRM. */
export function simLookup(
  adapter: SimCrm,
  parts: { clock: Clock; rng: Rng; logger: Logger; shared: SharedCache },
): ManagedLookup {
  return createCustomerLookup({
    adapter,
    directory: new Directory(defaultNumberPlan, memoryDirectoryStore()),
    keySecret: 'simulated',
    ...parts,
  });
}
