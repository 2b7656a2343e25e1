import type { Method, Outcome } from './client/api.ts';
import { Capabilities } from './client/capabilities.ts';
import { Feed, feedLimits } from './client/feed.ts';
import type { DeskClock, DeskFetch, DeskSocket } from './client/ports.ts';
import { KeySession, type Session, UserSession } from './client/session.ts';
import { type AgentChoices, noChoices } from './state/choices.ts';
import { loadPreferences, type Preferences, type PreferenceStore, savePreferences } from './state/preferences.ts';
import type { DeskState } from './state/state.ts';
import { Store } from './state/store.ts';
import { type Language, languageOf, type Say, sayIn } from './words/words.ts';

export interface DeskParts {
  readonly fetch: DeskFetch;
  readonly openSocket: () => DeskSocket;
  readonly clock: DeskClock;
  readonly random: () => number;
  readonly preferences: PreferenceStore;
  readonly browserLanguages: readonly string[];
}

/** Events are applied together, so that a storm of them renders the page at most so often. */
const gatherMs = 40;

/** Everything behind the elements: who is signed in, the state, what was chosen, and the commands. */
export class Desk {
  readonly store: Store;
  private readonly parts: DeskParts;
  private readonly listeners = new Set<() => void>();
  private session: Session | undefined;
  private feed: Feed | undefined;
  private can: Capabilities = Capabilities.none;
  private chosen: Preferences;
  private offered: AgentChoices = noChoices;

  constructor(parts: DeskParts) {
    this.parts = parts;
    this.chosen = loadPreferences(parts.preferences);
    this.store = new Store((run) => parts.clock.after(gatherMs, run));
    this.store.listen(() => this.notify());
  }

  get state(): DeskState {
    return this.store.state;
  }

  get signedIn(): boolean {
    return this.session !== undefined;
  }

  get capabilities(): Capabilities {
    return this.can;
  }

  /** Reasons for a pause and dispositions, by the server's configuration. */
  get choices(): AgentChoices {
    return this.offered;
  }

  get preferences(): Preferences {
    return this.chosen;
  }

  get language(): Language {
    return languageOf(this.chosen.language, this.parts.browserLanguages);
  }

  get say(): Say {
    return sayIn(this.language);
  }

  /** The time by the server's clock, which is the one that calls and offers are stamped with. */
  nowMs(): number {
    return this.parts.clock.nowMs() + this.state.serverMinusLocalMs;
  }

  choose(part: Partial<Preferences>): void {
    this.chosen = { ...this.chosen, ...part };
    savePreferences(this.parts.preferences, this.chosen);
    this.notify();
  }

  /** Asks the server what it can; before signing in too, for the door differs with it. */
  async learn(): Promise<void> {
    this.can = await Capabilities.read(this.parts.fetch);
    this.notify();
  }

  /** Signs in and begins to watch; the outcome tells what the server said. */
  async signInWithKey(key: string): Promise<Outcome<Session>> {
    return this.begin(await KeySession.open(this.parts.fetch, key));
  }

  async signIn(user: string, password: string): Promise<Outcome<Session>> {
    return this.begin(await UserSession.open(this.parts.fetch, user, password));
  }

  async signOut(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.feed?.stop();
    this.feed = undefined;
    this.store.clear();
    this.notify();
    await session?.signOut();
  }

  /** Asks the API in the name of who is signed in. What comes of a command is told by events. */
  async ask<Body = unknown>(method: Method, path: string, body?: object): Promise<Outcome<Body>> {
    if (!this.session) return { ok: false, status: 401, code: 'http.key_missing', message: '' };
    return this.session.ask<Body>(method, path, body);
  }

  /** The machine may have slept. */
  wake(): void {
    this.feed?.wake();
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async begin(outcome: Outcome<Session>): Promise<Outcome<Session>> {
    if (!outcome.ok) return outcome;
    const session = outcome.body;
    await this.learn();
    this.session = session;
    const { name, agentId } = session.person;
    this.store.take({ kind: 'signedIn', name, agentId });
    const { clock, random, openSocket } = this.parts;
    this.feed = new Feed({
      open: openSocket,
      token: () => session.socketToken(),
      clock,
      random,
      limits: feedLimits,
      tell: (news) => this.store.take(news),
    });
    this.feed.start();
    this.notify();
    if (this.can.has('getAgentChoices')) void this.learnChoices();
    return outcome;
  }

  /** Without an answer the page offers what it offers without a configuration. */
  private async learnChoices(): Promise<void> {
    const outcome = await this.ask<Partial<AgentChoices>>('GET', '/v1/agent-choices');
    if (outcome.ok) this.offered = { ...noChoices, ...outcome.body };
    this.notify();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
