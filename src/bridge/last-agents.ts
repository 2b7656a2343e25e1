import type { CallStep } from '../call/index.ts';
import type { Journal, StateWrite } from './ports.ts';

export interface LastAgentOptions {
  /** For so long it is remembered. */
  readonly keepMs: number;
  /** So many numbers; beyond them the one that was heard of longest ago is forgotten. */
  readonly numbersMax: number;
  /** Under which key a number is kept; the number itself is not. */
  readonly keyOf: (callerNumber: string) => string;
}

/** Remembers nobody. */
export const forgetful: LastAgentOptions = { keepMs: 0, numbersMax: 0, keyOf: (number) => number };

interface LastTalk {
  readonly agentId: string;
  readonly atMs: number;
}

/** The same agent talks with a number again: written down again only after so long. */
const freshMs = 3_600_000;
/** Shorter ones are withheld numbers, extensions and the like. */
const isNumber = (text: string): boolean => /\d{5}/.test(text);

/** Who talked with which number last: over restarts, bounded, and only where a rule asks for it. */
export class LastAgents {
  private readonly options: LastAgentOptions;
  private readonly journal: Journal;
  private readonly nowMs: () => number;
  /** The one heard of longest ago comes first. */
  private readonly talks = new Map<string, LastTalk>();

  constructor(options: LastAgentOptions, journal: Journal, nowMs: () => number) {
    this.options = options;
    this.journal = journal;
    this.nowMs = nowMs;
  }

  of(callerNumber: string): string | undefined {
    const talk = this.talks.get(this.options.keyOf(callerNumber));
    return talk && this.nowMs() - talk.atMs <= this.options.keepMs ? talk.agentId : undefined;
  }

  /** Looks for conversations that began. */
  note({ events }: CallStep): void {
    for (const { call, event } of events) {
      if (event.type === 'call.connected.v1' && isNumber(call.callerNumber)) {
        this.talked(this.options.keyOf(call.callerNumber), event.agentId);
      }
    }
  }

  /** As the store kept them, in any order. */
  restore(kept: readonly StateWrite[]): void {
    const known = kept.flatMap(({ id, state }) => (state === null ? [] : [[id, state as LastTalk] as const]));
    known.sort(([, a], [, b]) => a.atMs - b.atMs);
    for (const [id, talk] of known) this.talks.set(id, talk);
    this.forgetOld();
  }

  private talked(key: string, agentId: string): void {
    const atMs = this.nowMs();
    const before = this.talks.get(key);
    if (before?.agentId === agentId && atMs - before.atMs < freshMs) return;
    this.talks.delete(key);
    this.talks.set(key, { agentId, atMs });
    this.journal.write([], [{ kind: 'lastAgent', id: key, state: { agentId, atMs } }]);
    this.forgetOld();
  }

  private forgetOld(): void {
    const { keepMs, numbersMax } = this.options;
    const oldestMs = this.nowMs() - keepMs;
    const gone: StateWrite[] = [];
    for (const [key, { atMs }] of this.talks) {
      if (atMs >= oldestMs && this.talks.size <= numbersMax) break;
      this.talks.delete(key);
      gone.push({ kind: 'lastAgent', id: key, state: null });
    }
    if (gone.length > 0) this.journal.write([], gone);
  }
}
