import { LitElement, type PropertyValues } from 'lit';
import type { Desk } from '../desk.ts';
import type { Names } from '../words/events.ts';
import type { Say } from '../words/words.ts';

/**
 * An element that shows a part of the desk. It is rendered anew only when something that it watches is another object:
 * the state's tables are replaced when they change, and never written to.
 */
export abstract class DeskElement extends LitElement {
  static override properties = { desk: { attribute: false } };
  declare desk: Desk;
  private seen: readonly unknown[] = [];
  private leave: (() => void) | undefined;

  /** What the rendering depends on, beside the preferences. */
  protected abstract watched(): readonly unknown[];

  protected get say(): Say {
    return this.desk.say;
  }

  /** Names of agents and queues as far as this desk may see them; else their ids. */
  protected get names(): Names {
    const { agents } = this.desk.state;
    return { agent: (id) => agents.get(id)?.name ?? id, queue: (id) => id };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.leave = this.desk.listen(() => this.look());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.seen = this.dependencies();
  }

  private look(): void {
    const now = this.dependencies();
    if (now.some((value, index) => !Object.is(value, this.seen[index]))) this.requestUpdate();
  }

  private dependencies(): readonly unknown[] {
    return [this.desk.preferences, ...this.watched()];
  }
}
