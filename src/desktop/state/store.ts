import type { FeedNews } from '../client/feed.ts';
import { reduce } from './reduce.ts';
import { type DeskState, emptyState } from './state.ts';

/**
 * Holds the state and tells who listens when it is another one. News is gathered until `schedule` runs its argument,
 * which the page does once a frame; `urgent` news (the link) is applied at once with all that waits before it.
 */
export class Store {
  private current: DeskState = emptyState;
  private waiting: FeedNews[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly schedule: (run: () => void) => void;

  constructor(schedule: (run: () => void) => void) {
    this.schedule = schedule;
  }

  get state(): DeskState {
    return this.current;
  }

  take(news: FeedNews): void {
    this.waiting.push(news);
    if (news.kind === 'link') return this.flush();
    if (this.waiting.length === 1) this.schedule(() => this.flush());
  }

  /** Forgets everything: somebody else may sign in next. */
  clear(): void {
    this.waiting = [];
    this.current = emptyState;
    this.notify();
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const batch = this.waiting;
    this.waiting = [];
    const next = reduce(this.current, batch);
    if (next === this.current) return;
    this.current = next;
    this.notify();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
