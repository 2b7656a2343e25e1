import type { CommandResult, PbxCommand } from '../call/index.ts';
import type { Clock, Logger } from '../kernel/index.ts';
import { failureOf, type Plan, planCommand, type Step } from './commands.ts';
import { AriError } from './errors.ts';
import type { LegBook } from './legs.ts';
import { Patience } from './patience.ts';
import type { AriLink, AriResponse } from './ports.ts';

export interface RunnerOptions {
  readonly requestDeadlineMs: number;
  /** Commands of one call that may wait for one another on a transport without order. */
  readonly commandsPerCallMax: number;
}

interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Nobody waits for what a caller's leg is given while a phone is dialled, nor for the end of a bridge. */
const patientKinds: ReadonlySet<PbxCommand['kind']> = new Set(['ring', 'setVariables', 'destroyBridge']);

/** Between two requests of which the first came too early: so much is recorded at most of what should not be. */
const earlyPauseMs = 20;

interface Chain {
  tail: Promise<unknown>;
  length: number;
}

/**
 * Carries out commands: those of one call in the order in which they were given, but that a phone is dialled before
 * what the caller is given in the same turn, and that those for which nobody waits let those of other calls go ahead.
 */
export class CommandRunner {
  private readonly link: AriLink;
  private readonly legs: LegBook;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly log: Logger;
  /** By call, or by recording. */
  private readonly chains = new Map<string, Chain>();
  private readonly patience: Patience;
  private inFlight = 0;

  constructor(link: AriLink, legs: LegBook, options: RunnerOptions, { clock, log }: RunnerDeps) {
    this.link = link;
    this.legs = legs;
    this.options = options;
    this.clock = clock;
    this.log = log;
    this.patience = new Patience(clock, () => this.inFlight);
  }

  send(callId: string, command: PbxCommand): Promise<CommandResult> {
    const plan = planCommand(command, this.link.app);
    if (plan instanceof AriError) {
      this.log.error({ callId, code: plan.code, error: plan.message }, 'a command is not allowed');
      return Promise.resolve({ ok: false, failure: 'refused' });
    }
    const run = () => this.run(callId, command, plan);
    if (!this.link.ordered) return this.inTurn(callId, run);
    // A recording that is silenced, perhaps asked twice, must not be unsilenced before.
    if ('recordingId' in command) return this.inTurn(command.recordingId, run);
    const endpoint = command.kind === 'hangup' ? this.legs.talkingAt(command.legId) : undefined;
    if (patientKinds.has(command.kind) || endpoint !== undefined)
      return new Promise((resolve) => {
        this.patience.add({ callId, kind: command.kind, endpoint, run: () => resolve(run()) });
      });
    this.patience.before(callId, command);
    return run();
  }

  /** Sends what still lets others go ahead. */
  flush(): void {
    this.patience.flush();
  }

  /** What must not be overtaken waits for one another. Over HTTP requests overtake each other: all those of a call. */
  private inTurn(key: string, run: () => Promise<CommandResult>): Promise<CommandResult> {
    const chain = this.chains.get(key) ?? { tail: Promise.resolve(), length: 0 };
    if (chain.length >= this.options.commandsPerCallMax) return Promise.resolve({ ok: false, failure: 'unavailable' });
    const result = chain.length === 0 ? run() : chain.tail.then(run);
    chain.length += 1;
    chain.tail = result.finally(() => {
      chain.length -= 1;
      if (chain.length === 0) this.chains.delete(key);
    });
    this.chains.set(key, chain);
    return result;
  }

  private async run(callId: string, command: PbxCommand, plan: Plan): Promise<CommandResult> {
    if (command.kind === 'leave') this.legs.setLeaving(command.legId, true);
    this.inFlight += 1;
    const result = plan.kind === 'dial' ? await this.dial(plan) : await this.runSteps(plan.steps);
    this.inFlight -= 1;
    this.patience.drain();
    if (result.ok) return result;
    if (command.kind === 'leave') this.legs.setLeaving(command.legId, false);
    this.log.info({ callId, command: command.kind, failure: result.failure }, 'a command to the PBX failed');
    return result;
  }

  private async runSteps(list: readonly Step[]): Promise<CommandResult> {
    if (this.link.ordered) {
      const answers = await Promise.all(list.map((step) => this.runStep(step)));
      const failed = answers.findIndex((answer) => !answer.ok);
      return failed < 0 ? { ok: true } : resultOf(answers[failed], list[failed]);
    }
    for (const step of list) {
      const answer = await this.runStep(step);
      if (!answer.ok) return resultOf(answer, step);
    }
    return { ok: true };
  }

  private runStep(step: Step): Promise<AriResponse<unknown>> {
    const { requestDeadlineMs } = this.options;
    return step.early ? this.runOnceReady(step, step.early) : step.run(this.link, requestDeadlineMs);
  }

  private async runOnceReady(step: Step, early: readonly number[]): Promise<AriResponse<unknown>> {
    const { requestDeadlineMs } = this.options;
    const untilMs = this.clock.nowMs() + requestDeadlineMs;
    for (;;) {
      const answer = await step.run(this.link, requestDeadlineMs);
      if (!hasStatus(answer, early) || this.clock.nowMs() >= untilMs) return answer;
      await new Promise<void>((resolve) => this.clock.after(earlyPauseMs, resolve));
    }
  }

  /** The leg is in the book before the request: what it does may be told before the answer. */
  private async dial({ legId, endpoint, originate }: Plan & { kind: 'dial' }): Promise<CommandResult> {
    this.legs.add(legId, { dialled: true, entered: false, answered: false, endpoint });
    const result = await this.runSteps([originate]);
    // Without an answer the phone may ring all the same.
    if (!result.ok && result.failure !== 'timeout') this.legs.forget(legId);
    return result;
  }
}

function resultOf(answer: AriResponse<unknown> | undefined, step: Step | undefined): CommandResult {
  if (!answer || answer.ok || hasStatus(answer, step?.done ?? [])) return { ok: true };
  return { ok: false, failure: failureOf(answer.error, step?.gone ?? []) };
}

const hasStatus = (answer: AriResponse<unknown>, statuses: readonly number[]): boolean =>
  !answer.ok && answer.error.pbxStatus !== undefined && statuses.includes(answer.error.pbxStatus);
