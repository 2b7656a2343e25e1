import { curveChart, dotsChart, escaped, timeChart } from './charts.ts';
import type { ExperimentResult, PolicyResult } from './experiment.ts';
import { agentMeasures, callMeasures, direction, type Measure, margin, shown } from './measures.ts';
import type { Estimates } from './result.ts';
import { cellsToShow, saysSomething, title } from './text-report.ts';

/** The result as one page: no script, nothing fetched, light or dark as the reader's screen is. */
export function htmlReport(result: ExperimentResult): string {
  const { scenario, replications, seed, policies, callsPlayed } = result;
  const [first] = policies;
  if (!first) return '';
  const played = `${callsPlayed.toLocaleString('en-US')} calls in ${replications} replications with seed ${seed}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(scenario)}</title><style>${style}</style></head><body><main>
<h1>${escaped(scenario)}</h1>
<p>${played}. Every policy met the same callers. ± is half of the 95 % interval over the replications;
<b class="sure">bold</b> differs surely from the first policy, by the interval of the difference.
Service level: answered within ${shown(result.answerWithinMs, 'time')}, of all callers who got a line; who hung up counts as not answered.</p>
${legend(policies)}
${charts(result)}
${cellsToShow(first)
  .map((cell) => callTable(cell, policies))
  .join('\n')}
${table(
  'agents',
  agentMeasures,
  policies,
  ({ agents }) => agents,
  ({ change }) => change?.agents,
)}
${decisionTable(policies)}
<h2>What the figures mean</h2><dl>${[...callMeasures, ...agentMeasures]
    .map(({ label, meaning }) => `<dt>${escaped(label)}</dt><dd>${escaped(meaning)}</dd>`)
    .join('')}</dl>
</main></body></html>
`;
}

const legend = (policies: readonly PolicyResult[]): string =>
  `<ul class="legend">${policies
    .map(({ name }, index) => `<li><span class="key p${index % 6}"></span>${escaped(name)}</li>`)
    .join('')}</ul>`;

function charts(result: ExperimentResult): string {
  const { policies, replications } = result;
  const perPart = (pick: (part: PolicyResult['course'][number]) => number) =>
    policies.map(({ course }) => course.map(pick));
  const hours = result.coursePartMs / 3_600_000;
  const span = { fromMs: result.startMs, partMs: result.coursePartMs };
  return [
    dotsChart(
      'service level',
      policies.map((policy) => policy.calls['all']?.['serviceLevel']),
      'share',
    ),
    dotsChart(
      'speed of answer',
      policies.map((policy) => policy.calls['all']?.['asaMs']),
      'time',
    ),
    dotsChart(
      'abandoned',
      policies.map((policy) => policy.calls['all']?.['abandoned']),
      'share',
    ),
    curveChart(
      'waits of answered calls: share answered by',
      policies.map(({ waitCurveMs }) => waitCurveMs),
    ),
    timeChart(
      'calls an hour',
      perPart(({ offered }) => offered / replications / hours),
      span,
      'count',
    ),
    timeChart(
      'service level over the day',
      perPart(({ within, offered }) => within / offered),
      span,
      'share',
    ),
    timeChart(
      'mean wait over the day',
      perPart(({ waitMs, offered }) => waitMs / offered),
      span,
      'time',
    ),
    timeChart(
      'agents at work',
      perPart(({ staffedMs }) => staffedMs / replications / result.coursePartMs),
      span,
      'count',
    ),
    timeChart(
      'occupancy over the day',
      perPart(({ busyMs, staffedMs }) => busyMs / staffedMs),
      span,
      'share',
    ),
  ].join('\n');
}

const callTable = (cell: string, policies: readonly PolicyResult[]): string =>
  table(
    title(cell),
    callMeasures,
    policies,
    ({ calls }) => calls[cell],
    ({ change }) => change?.calls[cell],
  );

function table<Name extends string>(
  heading: string,
  measures: readonly Measure<Name>[],
  policies: readonly PolicyResult[],
  of: (policy: PolicyResult) => Estimates | undefined,
  change: (policy: PolicyResult) => Estimates | undefined,
): string {
  const body = measures
    .filter(({ name }) => policies.some((policy) => saysSomething(of(policy), name)))
    .map(({ name, label, unit }) => {
      const cells = policies.map((policy) => {
        const estimate = of(policy)?.[name];
        const other = change(policy)?.[name];
        const sure = other && direction(other) !== '' ? ' class="sure"' : '';
        return `<td${sure}>${estimate ? `${shown(estimate.mean, unit)} <small>${margin(estimate, unit)}</small>` : '–'}</td>`;
      });
      return `<tr><th scope="row">${escaped(label)}</th>${cells.join('')}</tr>`;
    });
  return `<h2>${escaped(heading)}</h2><div class="wide"><table>${head(policies)}${body.join('')}</table></div>`;
}

const head = (policies: readonly PolicyResult[]): string =>
  `<tr><td></td>${policies.map(({ name }) => `<th scope="col">${escaped(name)}</th>`).join('')}</tr>`;

function decisionTable(policies: readonly PolicyResult[]): string {
  if (policies.every(({ decision }) => decision === undefined)) return '';
  const row = (label: string, pick: (decision: NonNullable<PolicyResult['decision']>) => number) =>
    `<tr><th scope="row">${label}</th>${policies
      .map(({ decision }) => `<td>${decision ? `${pick(decision).toFixed(1)} µs` : '–'}</td>`)
      .join('')}</tr>`;
  const rows = row('mean', ({ meanUs }) => meanUs) + row('p99', ({ p99Us }) => p99Us);
  return `<h2>engine, per step</h2><div class="wide"><table>${head(policies)}${rows}</table></div>`;
}

const style = `
:root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6475;--line:#d8dde6;--paper:#fff;--c0:#2563eb;--c1:#d9480f;--c2:#2b8a3e;--c3:#9c36b5;--c4:#b08900;--c5:#0b7285}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;--line:#333b49;--paper:#14181f;--c0:#7aa7ff;--c1:#ff9a66;--c2:#6fd084;--c3:#d691ea;--c4:#e6c34d;--c5:#5cc8da}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Noto Sans SC",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .8rem .2rem 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;font-weight:400}
th[scope=row]{text-align:left}th[scope=col]{font-weight:600}small{color:var(--soft)}.sure{font-weight:700}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}.key{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin-right:.4em}
figure{margin:1.5rem 0}figcaption{font-weight:600}svg{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font-size:11px}svg .axis{stroke:var(--line)}svg .curve{fill:none;stroke-width:2}
${[0, 1, 2, 3, 4, 5].map((n) => `.p${n}{background:var(--c${n})}svg .p${n}{stroke:var(--c${n})}svg .f${n}{fill:var(--c${n})}`).join('')}
dt{font-weight:600}dd{margin:0 0 .4rem;color:var(--soft)}`;
