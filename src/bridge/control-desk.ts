import { type Call, type ConsultAction, partyAgentId, type RecordingAction, type Target } from '../call/index.ts';
import { type CommandChecks, done, refuse } from './command-checks.ts';
import type { CallControl, CommandOutcome } from './front-door.ts';

export interface ControlOptions {
  /** How long a number outside rings that an agent asks for advice. */
  readonly outsideRingTimeoutMs: number;
}

const inTalk = ['talking', 'held'] as const;

/** What agents do with a conversation beyond hold and blind transfer. */
export class ControlDesk implements CallControl {
  private readonly checks: CommandChecks;
  private readonly options: ControlOptions;

  constructor(checks: CommandChecks, options: ControlOptions) {
    this.checks = checks;
    this.options = options;
  }

  consult(callId: string, target: Target, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, inTalk, (call) => {
      if (call.consult) return refuse('call.consulting');
      if (call.talk?.heldBy === 'phone') return refuse('call.held_by_phone');
      const refusal = this.checks.refusalOf(target);
      return refusal ? refuse(refusal) : this.ask(call, target);
    });
  }

  /** Routing reserves the agent at once; whoever is not free is not waited for. */
  private ask(call: Call, target: Target): CommandOutcome {
    const { board } = this.checks;
    switch (target.kind) {
      case 'number': {
        const found = { kind: 'number', number: target.number } as const;
        return this.checks.post(call, {
          kind: 'consult',
          found,
          ringTimeoutMs: this.options.outsideRingTimeoutMs,
        });
      }
      case 'queue':
      case 'agent': {
        const request =
          target.kind === 'queue'
            ? { ...board.requestOf(call, target.queueId), onlyAgentId: undefined }
            : { ...board.requestOf(call), onlyAgentId: target.agentId };
        if (board.desk.consult(request)) return done;
        return refuse(target.kind === 'queue' ? 'call.nobody_free' : 'agent.not_free');
      }
      default:
        return refuse('call.target_unknown');
    }
  }

  consultAction(callId: string, action: ConsultAction, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, inTalk, (call) => {
      if (!call.consult) return refuse('call.no_consult');
      if (action !== 'cancel' && call.consult.stage !== 'answered') return refuse('call.consult_unanswered');
      if (action !== 'cancel' && call.talk?.heldBy === 'phone') return refuse('call.held_by_phone');
      if (action === 'swap' && call.phase === 'talking' && call.consult.joined) return refuse('call.wrong_phase');
      return this.checks.post(call, { kind: 'consultAction', action });
    });
  }

  /** Who is asked may silence itself. */
  mute(callId: string, muted: boolean, by?: string): CommandOutcome {
    const call = this.checks.board.calls.get(callId);
    const asParty = call?.consult?.stage === 'answered' && by !== undefined && partyAgentId(call) === by;
    const run = (one: Call) => this.checks.post(one, { kind: 'mute', agentId: by, muted });
    return asParty ? this.checks.reached(call, run) : this.checks.inPhase(callId, by, inTalk, run);
  }

  record(callId: string, action: RecordingAction, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, inTalk, (call) => {
      const { recording } = call;
      const fits = { start: !recording, pause: recording?.stage === 'on', resume: recording?.stage === 'paused' };
      if (action === 'start' && !this.mayRecord(call)) return refuse('call.recording_forbidden');
      if (action === 'stop' && recording?.byRule && by !== undefined) return refuse('call.recording_forbidden');
      const isRight = action === 'stop' ? recording !== undefined : fits[action];
      return isRight ? this.checks.post(call, { kind: 'record', action }) : refuse('call.recording_state');
    });
  }

  private mayRecord(call: Call): boolean {
    const policy = this.checks.board.policyOf(call);
    const care = policy.recording?.(call.queueId ?? policy.entry.queueId);
    return care !== undefined && care.rule.kind !== 'never';
  }

  sendKeys(callId: string, digits: string, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, ['talking'], (call) => this.checks.post(call, { kind: 'sendKeys', digits }));
  }
}
