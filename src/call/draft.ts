import type { Call, CallPhase } from './call.ts';
import type { PbxCommand } from './commands.ts';
import type { CallEffect, CallEvent, TalkOutcome, ToldEvent } from './effects.ts';
import type { CallPolicy } from './policy.ts';

/** What one input did to a call. */
export interface CallStep {
  readonly call: Call;
  readonly effects: readonly CallEffect[];
  readonly events: readonly ToldEvent<Call>[];
}

/** Collects what one input does to a call; lives no longer than one reduction, so the reducer stays pure. */
export class Draft {
  call: Call;
  readonly policy: CallPolicy;
  readonly atMs: number;
  readonly effects: CallEffect[] = [];
  readonly events: ToldEvent<Call>[] = [];
  /** The leg whose end or departure this input tells: the PBX is asked nothing about it any more. */
  goneLegId: string | undefined;

  constructor(call: Call, policy: CallPolicy, atMs: number) {
    this.call = call;
    this.policy = policy;
    this.atMs = atMs;
  }

  change(part: Partial<Call>): void {
    this.call = { ...this.call, ...part };
  }

  enter(phase: CallPhase, part: Partial<Call> = {}): void {
    this.change({ ...part, phase, phaseSinceMs: this.atMs });
  }

  pbx(command: PbxCommand): void {
    if (this.goneLegId !== undefined && 'legId' in command && command.legId === this.goneLegId) return;
    this.effects.push({ kind: 'pbx', command });
  }

  ask(effect: CallEffect): void {
    this.effects.push(effect);
  }

  /** Publishes an event with the call as it is now; each event is one version. */
  tell(event: CallEvent): void {
    this.change({ version: this.call.version + 1 });
    this.events.push({ call: this.call, event });
  }

  /** Lets the agent go, to wrap-up as the queue says in which the two met: a transfer changes it only afterwards. */
  talkEnded(agentId: string, outcome: TalkOutcome, queueId = this.call.queueId ?? this.policy.entry.queueId): void {
    this.ask({ kind: 'talkEnded', agentId, queueId, outcome });
  }

  /** How long the caller waited for the first conversation, or has waited so far. */
  waitedMs(): number {
    const { queuedAtMs = this.atMs, resumedMs = 0, waitedMs } = this.call;
    return waitedMs ?? Math.max(0, this.atMs - queuedAtMs - resumedMs);
  }

  finish(): CallStep {
    return { call: this.call, effects: this.effects, events: this.events };
  }
}
