import { describe, expect, it } from 'vitest';
import { lastLine, tallyRun, type VitestReport } from '../../tools/lib/tally.ts';

type File = VitestReport['testResults'][number];

const file = (name: string, statuses: readonly string[], more: Partial<File> = {}): File => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status) => ({ status })),
  ...more,
});

const run = (files: readonly File[], more: Partial<Parameters<typeof tallyRun>[0]> = {}) =>
  tallyRun({
    exitCode: files.some(({ status }) => status === 'failed') ? 1 : 0,
    report: { testResults: files },
    remarks: { notRun: [], errors: [] },
    expectedFiles: files.map(({ name }) => name),
    ...more,
  });

describe('the tally of a run', () => {
  it('counts passed, failed and skipped tests', () => {
    const tally = run([file('test/a.test.ts', ['passed', 'failed', 'skipped']), file('test/b.test.ts', ['passed'])]);
    expect(tally).toMatchObject({ passed: 2, failed: 1, skipped: 1, faults: [] });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const tally = run([
      file('test/a.test.ts', ['passed']),
      file('test/b.test.ts', [], { status: 'failed', message: 'no' }),
    ]);
    expect(tally).toMatchObject({ passed: 1, failed: 1, faults: ['test/b.test.ts could not be run: no'] });
  });

  it('counts a run without a report as a failure', () => {
    expect(run([], { report: undefined, exitCode: 7 })).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts a project that has files but ran no test as a failure', () => {
    const tally = run([file('test/a.test.ts', ['passed'])], {
      expectedFiles: ['test/a.test.ts', 'test/conformance/b.test.ts'],
    });
    expect(tally).toMatchObject({ failed: 1, faults: ['no test of conformance was run'] });
  });

  it('counts an error outside of tests as a failure', () => {
    const remarks = { notRun: [], errors: ['nobody handled this'] };
    expect(run([file('test/a.test.ts', ['passed'])], { remarks, exitCode: 1 })).toMatchObject({ passed: 1, failed: 1 });
  });

  it('does not trust a bad exit code that no test explains', () => {
    expect(run([file('test/a.test.ts', ['passed'])], { exitCode: 1 })).toMatchObject({ passed: 1, failed: 1 });
  });

  it('hands on why tests were not run', () => {
    const notRun = [{ test: 'test/a.test.ts: a', reason: 'no Asterisk here' }];
    const tally = run([file('test/a.test.ts', ['skipped'])], { remarks: { notRun, errors: [] } });
    expect(tally).toMatchObject({ skipped: 1, failed: 0, notRun });
  });
});

describe('the last line', () => {
  const base = { faults: [], notRun: [] };

  it('names skipped tests only when there are any', () => {
    expect(lastLine({ ...base, passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(lastLine({ ...base, passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});
