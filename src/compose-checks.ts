import { type CheckConfig, checkIdOf, type Config } from '../config/index.ts';
import type { CheckPort, CheckRequest } from './bridge/ports.ts';
import type { CheckOutcome } from './call/index.ts';
import { lookupErrors, readText, resolverOf } from './compose-lookup.ts';
import { createNumberCheck, type NumberCheck, parseCheckTemplate } from './crm/index.ts';
import { AppError, type Clock, type Logger } from './kernel/index.ts';
import { ownNeighbours } from './own-neighbours.ts';
import { problemText, type TemplateProblem } from './rest/index.ts';
import { Secret } from './security/index.ts';

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Held {
  readonly check: NumberCheck;
  /** Its secrets as they were when it was built. */
  readonly secrets: string;
}

/** What is wrong with the template of a check, with its lines. */
export class CheckTemplateError extends AppError {
  readonly problems: readonly TemplateProblem[];

  constructor(problems: readonly TemplateProblem[]) {
    super(lookupErrors.template_unusable, problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/**
 * Numbers that callers type, held against what a neighbour knows. Flows name a check by its content, so that calls keep
 * the one that they came with while others go by a new one. One that stays keeps what it has learnt of its neighbour.
 */
export class Checks implements CheckPort {
  private readonly config: Config;
  private readonly parts: Parts;
  private held = new Map<string, Held>();

  /** Throws on a template that is unusable. */
  constructor(config: Config, parts: Parts) {
    this.config = config;
    this.parts = parts;
    this.load(config.checks);
  }

  check({ checkId, ...question }: CheckRequest, settle: (outcome: CheckOutcome) => void): void {
    const found = this.held.get(checkId) ?? this.newestOf(checkIdOf(checkId));
    if (found) void found.check.ask(question).then(settle);
    else settle({ kind: 'unavailable' });
  }

  /** Adds these beside those that are here. Throws on a template that is unusable; nothing has changed then. */
  load(checks: readonly CheckConfig[]): void {
    const built = checks.map((check) => [check.name, this.hold(check)] as const);
    for (const [name, held] of built) {
      const before = this.held.get(name);
      // The newest of an id stands last.
      this.held.delete(name);
      this.held.set(name, held);
      if (before && before !== held) void before.check.close();
    }
  }

  /** Those that no rules name any more go. */
  keep(names: ReadonlySet<string>): void {
    for (const [name, { check }] of this.held) {
      if (names.has(name)) continue;
      this.held.delete(name);
      void check.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ check }) => check.close()));
  }

  /** For a call whose rules are forgotten, and for rules that the store kept: it kept no secrets. */
  private newestOf(id: string): Held | undefined {
    return [...this.held].findLast(([name]) => checkIdOf(name) === id)?.[1];
  }

  private hold(config: CheckConfig): Held {
    const secrets = secretsOf(config);
    const before = this.held.get(config.name);
    return before?.secrets === secrets ? before : { check: this.build(config), secrets };
  }

  private build({ id, template: file, variables, allow, deadlineMs, concurrentMax }: CheckConfig): NumberCheck {
    const { clock, env, logger } = this.parts;
    const parsed = parseCheckTemplate(readText(file, lookupErrors.template_unusable), file);
    if (parsed.kind === 'problems') {
      throw new CheckTemplateError(parsed.problems);
    }
    const own = ownNeighbours(this.config);
    const resolveSecret = resolverOf(variables, env);
    const options = { template: parsed.template, resolveSecret, allow, own, clock, deadlineMs, concurrentMax };
    return createNumberCheck(options, (code) => logger.warn({ check: id, code }, 'a check could not be asked'));
  }
}

const secretsOf = ({ variables }: CheckConfig): string =>
  JSON.stringify(Object.values(variables).map((value) => (value instanceof Secret ? value.reveal() : '')));
