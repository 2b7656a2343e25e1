import type { Agent, AgentInput } from '../agents/index.ts';
import { agentOf, type CommandChecks, done, refuse } from './command-checks.ts';
import type { AgentChoices, AgentControl, CommandOutcome } from './front-door.ts';

/** What the config lets agents say of themselves and their calls. */
export interface AgentSettings extends AgentChoices {
  /** All skills that there are. */
  readonly skills: readonly string[];
}

const anything: AgentSettings = {
  pauses: { required: true, reasons: [] },
  dispositions: { required: false, codes: [] },
  skills: [],
};

/** What agents, and supervisors in their place, change about an agent: presence, phone, skills, wrap-up. */
export class AgentDesk implements AgentControl {
  private readonly checks: CommandChecks;
  private readonly settings: AgentSettings;

  constructor(checks: CommandChecks, settings: AgentSettings = anything) {
    this.checks = checks;
    this.settings = settings;
  }

  signIn(agentId: string, by?: string): CommandOutcome {
    if (this.checks.board.draining) return refuse('server.draining');
    return this.tell(agentId, { kind: 'signIn', by });
  }

  signOut(agentId: string, by?: string): CommandOutcome {
    return this.tell(agentId, { kind: 'signOut', by });
  }

  setAvailable(agentId: string, by?: string): CommandOutcome {
    return this.signedIn(agentId, () => this.tell(agentId, { kind: 'setAvailable', by }));
  }

  pause(agentId: string, reason: string | undefined, by?: string): CommandOutcome {
    return this.signedIn(agentId, () => {
      const { required, reasons } = this.settings.pauses;
      if (reason === undefined && required) return refuse('agent.reason_needed');
      const known = reasons.find(({ id }) => id === reason);
      if (reason !== undefined && reasons.length > 0 && !known) return refuse('agent.reason_unknown');
      return this.tell(agentId, { kind: 'pause', reason, productive: known?.productive, by });
    });
  }

  endWrapUp(agentId: string, by?: string): CommandOutcome {
    return this.inWrapUp(agentId, ({ callId }) => {
      const call = this.checks.board.calls.get(callId ?? '');
      const isNeeded = this.settings.dispositions.required && by === undefined;
      if (isNeeded && call && call.disposition === undefined) return refuse('agent.disposition_needed');
      return this.tell(agentId, { kind: 'wrapUpEnded' });
    });
  }

  extendWrapUp(agentId: string, byMs: number): CommandOutcome {
    return this.inWrapUp(agentId, ({ wrapUpUntilMs = 0, wrapUpMaxUntilMs = 0 }) => {
      if (wrapUpUntilMs >= wrapUpMaxUntilMs) return refuse('agent.wrap_up_fixed');
      return this.tell(agentId, { kind: 'wrapUpExtended', byMs });
    });
  }

  chooseDevice(agentId: string, device: string | undefined): CommandOutcome {
    return this.checks.withAgent(agentId, ({ profile }) => {
      const isKnown = device === undefined || (profile.devices ?? []).some(({ id }) => id === device);
      return isKnown ? this.tell(agentId, { kind: 'deviceChosen', device }) : refuse('agent.device_unknown');
    });
  }

  giveSkills(agentId: string, skills: Readonly<Record<string, number>> | undefined, by?: string): CommandOutcome {
    return this.checks.withAgent(agentId, () => {
      const unknown = Object.keys(skills ?? {}).some((skill) => !this.settings.skills.includes(skill));
      if (unknown) return refuse('agent.skill_unknown');
      this.tell(agentId, { kind: 'skillsGiven', skills, by });
      this.checks.board.profileChanged(agentId);
      return done;
    });
  }

  dispose(callId: string, code: string, by?: string): CommandOutcome {
    return this.checks.inPhase(callId, by, ['talking', 'held', 'wrapUp'], (call) => {
      if (!this.settings.dispositions.codes.some(({ id }) => id === code)) return refuse('call.disposition_unknown');
      return this.checks.post(call, { kind: 'dispose', agentId: by ?? agentOf(call) ?? '', code });
    });
  }

  choices(): AgentChoices {
    const { pauses, dispositions } = this.settings;
    return { pauses, dispositions };
  }

  private tell(agentId: string, input: AgentInput): CommandOutcome {
    return this.checks.withAgent(agentId, () => {
      this.checks.board.desk.agentInput(agentId, input);
      return done;
    });
  }

  private signedIn(agentId: string, run: () => CommandOutcome): CommandOutcome {
    return this.checks.withAgent(agentId, ({ presence }) =>
      presence === 'signedOut' ? refuse('agent.signed_out') : run(),
    );
  }

  private inWrapUp(agentId: string, run: (agent: Agent) => CommandOutcome): CommandOutcome {
    return this.checks.withAgent(agentId, (agent) =>
      agent.routing === 'wrapUp' ? run(agent) : refuse('agent.no_wrap_up'),
    );
  }
}
