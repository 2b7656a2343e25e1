import { css, html, nothing } from 'lit';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

type Kind = 'queue' | 'agent' | 'number';
const kinds: readonly Kind[] = ['queue', 'agent', 'number'];
const kindWords = { queue: 'transferQueue', agent: 'transferAgent', number: 'transferNumber' } as const;

export type TransferTarget =
  | { readonly kind: 'queue'; readonly queueId: string }
  | { readonly kind: 'agent'; readonly agentId: string }
  | { readonly kind: 'number'; readonly number: string };

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What was chosen; `ask`: whoever it is shall be asked first. */
export interface TransferWish {
  readonly target: TransferTarget;
  readonly ask: boolean;
}

/** Asks where to. Fires `target` with a `TransferWish`, or `leave`. */
export class RingmasterTransfer extends DeskElement {
  static override styles = [
    base,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem;
        align-items: end;
        border-top: 1px solid var(--rm-line);
        padding-top: 0.75rem;
      }
      h3 {
        flex: 1 1 100%;
      }
    `,
  ];
  private kind: Kind = 'queue';
  private agents: readonly Named[] = [];

  protected override watched(): readonly unknown[] {
    return [this.desk.state.queues];
  }

  override render() {
    const { say } = this;
    return html`
      <form aria-labelledby="title" @submit=${this.submit} @keydown=${this.escape}>
        <h3 id="title">${say('transferTitle')}</h3>
        <label>
          ${say('transferTo')}
          <select id="kind" @change=${this.choose}>
            ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${say(kindWords[kind])}</option>`)}
          </select>
        </label>
        <label>${say(kindWords[this.kind])} ${this.target()}</label>
        ${
          this.desk.capabilities.has('transferCall')
            ? html`<button class="main" value="transfer">${say('transferSend')}</button>`
            : nothing
        }
        ${this.desk.capabilities.has('consult') ? html`<button value="ask">${say('transferAsk')}</button>` : nothing}
        <button type="button" @click=${this.close}>${say('cancel')}</button>
      </form>
    `;
  }

  protected override firstUpdated(): void {
    // The person has just asked for this form, so the focus goes where they will type.
    this.renderRoot.querySelector<HTMLElement>('#kind')?.focus();
    void this.loadAgents();
  }

  private target() {
    if (this.kind === 'number')
      return html`<input id="to" required inputmode="tel" pattern="\\+?[0-9*#]{1,32}" autocomplete="off" />`;
    const options = this.kind === 'queue' ? this.queues() : this.agents;
    return html`<select id="to" required>
      ${options.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
    </select>`;
  }

  private queues(): readonly Named[] {
    return [...this.desk.state.queues.keys()].sort().map((id) => ({ id, name: this.names.queue(id) }));
  }

  /** Who may be called is asked when it is needed: an agent's stream tells only of the agent itself. */
  private async loadAgents(): Promise<void> {
    const outcome = await this.desk.ask<{ agents: readonly (Named & { presence: string })[] }>(
      'GET',
      '/v1/agents?limit=1000',
    );
    if (!outcome.ok) return;
    const own = this.desk.state.viewer?.agentId;
    this.agents = outcome.body.agents.filter(({ id, presence }) => id !== own && presence !== 'signedOut');
    this.requestUpdate();
  }

  private choose(event: Event): void {
    this.kind = (event.target as HTMLSelectElement).value as Kind;
    this.requestUpdate();
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const value = this.renderRoot.querySelector<HTMLInputElement | HTMLSelectElement>('#to')?.value ?? '';
    if (value === '') return;
    const ask = (event.submitter as HTMLButtonElement | null)?.value === 'ask';
    this.dispatchEvent(
      new CustomEvent<TransferWish>('target', { detail: { target: targetOf(this.kind, value), ask } }),
    );
  }

  private escape(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.isComposing) this.close();
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent('leave'));
  }
}

function targetOf(kind: Kind, value: string): TransferTarget {
  if (kind === 'queue') return { kind, queueId: value };
  return kind === 'agent' ? { kind, agentId: value } : { kind, number: value };
}

customElements.define('ringmaster-transfer', RingmasterTransfer);
