import type { CoursePart } from './course.ts';
import { type DayOptions, playDay } from './day.ts';
import { DecisionTimes } from './decision-times.ts';
import { type Estimates, estimatesOf, type Replication, replicationOf, waitCurve } from './result.ts';
import type { PolicyUnderTest, Scenario } from './scenario.ts';

/** What came of one policy over all replications. */
export interface PolicyResult {
  readonly name: string;
  /** By name of the calls: `all`, `vip`, `standard`, `queue:ID`, `callers:ID`, `skill:NAME`. */
  readonly calls: Readonly<Record<string, Estimates>>;
  readonly agents: Estimates;
  /** What this policy does to `all` and to the agents, against the first policy with the same callers; none for the first. */
  readonly change?: { readonly calls: Readonly<Record<string, Estimates>>; readonly agents: Estimates };
  /** The day in parts, summed over the replications. */
  readonly course: readonly CoursePart[];
  /** For 0, 1, … 100 percent of the answered calls, the wait in milliseconds that they stayed within. */
  readonly waitCurveMs: readonly number[];
  /** Microseconds of single steps of the engine; absent when not timed. */
  readonly decision?: ReturnType<DecisionTimes['summary']>;
}

export interface ExperimentResult {
  readonly scenario: string;
  readonly seed: number;
  readonly replications: number;
  readonly startMs: number;
  readonly coursePartMs: number;
  readonly answerWithinMs: number;
  readonly policies: readonly PolicyResult[];
  /** Calls played under all policies, warm-up included. */
  readonly callsPlayed: number;
}

export interface ExperimentOptions extends Pick<DayOptions, 'newEngine' | 'tickMs'> {
  readonly progress?: (share: number) => void;
}

/** Plays every replication under every policy with the same callers, and puts the figures together. */
export function runExperiment(scenario: Scenario, options: ExperimentOptions = {}): ExperimentResult {
  const runs = scenario.policies.map((policy) => new PolicyRuns(policy));
  const total = scenario.replications * runs.length;
  let done = 0;
  for (let replication = 0; replication < scenario.replications; replication += 1) {
    for (const run of runs) {
      run.play(scenario, replication, options, (share) => options.progress?.((done + share) / total));
      done += 1;
      options.progress?.(done / total);
    }
  }
  const [first] = runs;
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    replications: scenario.replications,
    startMs: scenario.startMs,
    coursePartMs: runs[0]?.coursePartMs ?? 0,
    answerWithinMs: scenario.answerWithinMs,
    policies: runs.map((run) => run.result(run === first ? undefined : first)),
    callsPlayed: runs.reduce((sum, run) => sum + run.callsPlayed, 0),
  };
}

class PolicyRuns {
  callsPlayed = 0;
  coursePartMs = 0;
  private readonly policy: PolicyUnderTest;
  private readonly rows: Replication[] = [];
  private readonly waitsMs: number[] = [];
  private readonly decisions = new DecisionTimes();
  private course: CoursePart[] = [];

  constructor(policy: PolicyUnderTest) {
    this.policy = policy;
  }

  play(scenario: Scenario, replication: number, options: ExperimentOptions, progress: (share: number) => void): void {
    const { newEngine, tickMs } = options;
    const extras = { ...(newEngine ? { newEngine } : {}), ...(tickMs ? { tickMs } : {}), progress };
    const { ledger, agents, arrived } = playDay({ scenario, policy: this.policy, replication, ...extras });
    this.rows.push(replicationOf(ledger, agents));
    for (const wait of ledger.cells.get('all')?.waits ?? []) this.waitsMs.push(wait);
    this.decisions.merge(ledger.decisions);
    this.callsPlayed += arrived;
    this.coursePartMs = ledger.course.partMs;
    this.course = ledger.course.parts.map((part, index) => added(part, this.course[index]));
  }

  result(base: PolicyRuns | undefined): PolicyResult {
    const names = [...(this.rows[0]?.cells.keys() ?? [])];
    const calls = (rows: readonly Replication[], name: string) => rows.map(({ cells }) => cells.get(name) ?? {});
    const decision = this.decisions.summary();
    return {
      name: this.policy.name,
      calls: Object.fromEntries(names.map((name) => [name, estimatesOf(calls(this.rows, name))])),
      agents: estimatesOf(this.rows.map(({ agents }) => agents)),
      ...(base
        ? {
            change: {
              calls: Object.fromEntries(
                names.map((name) => [name, estimatesOf(differences(calls(this.rows, name), calls(base.rows, name)))]),
              ),
              agents: estimatesOf(
                differences(
                  this.rows.map(({ agents }) => agents),
                  base.rows.map(({ agents }) => agents),
                ),
              ),
            },
          }
        : {}),
      course: this.course,
      waitCurveMs: waitCurve(this.waitsMs),
      ...(decision ? { decision } : {}),
    };
  }
}

type Row = Readonly<Record<string, number>>;

/** Replication by replication: the callers were the same, so most of the noise falls out. */
function differences(mine: readonly Row[], others: readonly Row[]): Row[] {
  return mine.map((row, index) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value - (others[index]?.[name] ?? Number.NaN)]),
    ),
  );
}

function added(part: CoursePart, other: CoursePart | undefined): CoursePart {
  if (!other) return part;
  const names = Object.keys(part) as (keyof CoursePart)[];
  return Object.fromEntries(names.map((name) => [name, part[name] + other[name]])) as unknown as CoursePart;
}
