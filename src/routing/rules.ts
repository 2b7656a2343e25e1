import type { AgentEdge, QueuePolicy } from './policy.ts';
import { both, type Requirement, requirementOf } from './requirement.ts';

/** A queue's policy of one version, with what matching would otherwise work out for each call. */
export interface QueueRules {
  /** Names the policy among all queues and versions. */
  readonly serial: number;
  readonly version: string;
  readonly policy: QueuePolicy;
  readonly requirement: Requirement;
  readonly edges: ReadonlyMap<string, AgentEdge> | undefined;
  /** After which waits more agents are asked, milliseconds, ascending from 0. */
  readonly delaysMs: readonly number[];
  /** What queue and call ask together, by the call's needs: entries hand on the same object for all their calls. */
  readonly joined: WeakMap<object, Requirement>;
}

const plainEdge: AgentEdge = { priority: 50, delayMs: 0, penalty: 0, weight: 1 };

export function edgeOf(rules: QueueRules, agentId: string): AgentEdge {
  return rules.edges?.get(agentId) ?? plainEdge;
}

type Version = ReadonlyMap<string, QueueRules>;

/** Versions that are kept for calls that came in with them. */
const versionsMax = 8;

/** The rules of all queues, in the versions that calls may still have. */
export class RuleBook {
  private readonly versions = new Map<string, Version>();
  private serial = 0;
  /** Whether any queue sends callers on for whom nobody is there. */
  leavesEmpty = false;
  /** The newest. */
  current: Version;
  currentVersion: string;

  constructor(version: string, queues: readonly QueuePolicy[]) {
    this.current = this.compile(version, queues);
    this.currentVersion = version;
    this.versions.set(version, this.current);
  }

  add(version: string, queues: readonly QueuePolicy[], isCurrent: boolean): void {
    const compiled = this.compile(version, queues);
    this.versions.delete(version);
    this.versions.set(version, compiled);
    if (isCurrent || version === this.currentVersion) {
      this.current = compiled;
      this.currentVersion = version;
    }
    for (const old of this.versions.keys()) {
      if (this.versions.size <= versionsMax) break;
      if (old !== this.currentVersion) this.versions.delete(old);
    }
  }

  /** By the version named, or the newest when it is not known any more. */
  find(version: string | undefined, queueId: string): QueueRules | undefined {
    return ((version === undefined ? undefined : this.versions.get(version)) ?? this.current).get(queueId);
  }

  private compile(version: string, queues: readonly QueuePolicy[]): Version {
    return new Map(queues.map((policy) => [policy.id, this.rulesOf(version, policy)]));
  }

  private rulesOf(version: string, policy: QueuePolicy): QueueRules {
    if (policy.leaveEmpty) this.leavesEmpty = true;
    const edges = policy.edges && new Map(Object.entries(policy.edges));
    const delays = new Set([0, ...[...(edges?.values() ?? [])].map(({ delayMs }) => delayMs)]);
    this.serial += 1;
    return {
      serial: this.serial,
      version,
      policy,
      requirement: both(requirementOf(policy.needs), policy.requirement ?? { kind: 'always' }),
      edges,
      delaysMs: [...delays].sort((a, b) => a - b),
      joined: new WeakMap(),
    };
  }
}
