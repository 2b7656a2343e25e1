import { expect, it } from 'vitest';
import { AppError } from '../../src/kernel/index.ts';
import { readSessionLimit } from '../../src/doctor/checks/sessions.ts';
import { type Check, failed, type Finding, ok, said, together, warning } from '../../src/doctor/finding.ts';
import { languageOf, reportText, toReport } from '../../src/doctor/report.ts';
import { runChecks } from '../../src/doctor/run.ts';
import { FakeClock } from '../support/fake-clock.ts';

const check = (id: string, run: () => Promise<Finding>, deadlineMs?: number): Check => ({
  id,
  about: said('a part', '部件'),
  run,
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
});

it('all at once: a check that hangs or breaks holds up and breaks no other', async () => {
  const clock = new FakeClock();
  const done: string[] = [];
  const never = () => new Promise<Finding>(() => {});
  const outcomes = runChecks(
    [
      check('hangs', never, 3_000),
      check('hangs long', never),
      check('breaks', () =>
        Promise.reject(new AppError({ code: 'crm.x', status: 502, meaning: 'broke', mend: 'mend it' })),
      ),
      check('well', async () => ok('well', '好')),
    ],
    clock,
    ({ id }) => done.push(id),
  );
  await clock.advance(3_000);
  expect(done.sort()).toEqual(['breaks', 'hangs', 'well']);
  await clock.advance(2_000);
  expect((await outcomes).map(({ id, verdict, says }) => `${id} ${verdict} ${says.en}`)).toEqual([
    'hangs failed no answer within 3000 ms',
    'hangs long failed no answer within 5000 ms',
    'breaks failed crm.x: broke',
    'well ok well',
  ]);
});

it('the report is in one language, holds no secret, and fails for failures only', async () => {
  const secret = 's3cret-token';
  const bad = failed(said(`refused ${secret}`, `拒绝 ${secret}`), said(`not ${secret}`, '改'));
  const outcomes = await runChecks(
    [check('a', async () => bad), check('b', async () => ok('b', '乙'))],
    new FakeClock(),
  );
  const report = toReport(outcomes, 'zh', [secret, '', 'b']);
  expect(report.checks.map(({ says }) => says)).toEqual(['拒绝 [secret]', '乙']);
  expect(toReport(outcomes, 'en', [secret]).checks[0]?.mend).toBe('not [secret]');
  expect([report.ok, toReport(outcomes.slice(1), 'en', []).ok]).toEqual([false, true]);
  expect(reportText(report, 'zh')).toMatch(/失败.* a {2}部件: 拒绝[\s\S]*处理[\s\S]*结果: 1 失败, 1 正常/);
});

it('several findings as one: the gravest leads', () => {
  const one = together([
    ok('fine', '好'),
    warning(said('w', '警'), said('do w', '做警')),
    failed(said('f', '败'), said('do f', '做败')),
  ]);
  expect(one).toEqual({
    verdict: 'failed',
    says: said('f; w; fine', '败；警；好'),
    mend: said('do f do w', '做败做警'),
  });
  expect(together([]).verdict).toBe('ok');
});

it.each([
  ['zh', {}, 'zh'],
  ['zh_CN.UTF-8', { LANG: 'en_US' }, 'zh'],
  [undefined, { LANG: 'zh_CN.UTF-8' }, 'zh'],
  [undefined, { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, 'en'],
  [undefined, {}, 'en'],
] as const)('language %s in %o: %s', (asked, env, expected) => {
  expect(languageOf(asked, env)).toBe(expected);
});

it('a file that is not there tells no limit', () => {
  expect(readSessionLimit('not/there/http.conf')).toBeUndefined();
});
