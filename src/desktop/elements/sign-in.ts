import { css, html } from 'lit';
import { reasonText } from '../words/errors.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

/** The door: an API key for now of whoever comes. */
export class RingmasterSignIn extends DeskElement {
  static override styles = [
    base,
    css`
      form {
        max-width: 22rem;
        margin: 10vh auto 0;
        display: grid;
        gap: 0.75rem;
      }
      .error {
        color: var(--rm-bad);
      }
    `,
  ];
  private working = false;
  private failure: string | undefined;

  protected override watched(): readonly unknown[] {
    return [];
  }

  override render() {
    const { say } = this;
    return html`
      <form class="panel" aria-labelledby="title" @submit=${this.submit}>
        <h2 id="title">${say('signInTitle')}</h2>
        <label>
          ${say('signInKey')}
          <input id="key" name="key" type="password" autocomplete="current-password" required spellcheck="false" />
        </label>
        <p class="error" role="alert">${this.failure === undefined ? '' : reasonText(this.failure, say)}</p>
        <button class="main" aria-disabled=${this.working}>${say(this.working ? 'signInWorking' : 'signInButton')}</button>
        <p class="small quiet">${say('signInMemory')}</p>
      </form>
    `;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.working) return;
    const key = this.renderRoot.querySelector<HTMLInputElement>('#key')?.value.trim() ?? '';
    this.working = true;
    this.failure = undefined;
    this.requestUpdate();
    const outcome = await this.desk.signInWithKey(key);
    this.working = false;
    this.failure = outcome.ok ? undefined : outcome.code;
    this.requestUpdate();
  }
}

customElements.define('ringmaster-sign-in', RingmasterSignIn);
