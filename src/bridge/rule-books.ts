import { timeZone } from '../calendar/index.ts';
import {
  type Call,
  type CallPolicy,
  type CallRules,
  type EntryPolicy,
  type RuledCall,
  routingFacts,
} from '../call/index.ts';
import type { RoutingRequest, RuleSet } from '../routing/index.ts';
import { Entries, type EntriesOptions } from './entries.ts';
import { routingRequest } from './routing-desk.ts';

/** Versions that are kept for the calls that came with them; calls of older ones go on by the current. */
const booksMax = 8;

/** Rules as the config gives them; what only rules need may be left out. */
export type GivenRules = Pick<RuleSet, 'entries' | 'queues' | 'agents'> & Partial<RuleSet>;

export type House = Omit<EntriesOptions, 'entries' | 'queues' | 'voicemails'>;

/** One version of the rules at work. */
export interface RulesAtWork {
  readonly book: RuleSet;
  readonly entries: Entries;
}

/** The versions of the rules: the one for calls that come, one that is tried by a share of them, and those kept. */
export class RuleBooks {
  private readonly house: House;
  private readonly lastAgentOf: (callerNumber: string) => string | undefined;
  private readonly kept = new Map<string, RulesAtWork>();
  /** Calls that name no version came with this one. */
  first: string;
  current: RulesAtWork;
  private trial: { readonly rules: RulesAtWork; readonly share: number } | undefined;

  constructor(given: GivenRules, house: House, lastAgentOf: (callerNumber: string) => string | undefined) {
    this.house = house;
    this.lastAgentOf = lastAgentOf;
    this.current = this.atWork(toRuleSet(given));
    this.first = this.current.book.version;
  }

  /** Calls that come from now on have these; those that are here keep theirs. */
  use(book: RuleSet): void {
    this.trial = undefined;
    this.current = this.atWork(book);
  }

  /** A share (percent) of the calls that come have these. */
  try(book: RuleSet, share: number): void {
    this.trial = { rules: this.atWork(book), share };
  }

  endTrial(): void {
    this.trial = undefined;
  }

  /** Whether rules that are at work ask who talked with a number last. */
  get askForLastAgent(): boolean {
    return this.current.book.asksForLastAgent || (this.trial?.rules.book.asksForLastAgent ?? false);
  }

  /** By which rules a new call goes: decided by its id, so that it is the same whenever it is asked. */
  forNew(callId: string): RulesAtWork {
    const { trial } = this;
    return trial && isAmong(callId, trial.share) ? trial.rules : this.current;
  }

  /** By which rules a call goes on. */
  of({ rulesVersion }: Pick<Call, 'rulesVersion'>): RulesAtWork {
    return this.kept.get(rulesVersion ?? this.first) ?? this.current;
  }

  /** Undefined while there has been one version only: all calls then have it. */
  versionOf(call: Pick<Call, 'rulesVersion'>): string | undefined {
    return this.kept.size > 1 ? this.of(call).book.version : undefined;
  }

  /** The rules of a version, as long as they are kept. */
  version(version: string): RulesAtWork | undefined {
    return this.kept.get(version);
  }

  /** What the reducer must know of a call that is here. */
  policyOf(call: Call): CallPolicy {
    const rules = this.of(call);
    return this.policyFor(rules, rules.entries.ofCall(call), call.nodeId);
  }

  entryOf(call: Call): EntryPolicy {
    return this.of(call).entries.ofCall(call);
  }

  /** What a call asks of routing, with what its rules make of it. */
  requestOf(call: Call, queueId: string, nowMs: number): RoutingRequest {
    const rules = this.of(call);
    return this.ruled({ ...routingRequest(call, rules.entries.ofCall(call)), queueId }, call, rules, nowMs);
  }

  /** What the reducer must know for a call of this version. */
  policyFor(rules: RulesAtWork, entry: Parameters<Entries['policyFor']>[0], nodeId: string): CallPolicy {
    const policy = rules.entries.policyFor(entry, nodeId);
    const own = this.callRules(rules.book);
    return own ? { ...policy, rules: own } : policy;
  }

  /** Fills in what the rules make of the call: its weight, its needs, and what steps and requirements ask because of it. */
  ruled(request: RoutingRequest, call: RuledCall, rules: RulesAtWork, nowMs: number): RoutingRequest {
    const { book, entries } = rules;
    const { placed } = call;
    const folding = book.folding.get(request.queueId);
    // Only a server that has had one version only can leave it out.
    const version = this.kept.size > 1 ? { policyVersion: book.version } : {};
    if (!placed && !folding) return { ...request, ...version };
    const needs = placed?.needs ? joinNeeds(request.needs, placed.needs) : request.needs;
    const priority = request.priority + (placed?.priority ?? 0);
    if (!folding) return { ...request, ...version, needs, priority };
    const facts = routingFacts({ ...call, queueId: request.queueId }, book.timeZone, nowMs);
    const all = joinNeeds(entries.needsOf(request.queueId), needs);
    return {
      ...request,
      ...version,
      needs,
      priority,
      ...(folding.requirement ? { requirement: folding.requirement(facts) } : {}),
      ...(folding.steps ? { steps: folding.steps(facts, all) } : {}),
    };
  }

  /** Who talked with the number last, if these rules ask. */
  lastAgentFor({ book }: RulesAtWork, callerNumber: string): string | undefined {
    return book.asksForLastAgent ? this.lastAgentOf(callerNumber) : undefined;
  }

  private callRules(book: RuleSet): CallRules | undefined {
    const looksAtCall = book.place !== undefined || book.folding.size > 0;
    if (!looksAtCall && !book.asksForLastAgent && book.version === this.first) return undefined;
    return {
      looksAtCall,
      ...(book.version === this.first ? {} : { version: book.version }),
      ...(book.place ? { place: book.place } : {}),
      ...(book.asksForLastAgent ? { lastAgentOf: this.lastAgentOf } : {}),
    };
  }

  private atWork(book: RuleSet): RulesAtWork {
    const { entries, queues, voicemails } = book;
    const rules = { book, entries: new Entries({ ...this.house, entries, queues, voicemails }) };
    this.kept.delete(book.version);
    this.kept.set(book.version, rules);
    for (const [version, { book: old }] of this.kept) {
      if (this.kept.size <= booksMax) break;
      if (old !== this.current.book) this.kept.delete(version);
    }
    return rules;
  }
}

type Needs = Readonly<Record<string, number>>;

/** Of two levels for one skill the higher counts. */
function joinNeeds(a: Needs, b: Needs): Needs {
  const joined: Record<string, number> = { ...a };
  for (const [skill, level] of Object.entries(b)) joined[skill] = Math.max(joined[skill] ?? 0, level);
  return joined;
}

function toRuleSet({
  version = '1',
  entries,
  queues,
  agents,
  voicemails = [],
  folding = new Map(),
  place,
  ...given
}: GivenRules): RuleSet {
  const { timeZone: zone = timeZone('UTC'), asksForLastAgent = false } = given;
  const book = { version, entries, queues, agents, voicemails, folding, timeZone: zone, asksForLastAgent };
  return place ? { ...book, place } : book;
}

/** FNV-1a over the id: spreads ids evenly, and gives the same on every machine. */
export function isAmong(id: string, share: number): boolean {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  // The low bits of ids that differ in their last letter only are too alike.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) % 10_000 < share * 100;
}
