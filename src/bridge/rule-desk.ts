import { type AgentProfile, givenProfile } from '../agents/index.ts';
import type { RuleSet } from '../routing/index.ts';
import type { Phones } from './phones.ts';
import type { RoutingDesk } from './routing-desk.ts';
import { isAmong, type RuleBooks } from './rule-books.ts';

/** Puts versions of the rules to work while calls go on. */
export class RuleDesk {
  private readonly books: RuleBooks;
  private readonly desk: RoutingDesk;
  private readonly phones: Phones;
  /** Agents as the rules said them last. */
  private readonly settled: Map<string, AgentProfile>;

  constructor(books: RuleBooks, desk: RoutingDesk, phones: Phones) {
    this.books = books;
    this.desk = desk;
    this.phones = phones;
    this.settled = new Map(books.current.book.agents.map((agent) => [agent.id, agent]));
  }

  /** All that comes from now on goes by these; calls that are here keep theirs. */
  use(rules: RuleSet): void {
    this.books.use(rules);
    this.desk.step({ kind: 'policy', version: rules.version, queues: rules.queues, current: true });
    this.settleAgents(rules.agents);
    this.letGo(rules.agents);
  }

  /** A share (percent) of the calls that come goes by these. Agents stay as they are: an agent cannot be two. */
  tryWithCalls(rules: RuleSet, share: number): void {
    this.endTrial();
    this.books.try(rules, share);
    this.desk.step({ kind: 'policy', version: rules.version, queues: rules.queues, current: false });
  }

  /** A share of the agents has the skills, queues and attributes that these say; calls stay with their rules. */
  tryWithAgents(rules: RuleSet, share: number): void {
    this.endTrial();
    this.settleAgents(rules.agents.filter(({ id }) => isAmong(id, share)));
  }

  /** Everybody and everything that comes is as the current rules say. */
  endTrial(): void {
    const { current } = this.books;
    this.books.endTrial();
    this.settleAgents(current.book.agents);
    this.letGo(current.book.agents);
  }

  /** After a start in the middle of a trial: calls that name no version came with these. */
  beginWith(rules: RuleSet): void {
    this.use(rules);
    this.books.first = rules.version;
  }

  /** So many callers wait, by whichever rules, for one of these skills. */
  waitingFor(skills: readonly string[]): number {
    let count = 0;
    if (skills.length === 0) return count;
    for (const { signature } of this.desk.engine.waitingCalls()) {
      if (signature?.skills.some((skill) => skills.includes(skill))) count += 1;
    }
    return count;
  }

  /** So many callers wait, by whichever rules, in these queues. */
  waitingIn(queueIds: readonly string[]): number {
    return queueIds.reduce((count, queueId) => count + [...this.desk.engine.callsOf(queueId)].length, 0);
  }

  /** A supervisor gave skills, or took them back. */
  skillsGiven(agentId: string): void {
    const profile = this.settled.get(agentId);
    if (profile) this.tellRouting(profile);
  }

  /** Who is not among these leaves when the work in hand is done. */
  private letGo(agents: readonly AgentProfile[]): void {
    const named = new Set(agents.map(({ id }) => id));
    for (const agentId of this.settled.keys()) {
      if (named.has(agentId)) continue;
      this.desk.step({ kind: 'agentRemoved', agentId });
      this.settled.delete(agentId);
    }
    this.phones.releaseGone();
  }

  /** Only where the file says something else than before: what was changed at the front door stays. */
  private settleAgents(agents: readonly AgentProfile[]): void {
    for (const profile of agents) {
      const before = this.settled.get(profile.id);
      if (before && same(before, profile)) continue;
      this.tellRouting(profile);
      this.phones.assign(profile);
      this.settled.set(profile.id, profile);
    }
  }

  /** Skills that a supervisor gave count before those of the config, also when the agent is changed there. */
  private tellRouting(profile: AgentProfile): void {
    const agent = this.desk.engine.agent(profile.id);
    const given = agent ? givenProfile(profile, agent) : profile;
    this.desk.step({ kind: 'agentProfile', profile: given, phones: this.phones.statesOf(profile) });
  }
}

/** Profiles are plain data in the order of the config's schema. */
const same = (a: AgentProfile, b: AgentProfile): boolean => JSON.stringify(a) === JSON.stringify(b);
