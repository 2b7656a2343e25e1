import type { CommandResult, PbxCommand } from '../call/index.ts';
import type { Clock, Logger } from '../kernel/index.ts';
import { failureOf, type Plan, planCommand, type Step } from './commands.ts';
import { AriError } from './errors.ts';
import type { LegBook } from './legs.ts';
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

/** What a caller's leg is given while a phone is dialled; neither the dialling nor the bridge depends on it. */
const mayFollowDial: ReadonlySet<PbxCommand['kind']> = new Set(['ring', 'setVariables']);
const mayOvertake: ReadonlySet<PbxCommand['kind']> = new Set(['dial', 'createBridge']);

/** Between two requests of which the first came too early: so much is recorded at most of what should not be. */
const earlyPauseMs = 20;

interface Chain {
  tail: Promise<unknown>;
  length: number;
}

/**
 * Carries out commands: those of one call in the order in which they were given, but that a phone is dialled first of
 * all that is asked in one turn. Asterisk takes the requests of a socket one by one, and the caller waits for the phone.
 */
export class CommandRunner {
  private readonly link: AriLink;
  private readonly legs: LegBook;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly log: Logger;
  /** By call, or by recording. */
  private readonly chains = new Map<string, Chain>();
  /** Per call, what lets a dial of the same turn go ahead. */
  private readonly yielding = new Map<string, (() => void)[]>();

  constructor(link: AriLink, legs: LegBook, options: RunnerOptions, { clock, log }: RunnerDeps) {
    this.link = link;
    this.legs = legs;
    this.options = options;
    this.clock = clock;
    this.log = log;
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
    if (mayFollowDial.has(command.kind)) return this.atEndOfTurn(callId, run);
    if (!mayOvertake.has(command.kind)) this.release(callId);
    return run();
  }

  private atEndOfTurn(callId: string, run: () => Promise<CommandResult>): Promise<CommandResult> {
    const waiting = this.yielding.get(callId);
    if (!waiting) process.nextTick(() => this.release(callId));
    return new Promise((resolve) => {
      this.yielding.set(callId, [...(waiting ?? []), () => resolve(run())]);
    });
  }

  private release(callId: string): void {
    const waiting = this.yielding.get(callId) ?? [];
    this.yielding.delete(callId);
    for (const run of waiting) run();
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
    const result = plan.kind === 'dial' ? await this.dial(plan) : await this.runSteps(plan.steps);
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
  private async dial({ legId, originate }: Plan & { kind: 'dial' }): Promise<CommandResult> {
    this.legs.add(legId, { dialled: true, entered: false, answered: false });
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
