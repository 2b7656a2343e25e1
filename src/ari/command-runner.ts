import type { CommandResult, PbxCommand } from '../call/index.ts';
import type { Logger } from '../kernel/index.ts';
import { failureOf, type Plan, planCommand, type Step } from './commands.ts';
import { AriError } from './errors.ts';
import type { LegBook } from './legs.ts';
import type { AriLink, AriResponse } from './ports.ts';

export interface RunnerOptions {
  readonly requestDeadlineMs: number;
  /** Commands of one call that may wait for one another on a transport without order. */
  readonly commandsPerCallMax: number;
}

/** What a caller's leg is given while a phone is dialled; neither the dialling nor the bridge depends on it. */
const mayFollowDial: ReadonlySet<PbxCommand['kind']> = new Set(['ring', 'setVariables']);
const mayOvertake: ReadonlySet<PbxCommand['kind']> = new Set(['dial', 'createBridge']);

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
  private readonly log: Logger;
  private readonly chains = new Map<string, Chain>();
  /** Per call, what lets a dial of the same turn go ahead. */
  private readonly yielding = new Map<string, (() => void)[]>();

  constructor(link: AriLink, legs: LegBook, options: RunnerOptions, log: Logger) {
    this.link = link;
    this.legs = legs;
    this.options = options;
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
  if (!answer || answer.ok || isDone(answer, step)) return { ok: true };
  return { ok: false, failure: failureOf(answer.error, step?.gone ?? []) };
}

const isDone = (answer: AriResponse<unknown>, step: Step | undefined): boolean =>
  !answer.ok && answer.error.pbxStatus !== undefined && step?.done?.includes(answer.error.pbxStatus) === true;
