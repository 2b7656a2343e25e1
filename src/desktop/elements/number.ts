import { css, html, nothing } from 'lit';
import type { CallViewData } from '../../events/catalogue/index.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

/**
 * The caller's number as the server lets it through. A masked one can be shown in full for a reason, which the server
 * writes down first. The number shown stays here, and only while this call does. Fires `failed`.
 */
export class RingmasterNumber extends DeskElement {
  static override properties = { ...DeskElement.properties, view: { attribute: false } };
  declare view: CallViewData;
  static override styles = [
    base,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: end;
        margin-top: 0.25rem;
      }
    `,
  ];
  private asking = false;
  private shown: { readonly callId: string; readonly number: string } | undefined;

  protected override watched(): readonly unknown[] {
    return [this.desk.capabilities, this.desk.state.viewer];
  }

  override render() {
    const { say, view } = this;
    const known = this.shown?.callId === view.id ? this.shown.number : undefined;
    return html`
      <span class="figures">${known ?? view.callerNumber}</span>
      ${
        known === undefined && this.mayReveal
          ? html`<button class="link" aria-expanded=${this.asking} @click=${() => this.ask(!this.asking)}>${say('reveal')}</button>`
          : nothing
      }
      ${
        this.asking && known === undefined
          ? html`<form @submit=${this.submit} @keydown=${this.escape}>
            <label>
              ${say('revealReason')}
              <input id="reason" required minlength="4" maxlength="200" autocomplete="off" />
            </label>
            <button class="main">${say('reveal')}</button>
          </form>`
          : nothing
      }
    `;
  }

  private get mayReveal(): boolean {
    return this.view.callerNumber.includes('*') && this.desk.capabilities.has('revealNumber');
  }

  private ask(asking: boolean): void {
    this.asking = asking;
    this.requestUpdate();
    if (asking) void this.updateComplete.then(() => this.renderRoot.querySelector('input')?.focus());
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const reason = this.renderRoot.querySelector('input')?.value.trim() ?? '';
    const { id } = this.view;
    const outcome = await this.desk.ask<{ number: string }>('POST', `/v1/calls/${encodeURIComponent(id)}/reveal`, {
      reason,
    });
    if (outcome.ok) this.shown = { callId: id, number: outcome.body.number };
    else {
      const detail = { word: 'reveal', code: outcome.code };
      this.dispatchEvent(new CustomEvent('failed', { detail, bubbles: true, composed: true }));
    }
    this.asking = false;
    this.requestUpdate();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.isComposing) this.ask(false);
  }
}

customElements.define('ringmaster-number', RingmasterNumber);
