import { css, html, nothing, type TemplateResult } from 'lit';
import { actionOf, chordOf } from '../keys/chords.ts';
import type { WordKey } from '../words/en.ts';
import './agents.ts';
import type { RingmasterAnnouncer } from './announcer.ts';
import './announcer.ts';
import { DeskElement } from './desk-element.ts';
import './latest.ts';
import './offers.ts';
import type { RingmasterOwnCall } from './own-call.ts';
import './own-call.ts';
import type { RingmasterPresence } from './presence.ts';
import './presence.ts';
import './queues.ts';
import './settings.ts';
import './sign-in.ts';
import { base } from './styles.ts';
import './waiting.ts';

type LinkKind = 'connecting' | 'catchingUp' | 'live' | 'stopped' | 'waiting' | 'refused';
const linkWords: Readonly<Record<LinkKind, readonly [word: WordKey, tone: string]>> = {
  connecting: ['linkConnecting', 'plain'],
  catchingUp: ['linkCatchingUp', 'plain'],
  live: ['linkLive', 'good'],
  stopped: ['linkStopped', 'plain'],
  waiting: ['linkWaiting', 'bad'],
  refused: ['linkRefused', 'bad'],
};

/** The whole page: the door, or the desk behind it. */
export class RingmasterDesk extends DeskElement {
  static override styles = [
    base,
    css`
      header {
        position: relative;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        padding: 0.5rem 1rem;
        background: var(--rm-panel);
        border-bottom: 1px solid var(--rm-line);
      }
      h1 {
        margin: 0;
        font-size: 1.125rem;
      }
      .grow {
        flex: 1 1 0;
      }
      main {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
        gap: 0.75rem;
        align-items: start;
        padding: 0.75rem;
        max-width: 110rem;
        margin: 0 auto;
      }
      .column {
        display: grid;
        gap: 0.75rem;
        min-width: 0;
      }
      .failure {
        margin: 0.75rem 0.75rem 0;
        color: var(--rm-bad);
      }
      @media (prefers-reduced-motion: no-preference) {
        .panel {
          transition: border-color 0.2s;
        }
      }
    `,
  ];
  private failure = '';

  protected override watched(): readonly unknown[] {
    const { signedIn, state } = this.desk;
    return [signedIn, state.link.kind, state.viewer?.agentId, state.viewer?.kind, state.viewer?.name];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.onKey);
  }

  override render() {
    const { signedIn } = this.desk;
    return html`
      ${this.header()}
      <main @failed=${this.onFailed}>${signedIn ? this.board() : html`<ringmaster-sign-in .desk=${this.desk}></ringmaster-sign-in>`}</main>
      <ringmaster-announcer .desk=${this.desk}></ringmaster-announcer>
    `;
  }

  private header() {
    const { say, desk } = this;
    const [word, tone] = linkWords[desk.state.link.kind];
    return html`
      <header @failed=${this.onFailed}>
        <h1>${say('brand')}</h1>
        ${desk.signedIn ? html`<span class="tag ${tone}" id="link">${say(word)}</span>` : nothing}
        ${desk.signedIn && this.takesCalls ? html`<ringmaster-presence .desk=${desk}></ringmaster-presence>` : nothing}
        <span class="grow"></span>
        <ringmaster-settings .desk=${desk}></ringmaster-settings>
        ${desk.signedIn ? html`<button @click=${() => desk.signOut()} title=${say('signedInAs', { name: desk.state.viewer?.name ?? '' })}>${say('signOut')}</button>` : nothing}
      </header>
      ${this.failure === '' ? nothing : html`<p class="failure">${this.failure}</p>`}
    `;
  }

  /** Takes calls: an agent, or a supervisor who is one too. */
  private get takesCalls(): boolean {
    return this.desk.state.viewer?.agentId !== undefined;
  }

  /** Who watches sees everybody; an agent sees the own call, and of the rest what the server lets through. */
  private board() {
    const { desk, takesCalls } = this;
    const kind = desk.state.viewer?.kind ?? '';
    if (kind === '') return nothing;
    const own = html`<ringmaster-own-call .desk=${desk}></ringmaster-own-call>`;
    const queues = html`<ringmaster-queues .desk=${desk}></ringmaster-queues>`;
    const latest = html`<ringmaster-latest .desk=${desk}></ringmaster-latest>`;
    if (kind === 'agent') return columns([own], [queues, latest]);
    const waiting = html`<ringmaster-waiting .desk=${desk}></ringmaster-waiting>`;
    const offers = html`<ringmaster-offers .desk=${desk}></ringmaster-offers>`;
    const everybody = [html`<ringmaster-agents .desk=${desk}></ringmaster-agents>`, latest];
    return takesCalls
      ? columns([own], [waiting, offers, queues], everybody)
      : columns([waiting, queues], [offers], everybody);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const chord = chordOf(event);
    const action = chord === undefined ? undefined : actionOf(this.desk.preferences.keys, chord);
    if (action === undefined) return;
    const done =
      action === 'pause'
        ? this.child<RingmasterPresence>('ringmaster-presence')?.toggle()
        : this.child<RingmasterOwnCall>('ringmaster-own-call')?.press(action);
    if (done) event.preventDefault();
  };

  private child<Part extends Element>(name: string): Part | null {
    return this.renderRoot.querySelector<Part>(name);
  }

  private onFailed(event: CustomEvent<{ readonly word: WordKey; readonly code: string }>): void {
    this.failure = this.child<RingmasterAnnouncer>('ringmaster-announcer')?.tellFailure(event.detail) ?? '';
    this.requestUpdate();
  }
}

const columns = (...all: readonly (readonly TemplateResult[])[]) =>
  all.map((parts) => html`<div class="column">${parts}</div>`);

customElements.define('ringmaster-desk', RingmasterDesk);

declare global {
  interface HTMLElementTagNameMap {
    'ringmaster-desk': RingmasterDesk;
  }
}
