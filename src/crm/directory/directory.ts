import type { Customer } from '../../call/index.ts';
import { type NumberPlan, normaliseNumber } from '../numbers.ts';

/** One customer as the site keeps it itself, with all its numbers as they were written. */
export interface DirectoryRow {
  readonly numbers: readonly string[];
  readonly customer: Customer;
}

/** Where the rows outlive us. */
export interface DirectoryStore {
  all(tenant: string): Promise<readonly DirectoryRow[]>;
  replace(tenant: string, rows: readonly DirectoryRow[]): Promise<void>;
}

/** Keeps rows for as long as the process lives: for tests, the demo, and rows that config brings at each start. */
export function memoryDirectoryStore(initial: Readonly<Record<string, readonly DirectoryRow[]>> = {}): DirectoryStore {
  const rows = new Map(Object.entries(initial));
  return {
    all: (tenant) => Promise.resolve(rows.get(tenant) ?? []),
    replace: (tenant, next) => {
      rows.set(tenant, next);
      return Promise.resolve();
    },
  };
}

/** The built-in directory: in memory, by number, so that it answers at once and when all else is down. */
export class Directory {
  private readonly plan: NumberPlan;
  private readonly store: DirectoryStore;
  private readonly byNumber = new Map<string, ReadonlyMap<string, Customer>>();

  constructor(plan: NumberPlan, store: DirectoryStore) {
    this.plan = plan;
    this.store = store;
  }

  /** Loads what the store holds for a tenant. */
  async load(tenant: string): Promise<void> {
    this.byNumber.set(tenant, this.indexOf(await this.store.all(tenant)));
  }

  /** Replaces all rows of a tenant; the old ones answer until the store has the new ones. */
  async replace(tenant: string, rows: readonly DirectoryRow[]): Promise<void> {
    await this.store.replace(tenant, rows);
    this.byNumber.set(tenant, this.indexOf(rows));
  }

  /** `canonical` as `normaliseNumber` gives it. */
  find(tenant: string, canonical: string): Customer | undefined {
    return this.byNumber.get(tenant)?.get(canonical);
  }

  /** The first number of a customer; asked seldom, so it is searched. */
  numberOf(tenant: string, customerId: string): string | undefined {
    for (const [number, { id }] of this.byNumber.get(tenant) ?? []) if (id === customerId) return number;
    return undefined;
  }

  size(tenant: string): number {
    return this.byNumber.get(tenant)?.size ?? 0;
  }

  /** Where two rows share a number the first one has it, but marks add up: a blacklisted number stays so. */
  private indexOf(rows: readonly DirectoryRow[]): ReadonlyMap<string, Customer> {
    const index = new Map<string, Customer>();
    for (const { numbers, customer } of rows) {
      for (const raw of numbers) {
        const number = normaliseNumber(raw, this.plan);
        if (number.kind === 'anonymous') continue;
        const first = index.get(number.canonical);
        index.set(number.canonical, first ? withMarksOf(first, customer) : customer);
      }
    }
    return index;
  }
}

const withMarksOf = (first: Customer, other: Customer): Customer => ({
  ...first,
  vip: first.vip || other.vip,
  blacklisted: first.blacklisted || other.blacklisted,
});
