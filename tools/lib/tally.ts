import { projectOf } from './test-projects.ts';
import type { NotRun, Remarks } from './not-run-reporter.ts';

/** The part that we read of vitest's JSON report. */
export interface VitestReport {
  readonly testResults: readonly {
    /** Path relative to the root. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failures that are no test's own, in sentences; each is counted in `failed`. */
  readonly faults: readonly string[];
  readonly notRun: readonly NotRun[];
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, faults: [], notRun: [] };

export const fault = (text: string): Tally => ({ ...nothing, failed: 1, faults: [text] });

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
      faults: [...a.faults, ...b.faults],
      notRun: [...a.notRun, ...b.notRun],
    }),
    nothing,
  );
}

export interface VitestRun {
  readonly exitCode: number;
  /** Undefined when vitest ended before it could report. */
  readonly report: VitestReport | undefined;
  readonly remarks: Remarks | undefined;
  /** The test files that had to run, as paths relative to the root. */
  readonly expectedFiles: readonly string[];
}

/** Sums up one run of vitest, and counts as failed whatever would otherwise pass in silence. */
export function tallyRun({ exitCode, report, remarks, expectedFiles }: VitestRun): Tally {
  if (!report) return fault(`vitest ended with exit code ${exitCode} and without a report`);
  const statuses = report.testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length;
  const counted: Tally = {
    passed: count('passed'),
    failed: count('failed'),
    skipped: statuses.length - count('passed', 'failed'),
    faults: [],
    notRun: remarks?.notRun ?? [],
  };
  const faults = [...brokenFiles(report), ...silentProjects(report, expectedFiles), ...strayErrors(remarks)];
  const total = sum([counted, ...faults.map(fault)]);
  if (exitCode === 0 || total.failed > 0) return total;
  return sum([total, fault(`vitest ended with exit code ${exitCode} although no test failed`)]);
}

/** Files that failed as a whole: a syntax error, a failed import, a failed hook. */
function brokenFiles(report: VitestReport): string[] {
  return report.testResults
    .filter((file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
    .map((file) => `${file.name} could not be run: ${file.message.split('\n')[0] ?? ''}`);
}

function silentProjects(report: VitestReport, expectedFiles: readonly string[]): string[] {
  const heard = report.testResults.filter((file) => file.assertionResults.length > 0 || file.status === 'failed');
  const loud = new Set(heard.map((file) => projectOf(file.name)));
  const expected = new Set(expectedFiles.map(projectOf));
  return [...expected].filter((project) => !loud.has(project)).map((project) => `no test of ${project} was run`);
}

function strayErrors(remarks: Remarks | undefined): string[] {
  return (remarks?.errors ?? []).map((message) => `an error outside of any test: ${message}`);
}

/** The last line: `N passed, N failed`, with `, N skipped` when there are any. */
export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
