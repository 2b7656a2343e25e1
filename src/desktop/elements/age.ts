import { durationText } from '../words/words.ts';
import type { Desk } from '../desk.ts';

/** Runs what wants to be told each second, all in one timer; sleeps while nobody does. */
class Ticker {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => {
      for (const each of this.listeners) each();
    }, 1000);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }
}

const ticker = new Ticker();

/**
 * A time that runs: since a moment, or until one. Only its own text changes each second; nothing around it is rendered
 * anew. Times are the server's Unix milliseconds.
 */
export class RingmasterAge extends HTMLElement {
  desk: Desk | undefined;
  private leave: (() => void) | undefined;
  private sinceMs: number | undefined;
  private untilMs: number | undefined;

  set since(atMs: number | undefined) {
    this.sinceMs = atMs;
    this.show();
  }

  set until(atMs: number | undefined) {
    this.untilMs = atMs;
    this.show();
  }

  connectedCallback(): void {
    this.leave = ticker.listen(() => this.show());
    this.show();
  }

  disconnectedCallback(): void {
    this.leave?.();
  }

  private show(): void {
    if (!this.desk || !this.isConnected) return;
    const nowMs = this.desk.nowMs();
    const durationMs = this.untilMs === undefined ? nowMs - (this.sinceMs ?? nowMs) : this.untilMs - nowMs;
    const text = durationText(durationMs);
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define('ringmaster-age', RingmasterAge);
