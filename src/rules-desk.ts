import {
  type Config,
  ConfigError,
  type ConfigProblem,
  configWarnings,
  differences,
  isLive,
  loadConfig,
  type Rollout,
  rulesOf,
  type RulesData,
  toRollout,
} from '../config/index.ts';
import type { RuleDesk } from './bridge/index.ts';
import type { Journal } from './bridge/ports.ts';
import { CheckTemplateError, type Checks } from './compose-checks.ts';
import { AppError, type Clock, errorText, type Logger } from './kernel/index.ts';
import { promptKeys, type ReloadWarning, startKeys, strandedWarning, warningsFor } from './reload-warnings.ts';
import type { TemplateProblem } from './rest/index.ts';
import type { RuleSet } from './routing/index.ts';
import type { Audit } from './security/index.ts';

/** `current`: for all that comes; `trial`: for a share of it; `rolledBack`: not again by itself; `old`: for calls that are here. */
export type VersionState = 'current' | 'trial' | 'rolledBack' | 'old';

export interface RuleVersion {
  readonly version: string;
  readonly state: VersionState;
  /** Unix milliseconds. */
  readonly loadedAtMs: number;
  /** While it is tried. */
  readonly rollout?: Rollout;
}

export type Reloaded =
  | { readonly outcome: 'refused'; readonly problems: readonly ConfigProblem[] }
  | {
      /** `unchanged`: the same rules, though a check may have another password; `live`: in force for all that comes; `trial`: for a share of it. */
      readonly outcome: 'unchanged' | 'live' | 'trial';
      readonly version: string;
      readonly rollout?: Rollout;
      /** Sections whose new content is at work, or tried. */
      readonly changed: readonly string[];
      /** Sections of the file that differ from what the server was started with, and need a restart. */
      readonly restartNeeded: readonly string[];
      /** Keys that are not as the file says, and why. */
      readonly warnings: readonly ReloadWarning[];
    };

/** What is kept over a restart while the file is not simply in force. */
interface KeptRules {
  readonly current: RulesData;
  readonly trial?: { readonly version: string; readonly rollout: Rollout };
  readonly rolledBack?: string;
}

export interface RulesDeskOptions {
  /** As the server was started with. */
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rules: RuleDesk;
  readonly journal: Pick<Journal, 'write'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Who is asked about numbers that callers type. */
  readonly checks: Pick<Checks, 'load' | 'keep'>;
  /** Told of rules before calls may go by them. */
  readonly onRules?: (set: RuleSet) => void;
  /** Told of the rules that all that comes goes by, whenever these are others. */
  readonly onInForce?: (data: RulesData) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Known {
  readonly set: RuleSet;
  readonly data: RulesData;
  readonly digests: Readonly<Record<string, string>>;
  readonly loadedAtMs: number;
}

const versionsMax = 20;

/**
 * Reads the rules anew while the server runs: all or nothing, with a version for each content, first for a share of calls
 * or agents if wanted. What is not about rules is compared, and told to need a restart. Rules that ask for what the
 * server was started without are refused.
 */
export class RulesDesk {
  private readonly options: RulesDeskOptions;
  private current: Known;
  private trial: (Known & { readonly rollout: Rollout }) | undefined;
  /** Of the file as it was read last, whatever came of it. */
  private fileDigests: Config['digests'];
  private rolledBack: string | undefined;
  private readonly loaded = new Map<string, Known>();

  constructor(options: RulesDeskOptions) {
    this.options = options;
    this.current = this.know(options.config);
    this.fileDigests = options.config.digests;
  }

  /**
   * What the store kept of a rollout that was under way, or taken back, when the server ended: the file alone does not
   * decide then. A file that was changed since is in force.
   */
  resume(kept: object | null): void {
    if (kept === null) return;
    const { current, trial, rolledBack } = kept as KeptRules;
    const file = this.current;
    const isTried = trial?.version === file.set.version;
    if (!isTried && rolledBack !== file.set.version) return this.keep();
    // An older server kept fewer sections.
    const data = { ...file.data, ...current };
    const set = rulesOf(data);
    const known = { set, data, digests: file.digests, loadedAtMs: this.options.clock.nowMs() };
    this.remember(known);
    this.options.rules.beginWith(set);
    this.putInForce(known);
    if (isTried) this.try(file, trial.rollout);
    else this.rolledBack = rolledBack;
    const what = { inForce: set.version, file: file.set.version };
    if (isTried) this.options.logger.info({ ...what, share: trial.rollout.share }, 'a rollout goes on');
    else this.options.logger.warn(what, 'the file holds rules that were rolled back; those before are in force');
  }

  /** Throws nothing: a file with errors changes nothing, and all of them are told. */
  reload(by: string, rolloutText?: string): Reloaded {
    const outcome = this.readAndApply(rolloutText);
    const { audit, logger } = this.options;
    const refused = outcome.outcome === 'refused' ? { problems: outcome.problems.length } : undefined;
    const detail = refused ?? { version: 'version' in outcome ? outcome.version : '' };
    audit.record({
      actor: by,
      action: 'config.reload',
      target: 'rules',
      detail: { outcome: outcome.outcome, ...detail },
    });
    if (outcome.outcome === 'refused') {
      logger.error({ problems: outcome.problems.map(lineOf) }, 'the new configuration is refused; nothing has changed');
      return outcome;
    }
    const { warnings, ...told } = outcome;
    logger.info(told, 'the configuration was read anew');
    for (const { code, keys, message } of warnings) logger.warn({ code, keys }, message);
    return outcome;
  }

  /** The rules that are tried are for all that comes. Undefined when none are. */
  promote(by: string): RuleVersion | undefined {
    const { trial } = this;
    if (!trial) return undefined;
    this.put(trial);
    this.note(by, 'config.promote', trial.set.version);
    return this.versionOf(trial.set.version);
  }

  /**
   * Takes the trial back; without one, the rules before the current. Undefined when there are none. The file still holds
   * what was taken back: until it changes, neither a reload nor a restart brings it again by itself.
   */
  rollBack(by: string): RuleVersion | undefined {
    const bad = this.trial ?? this.current;
    const good = this.trial ? this.current : this.before(bad);
    if (!good) return undefined;
    if (this.trial) this.options.rules.endTrial();
    this.trial = undefined;
    if (good !== this.current) {
      this.options.rules.use(good.set);
      this.putInForce(good);
    }
    this.rolledBack = bad.set.version;
    this.keep();
    this.note(by, 'config.rollback', bad.set.version);
    return this.versionOf(good.set.version);
  }

  /** Newest last; at most twenty. */
  versions(): readonly RuleVersion[] {
    return [...this.loaded.keys()].map((version) => this.versionOf(version));
  }

  private readAndApply(rolloutText: string | undefined): Reloaded {
    const { config, env, checks, clock } = this.options;
    let next: Config | undefined;
    try {
      next = loadConfig(config.file, { env, running: config });
      checks.load(next.checks);
    } catch (error) {
      if (error instanceof CheckTemplateError)
        return { outcome: 'refused', problems: error.problems.map((problem) => inTemplate(problem, error.mend)) };
      if (error instanceof ConfigError) return { outcome: 'refused', problems: error.problems };
      if (error instanceof AppError)
        return { outcome: 'refused', problems: [unusable(config.file, next ? 'checks' : '', error)] };
      throw error;
    }
    const rollout = rolloutText === undefined ? next.rollout : toRollout(rolloutText);
    const keys = startKeys(config.digests, next.digests);
    const doubts = configWarnings(next, clock.nowMs());
    const prompts = promptKeys(this.fileDigests, next.digests);
    this.fileDigests = next.digests;
    const restartNeeded = [...new Set(keys.map(sectionOf))];
    const before = this.current;
    const applied = this.apply(next, rollout);
    const stranded = applied.outcome === 'live' ? this.strandedBy(before) : [];
    return { ...applied, restartNeeded, warnings: [...warningsFor(keys, prompts, doubts), ...stranded] };
  }

  private apply(
    next: Config,
    rollout: Rollout,
  ): Omit<Extract<Reloaded, { version: string }>, 'restartNeeded' | 'warnings'> {
    const { version } = next.rules;
    const changed = differences(this.current.digests, next.digests).filter(isLive);
    if (version === this.current.set.version) {
      if (this.trial) this.endTrial();
      this.current = { ...this.current, digests: next.digests };
      return { outcome: 'unchanged', version, changed };
    }
    const known = this.know(next);
    if (rollout.share >= 100) {
      this.put(known);
      return { outcome: 'live', version, changed };
    }
    this.try(known, rollout);
    this.keep();
    return { outcome: 'trial', version, rollout, changed };
  }

  /** Callers keep the rules with which they came, and agents do not. */
  private strandedBy(before: Known): readonly ReloadWarning[] {
    const { data } = this.current;
    const { rules } = this.options;
    const skills = before.data.skills.filter((skill) => !data.skills.includes(skill));
    const queues = before.data.queues.map(({ id }) => id).filter((id) => !data.queues.some((queue) => queue.id === id));
    return [
      ...strandedWarning('skills', skills, rules.waitingFor(skills)),
      ...strandedWarning('queues', queues, rules.waitingIn(queues)),
    ];
  }

  private put(known: Known): void {
    this.options.rules.use(known.set);
    this.putInForce(known);
    this.trial = undefined;
    this.rolledBack = undefined;
    this.keep();
  }

  private putInForce(known: Known): void {
    this.current = known;
    this.options.onInForce?.(known.data);
  }

  private try(known: Known, rollout: Rollout): void {
    const { rules } = this.options;
    if (rollout.of === 'calls') rules.tryWithCalls(known.set, rollout.share);
    else rules.tryWithAgents(known.set, rollout.share);
    this.trial = { ...known, rollout };
  }

  private endTrial(): void {
    this.options.rules.endTrial();
    this.trial = undefined;
    this.keep();
  }

  /** Only what the file alone does not say is kept. */
  private keep(): void {
    const { trial, rolledBack } = this;
    const kept: KeptRules = {
      current: this.current.data,
      ...(trial ? { trial: { version: trial.set.version, rollout: trial.rollout } } : {}),
      ...(rolledBack === undefined ? {} : { rolledBack }),
    };
    const state = trial || rolledBack !== undefined ? kept : null;
    this.options.journal.write([], [{ kind: 'rules', id: 'rollout', state }]);
  }

  private know({ rules: set, rulesData: data, digests }: Config): Known {
    const known = { set, data, digests, loadedAtMs: this.options.clock.nowMs() };
    this.remember(known);
    return known;
  }

  private remember(known: Known): void {
    const { version } = known.set;
    this.options.onRules?.(known.set);
    this.loaded.delete(version);
    this.loaded.set(version, known);
    for (const old of this.loaded.keys()) {
      if (this.loaded.size <= versionsMax) break;
      this.loaded.delete(old);
    }
    const checks = [...this.loaded.values()].flatMap(({ data }) => data.checks);
    this.options.checks.keep(new Set(checks.map(({ name }) => name)));
  }

  /** The rules that were loaded before these. */
  private before({ set }: Known): Known | undefined {
    const all = [...this.loaded.values()];
    return all[all.findIndex((one) => one.set.version === set.version) - 1];
  }

  private versionOf(version: string): RuleVersion {
    const loadedAtMs = this.loaded.get(version)?.loadedAtMs ?? 0;
    if (version === this.trial?.set.version)
      return { version, loadedAtMs, state: 'trial', rollout: this.trial.rollout };
    if (version === this.current.set.version) return { version, loadedAtMs, state: 'current' };
    return { version, loadedAtMs, state: version === this.rolledBack ? 'rolledBack' : 'old' };
  }

  private note(by: string, action: string, version: string): void {
    this.options.audit.record({ actor: by, action, target: `rules/${version}` });
    this.options.logger.info({ action, version }, 'the rules in force have changed');
  }
}

const sectionOf = (key: string): string => key.split('.')[0] ?? key;

const lineOf = ({ file, line, key, message }: ConfigProblem): string => `${file}:${line} ${key}: ${message}`;

/** In the words of the template's own file. */
const inTemplate = ({ file, line, key, message }: TemplateProblem, mend: string): ConfigProblem => ({
  kind: 'bad_form',
  file,
  line,
  key,
  message,
  mend,
});

const unusable = (file: string, key: string, error: AppError): ConfigProblem => ({
  kind: 'file_missing',
  file,
  line: 1,
  key,
  message: errorText(error),
  mend: error.mend,
});
