import type { Caller } from './callers.ts';
import { Cell, type EndedCall } from './cell.ts';
import { Course } from './course.ts';
import { DecisionTimes } from './decision-times.ts';
import type { CallerClass, PolicyUnderTest, Scenario } from './scenario.ts';

/** Everything counted of one replication under one policy. */
export class Ledger {
  /** By name: `all`, `vip`, `standard`, `queue:ID`, `callers:ID`, `skill:NAME`. */
  readonly cells = new Map<string, Cell>();
  readonly course: Course;
  readonly decisions = new DecisionTimes();
  private readonly scenario: Scenario;
  private readonly countedFromMs: number;
  private readonly cellsOf: ReadonlyMap<CallerClass, readonly Cell[]>;
  private readonly vip: Cell;
  private readonly standard: Cell;
  private waitingCalls = 0;
  private waitingSinceMs = 0;
  private waitingAreaMs = 0;

  constructor(scenario: Scenario, policy: PolicyUnderTest, coursePartMs: number) {
    const { startMs, warmUpMs, durationMs } = scenario;
    this.scenario = scenario;
    this.countedFromMs = startMs + warmUpMs;
    this.course = new Course(startMs, this.countedFromMs, startMs + durationMs, coursePartMs);
    const all = this.cell('all');
    this.vip = this.cell('vip');
    this.standard = this.cell('standard');
    this.cellsOf = new Map(
      scenario.classes.map((callers) => [callers, [all, ...cellNames(callers, policy).map((name) => this.cell(name))]]),
    );
  }

  private cell(name: string): Cell {
    const cell = this.cells.get(name) ?? new Cell(this.scenario.answerWithinMs);
    this.cells.set(name, cell);
    return cell;
  }

  call(caller: Caller, ended: EndedCall): void {
    this.course.call(caller.atMs, ended, this.scenario.answerWithinMs);
    if (caller.atMs < this.countedFromMs) return;
    for (const cell of this.cellsOf.get(caller.callerClass) ?? []) cell.add(ended);
    (caller.vip ? this.vip : this.standard).add(ended);
  }

  /** One more or one fewer waits from now on. */
  waiting(change: 1 | -1, nowMs: number): void {
    this.bookWaiting(nowMs);
    this.waitingCalls += change;
  }

  /** Calls that waited on average over the time that counts. */
  meanWaiting(): number {
    const { startMs, durationMs, warmUpMs } = this.scenario;
    this.bookWaiting(startMs + durationMs);
    return this.waitingAreaMs / (durationMs - warmUpMs);
  }

  private bookWaiting(nowMs: number): void {
    const { startMs, durationMs } = this.scenario;
    const fromMs = Math.max(this.waitingSinceMs, this.countedFromMs);
    const toMs = Math.min(nowMs, startMs + durationMs);
    if (toMs > fromMs) this.waitingAreaMs += this.waitingCalls * (toMs - fromMs);
    this.waitingSinceMs = Math.max(this.waitingSinceMs, nowMs);
  }
}

function cellNames(callers: CallerClass, policy: PolicyUnderTest): string[] {
  const queue = policy.queues.find(({ id }) => id === callers.queueId);
  const skills = new Set([...Object.keys(callers.needs), ...Object.keys(queue?.needs ?? {})]);
  return [`queue:${callers.queueId}`, `callers:${callers.id}`, ...[...skills].map((skill) => `skill:${skill}`)];
}
