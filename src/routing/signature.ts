import { type Bits, countBoth } from './bits.ts';
import { keyNow } from './order.ts';
import { edgeOf, type QueueRules } from './rules.ts';
import type { Slot } from './slot.ts';
import type { Requirement } from './requirement.ts';
import type { Spec } from './spec.ts';

/** The waiting calls that the same agents may take, and those agents. Called so because thousands cover all calls. */
export class Signature {
  readonly index: number;
  /** False once it has been dropped, for whoever remembers it. */
  isKept = true;
  /** Calls that have it, waiting or being offered. */
  users = 0;
  /** What every offer asks of the spec comes first, side by side, so that the spec need not be looked at. */
  readonly rules: QueueRules;
  readonly nodeId: string;
  readonly isSimple: boolean;
  /** Calls in line that leave somebody out. */
  excluding = 0;
  readonly reserve: number | undefined;
  /** Since when nobody has been there for it; for `leaveEmpty`. */
  emptySinceMs: number | undefined;
  readonly strategy: Spec['strategy'];
  /** As explanations name what the choice of an agent went by. */
  readonly rule: string;
  /** Which of the crowd's sets of free agents counts. */
  readonly freeKind: string;
  readonly channel: string;
  agents: Bits;
  readonly spec: Spec;
  readonly key: string;
  /** Skills that are asked for, for the choice by level. */
  readonly skills: readonly string[];

  constructor(index: number, key: string, spec: Spec, agents: Bits) {
    this.index = index;
    this.rules = spec.rules;
    this.nodeId = spec.nodeId;
    this.channel = spec.channel;
    this.strategy = spec.strategy;
    this.reserve = spec.reserve;
    this.rule = spec.agentId === undefined ? spec.strategy : 'agentAsked';
    this.key = key;
    this.spec = spec;
    this.agents = agents;
    this.freeKind = spec.byAgent ? 'byAgent' : spec.channel;
    this.skills = skillsOf(spec.requirement);
    this.isSimple =
      this.freeKind === 'voice' && spec.rate === 1 && spec.reserve === undefined && spec.asked.edges === undefined;
  }

  get kind(): 'signature' {
    return 'signature';
  }

  /** Whether only key and arrival decide between its first call and that of another, whichever agent looks. */
  get isPlain(): boolean {
    return this.isSimple && this.excluding === 0;
  }

  /** Whether those who are free must stay so for callers who matter more. */
  isReserved(free: Bits): boolean {
    const { reserve } = this;
    return reserve !== undefined && countBoth(this.agents, free, reserve) <= reserve;
  }

  /** A free agent takes from the lowest first. */
  priorityFor(slot: Slot): number {
    const { asked } = this.spec;
    return asked.edges === undefined ? 50 : edgeOf(asked, slot.id).priority;
  }

  /** Virtual arrival at which a call that ages at rate 1 would be as urgent now. */
  keyNow(orderKey: number, nowMs: number): number {
    return keyNow(orderKey, this.spec.rate, nowMs);
  }
}

function skillsOf(requirement: Requirement): readonly string[] {
  switch (requirement.kind) {
    case 'skill':
      return [requirement.skill];
    case 'all':
    case 'any':
      return [...new Set(requirement.of.flatMap(skillsOf))];
    default:
      return [];
  }
}
