import type { ExperimentResult, PolicyResult } from './experiment.ts';
import { agentMeasures, callMeasures, direction, type Measure, margin, shown } from './measures.ts';
import type { Estimates } from './result.ts';

const column = 24;

/** The result as a table for a terminal: a row for each figure, a column for each policy. */
export function textReport(result: ExperimentResult): string {
  const { policies, scenario, replications, seed, answerWithinMs } = result;
  const [first] = policies;
  if (!first) return '';
  const lines = [
    `${scenario}: ${replications} replications, seed ${seed}`,
    `± is half of the 95 % interval; * marks what surely differs from the first policy`,
    `service level: answered within ${shown(answerWithinMs, 'time')} ÷ all callers who got a line, also those who hung up`,
    '',
    ''.padEnd(20) + policies.map(({ name }) => cut(name).padStart(column)).join(''),
  ];
  for (const cell of cellsToShow(first)) {
    lines.push(
      '',
      title(cell),
      ...rows(
        callMeasures,
        policies,
        (policy) => policy.calls[cell],
        (policy) => policy.change?.calls[cell],
      ),
    );
  }
  lines.push(
    '',
    'agents',
    ...rows(
      agentMeasures,
      policies,
      (policy) => policy.agents,
      (policy) => policy.change?.agents,
    ),
  );
  lines.push(...decisions(policies));
  return lines.join('\n');
}

/**
 * All calls first; VIP against standard only where there are VIPs; then queues, callers and skills. What has the same
 * figures as something before it, such as the only callers of a queue, is left out.
 */
export function cellsToShow({ calls }: PolicyResult): readonly string[] {
  const names = Object.keys(calls).filter((name) => name.includes(':'));
  const vips = (calls['vip']?.['offered']?.mean ?? 0) > 0 ? ['vip', 'standard'] : [];
  const rank = (name: string) => ['queue', 'callers', 'skill'].indexOf(name.slice(0, name.indexOf(':')));
  const seen = new Set<string>();
  return ['all', ...vips, ...names.sort((a, b) => rank(a) - rank(b))].filter((name) => {
    const figures = JSON.stringify(calls[name]);
    const isNew = !seen.has(figures);
    seen.add(figures);
    return isNew;
  });
}

export function title(cell: string): string {
  const titles: Readonly<Record<string, string>> = { all: 'all calls', vip: 'VIP', standard: 'not VIP' };
  return titles[cell] ?? cell.replace(':', ' ');
}

function rows<Name extends string>(
  measures: readonly Measure<Name>[],
  policies: readonly PolicyResult[],
  of: (policy: PolicyResult) => Estimates | undefined,
  change: (policy: PolicyResult) => Estimates | undefined,
): string[] {
  return measures
    .filter(({ name }) => policies.some((policy) => saysSomething(of(policy), name)))
    .map(({ name, label, unit }) => {
      const values = policies.map((policy) => {
        const estimate = of(policy)?.[name];
        if (!estimate) return '–'.padStart(column);
        const other = change(policy)?.[name];
        const mark = other && direction(other) !== '' ? '*' : '';
        return `${shown(estimate.mean, unit)} ${margin(estimate, unit)}${mark}`.trimEnd().padStart(column);
      });
      return `  ${label.padEnd(18)}${values.join('')}`;
    });
}

/** Rows that are nothing but zero or nothing at all are left out, but for those that everybody looks for. */
export function saysSomething(estimates: Estimates | undefined, name: string): boolean {
  const mean = estimates?.[name]?.mean;
  return Number.isFinite(mean) && (mean !== 0 || always.has(name));
}

const always: ReadonlySet<string> = new Set(['serviceLevel', 'asaMs', 'abandoned']);

function decisions(policies: readonly PolicyResult[]): string[] {
  const timed = policies.map(({ decision }) => decision);
  if (timed.every((decision) => decision === undefined)) return [];
  const row = (label: string, pick: (decision: NonNullable<PolicyResult['decision']>) => string) =>
    `  ${label.padEnd(18)}${timed.map((decision) => (decision ? pick(decision) : '–').padStart(column)).join('')}`;
  return [
    '',
    'engine, per step',
    row('mean', ({ meanUs }) => `${meanUs.toFixed(1)} µs`),
    row('p99', ({ p99Us }) => `${p99Us.toFixed(1)} µs`),
  ];
}

const cut = (name: string): string => (name.length < column ? name : `${name.slice(0, column - 3)}…`);
