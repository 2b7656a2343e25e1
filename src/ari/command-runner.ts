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

interface Chain {
  tail: Promise<unknown>;
  length: number;
}

/** Carries out commands: those of one call in the order in which they were given. */
export class CommandRunner {
  private readonly link: AriLink;
  private readonly legs: LegBook;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly chains = new Map<string, Chain>();
  /** Dials that wait for their leg to enter our application: told whether it did. */
  private readonly entering = new Map<string, (entered: boolean) => void>();

  constructor(
    link: AriLink,
    legs: LegBook,
    options: RunnerOptions,
    deps: { readonly clock: Clock; readonly log: Logger },
  ) {
    this.link = link;
    this.legs = legs;
    this.options = options;
    this.clock = deps.clock;
    this.log = deps.log;
  }

  /** A leg is in our application now. */
  entered(legId: string): void {
    this.entering.get(legId)?.(true);
  }

  ended(legId: string): void {
    this.entering.get(legId)?.(false);
  }

  /** Nobody will tell any more whether the legs that are waited for have entered. */
  linkLost(): void {
    for (const settle of this.entering.values()) settle(false);
  }

  send(callId: string, command: PbxCommand): Promise<CommandResult> {
    const plan = planCommand(command, this.link.app);
    if (plan instanceof AriError) {
      this.log.error({ callId, code: plan.code, error: plan.message }, 'a command is not allowed');
      return Promise.resolve({ ok: false, failure: 'refused' });
    }
    const run = () => this.run(callId, command, plan);
    return this.link.ordered ? run() : this.inTurn(callId, run);
  }

  /** Over HTTP requests overtake each other, so those of one call wait for one another. */
  private inTurn(callId: string, run: () => Promise<CommandResult>): Promise<CommandResult> {
    const chain = this.chains.get(callId) ?? { tail: Promise.resolve(), length: 0 };
    if (chain.length >= this.options.commandsPerCallMax) return Promise.resolve({ ok: false, failure: 'unavailable' });
    const result = chain.tail.then(run);
    chain.length += 1;
    chain.tail = result.finally(() => {
      chain.length -= 1;
      if (chain.length === 0) this.chains.delete(callId);
    });
    this.chains.set(callId, chain);
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
    const { requestDeadlineMs } = this.options;
    if (this.link.ordered) {
      const answers = await Promise.all(list.map((step) => step.run(this.link, requestDeadlineMs)));
      const failed = answers.findIndex((answer) => !answer.ok);
      return failed < 0 ? { ok: true } : resultOf(answers[failed], list[failed]);
    }
    for (const step of list) {
      const answer = await step.run(this.link, requestDeadlineMs);
      if (!answer.ok) return resultOf(answer, step);
    }
    return { ok: true };
  }

  /**
   * Asterisk answers `create` before the new leg has entered our application, and refuses to dial it until then: so
   * the dial waits for its StasisStart, which may also come before the answer.
   */
  private async dial({ legId, create, dial }: Plan & { kind: 'dial' }): Promise<CommandResult> {
    this.legs.add(legId, true, false);
    const entered = this.waitForEntry(legId);
    const created = await this.runSteps([create]);
    if (!created.ok) {
      this.entering.get(legId)?.(false);
      this.legs.forget(legId);
      return created;
    }
    if (!(await entered)) return { ok: false, failure: this.legs.has(legId) ? 'timeout' : 'gone' };
    return this.runSteps([dial]);
  }

  private waitForEntry(legId: string): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (entered: boolean): void => {
        timer.cancel();
        this.entering.delete(legId);
        resolve(entered);
      };
      const timer = this.clock.after(2 * this.options.requestDeadlineMs, () => settle(false));
      this.entering.set(legId, settle);
    });
  }
}

function resultOf(answer: AriResponse<unknown> | undefined, step: Step | undefined): CommandResult {
  if (!answer || answer.ok) return { ok: true };
  return { ok: false, failure: failureOf(answer.error, step?.gone ?? []) };
}
