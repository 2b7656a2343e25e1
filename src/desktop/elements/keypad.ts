import { css, html } from 'lit';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

/** Asks for keypad tones. Fires `digits` with them, or `leave`. */
export class RingmasterKeypad extends DeskElement {
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

  protected override watched(): readonly unknown[] {
    return [];
  }

  override render() {
    const { say } = this;
    return html`
      <form aria-labelledby="title" @submit=${this.submit} @keydown=${this.escape}>
        <h3 id="title">${say('keypadTitle')}</h3>
        <label>
          ${say('keypadDigits')}
          <input id="digits" required inputmode="tel" pattern="[0-9*#A-Da-d]{1,32}" autocomplete="off" />
        </label>
        <button class="main">${say('keypadSend')}</button>
        <button type="button" @click=${this.close}>${say('cancel')}</button>
      </form>
    `;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector('input');
    if (!input) return;
    this.dispatchEvent(new CustomEvent<string>('digits', { detail: input.value }));
    input.value = '';
  }

  private escape(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.isComposing) this.close();
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent('leave'));
  }
}

customElements.define('ringmaster-keypad', RingmasterKeypad);
