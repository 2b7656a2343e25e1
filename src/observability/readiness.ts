import { defineErrors } from '../kernel/index.ts';

const errors = defineErrors('readiness', {
  not_yet: [503, 'a part of the server has not reported yet', 'wait; if it stays so, read the log'],
});

/** One neighbour or part of the server, as `/readyz` tells it. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** The server can do its work without it, e.g. Redis; it never makes the server unready. */
  readonly optional: boolean;
  /** An error code when not ok. */
  readonly code?: string;
  readonly detail?: string;
}

export interface ReadinessReport {
  readonly ok: boolean;
  readonly checks: readonly ReadinessCheck[];
}

export interface CheckHandle {
  up(detail?: string): void;
  /** `detail` never holds personal data or secrets: `/readyz` needs no key. */
  down(code: string, detail?: string): void;
}

export interface Readiness {
  /** Declares a part; it counts as not ready until `up` is called. A second declaration of a name takes over the first. */
  declare(name: string, options?: { optional?: boolean }): CheckHandle;
  report(): ReadinessReport;
}

/** The registry behind `/readyz`: parts report changes, nobody is polled, so asking costs nothing. */
export function createReadiness(): Readiness {
  const checks = new Map<string, ReadinessCheck>();
  return {
    declare(name, { optional = false } = {}) {
      const base = { name, optional };
      checks.set(name, { ...base, ok: false, code: errors.not_yet.code });
      return {
        up: (detail) => checks.set(name, { ...base, ok: true, ...(detail === undefined ? {} : { detail }) }),
        down: (code, detail) =>
          checks.set(name, { ...base, ok: false, code, ...(detail === undefined ? {} : { detail }) }),
      };
    },
    report() {
      const all = [...checks.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return { ok: all.every((check) => check.ok || check.optional), checks: all };
    },
  };
}
