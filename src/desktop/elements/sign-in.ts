import { css, html, nothing } from 'lit';
import { reasonText } from '../words/errors.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

/** The door: a name and password where the server has users, else an API key. */
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
  private byKey = false;

  protected override watched(): readonly unknown[] {
    return [this.desk.capabilities];
  }

  override render() {
    const { say } = this;
    return html`
      <form class="panel" aria-labelledby="title" @submit=${this.submit}>
        <h2 id="title">${say('signInTitle')}</h2>
        ${this.asksForKey ? this.keyField() : this.userFields()}
        <p class="error" role="alert">${this.failure === undefined ? '' : reasonText(this.failure, say)}</p>
        <button class="main" aria-disabled=${this.working}>${say(this.working ? 'signInWorking' : 'signInButton')}</button>
        ${
          this.hasUsers
            ? html`<button type="button" class="link" @click=${this.change}>
              ${say(this.byKey ? 'signInWithPassword' : 'signInWithKey')}
            </button>`
            : nothing
        }
        <p class="small quiet">${say('signInMemory')}</p>
      </form>
    `;
  }

  protected override updated(): void {
    // Only while nothing else has the focus: somebody may be choosing the language.
    if (document.activeElement !== document.body) return;
    this.renderRoot.querySelector('input')?.focus();
  }

  private get hasUsers(): boolean {
    return this.desk.capabilities.has('login');
  }

  private get asksForKey(): boolean {
    return this.byKey || !this.hasUsers;
  }

  private keyField() {
    return html`<label>
      ${this.say('signInKey')}
      <input id="key" type="password" autocomplete="off" required spellcheck="false" />
    </label>`;
  }

  private userFields() {
    return html`
      <label>
        ${this.say('signInUser')}
        <input id="user" autocomplete="username" autocapitalize="none" required spellcheck="false" />
      </label>
      <label>
        ${this.say('signInPassword')}
        <input id="password" type="password" autocomplete="current-password" required />
      </label>
    `;
  }

  private change(): void {
    this.byKey = !this.byKey;
    this.failure = undefined;
    this.requestUpdate();
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.working) return;
    this.working = true;
    this.failure = undefined;
    this.requestUpdate();
    const outcome = this.asksForKey
      ? await this.desk.signInWithKey(this.value('#key').trim())
      : await this.desk.signIn(this.value('#user').trim(), this.value('#password'));
    this.working = false;
    this.failure = outcome.ok ? undefined : outcome.code;
    this.requestUpdate();
  }

  private value(selector: string): string {
    return this.renderRoot.querySelector<HTMLInputElement>(selector)?.value ?? '';
  }
}

customElements.define('ringmaster-sign-in', RingmasterSignIn);
