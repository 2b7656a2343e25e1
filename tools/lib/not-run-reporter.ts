import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase } from 'vitest/node';

export interface NotRun {
  readonly test: string;
  readonly reason: string;
}

export interface Remarks {
  readonly notRun: readonly NotRun[];
  /** Errors outside of any test, such as a rejection that nobody handled. */
  readonly errors: readonly string[];
}

/** Adds to vitest's JSON report what it leaves out: why a test was skipped, and errors outside of tests. */
export default class NotRunReporter implements Reporter {
  private readonly notRun: NotRun[] = [];

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state !== 'skipped') return;
    this.notRun.push({
      test: `${test.module.relativeModuleId}: ${test.fullName}`,
      reason: result.note ?? 'no reason given',
    });
  }

  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    const path = process.env['RINGMASTER_REMARKS_FILE'];
    const remarks: Remarks = { notRun: this.notRun, errors: errors.map((error) => error.message) };
    if (path) writeFileSync(path, JSON.stringify(remarks));
  }
}
