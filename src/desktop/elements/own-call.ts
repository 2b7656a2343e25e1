import { css, html, nothing } from 'lit';
import type { KeyAction } from '../keys/chords.ts';
import { type CallCommand, callCommands, mayTransfer } from '../state/commands.ts';
import { cardIsOpen } from '../state/pops.ts';
import { isLive, ownAgent, ownCall } from '../state/select.ts';
import type { DeskCall } from '../state/state.ts';
import type { WordKey } from '../words/en.ts';
import './age.ts';
import './card.ts';
import { DeskElement } from './desk-element.ts';
import { panelHead } from './parts.ts';
import { base } from './styles.ts';
import './transfer.ts';
import type { TransferTarget } from './transfer.ts';

const phaseWords: Partial<Record<DeskCall['view']['phase'], readonly [word: WordKey, tone: string]>> = {
  offering: ['phaseOffering', 'warn'],
  dialling: ['phaseDialling', 'warn'],
  talking: ['phaseTalking', 'good'],
  held: ['phaseHeld', 'warn'],
  wrapUp: ['phaseWrapUp', 'plain'],
};

/** The agent's own call: who it is, how long, and what can be done. Fires `failed` when a command did not work. */
export class RingmasterOwnCall extends DeskElement {
  static override styles = [
    base,
    css`
      .call {
        display: grid;
        gap: 0.75rem;
      }
      .ringing {
        border-inline-start: 0.375rem solid var(--rm-warn);
      }
      h2:focus {
        outline: none;
      }
    `,
  ];
  private transferring = false;
  /** The call whose card was opened or closed by hand, and which of the two. */
  private byHand: { readonly callId: string; readonly open: boolean } | undefined;
  private focusWasInside = false;

  protected override watched(): readonly unknown[] {
    const { state } = this.desk;
    return [ownCall(state), ownAgent(state), isLive(state)];
  }

  override render() {
    const call = ownCall(this.desk.state);
    const ringing = call?.view.phase === 'offering';
    return html`
      <section class="panel ${ringing ? 'ringing' : ''}" aria-labelledby="title">
        ${panelHead(this.say('ownCall'))} ${call ? this.call(call) : this.nothingToDo()}
      </section>
    `;
  }

  /** For the keys: does what the button would, if there is one. */
  press(action: KeyAction): boolean {
    const button = this.renderRoot.querySelector<HTMLButtonElement>(`button[data-key="${action}"]`);
    button?.click();
    return button !== null;
  }

  protected override willUpdate(changed: Parameters<DeskElement['willUpdate']>[0]): void {
    super.willUpdate(changed);
    this.focusWasInside = this.hasFocusInside;
    const call = ownCall(this.desk.state);
    if (!call || !mayTransfer(call)) this.transferring = false;
  }

  /** When the pressed button is gone, the focus stays in this panel instead of falling to the top of the page. */
  protected override updated(): void {
    if (!this.focusWasInside || this.hasFocusInside) return;
    const heading = this.renderRoot.querySelector<HTMLElement>('h2');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }

  private get hasFocusInside(): boolean {
    return Boolean(this.shadowRoot?.activeElement);
  }

  private nothingToDo() {
    const agent = ownAgent(this.desk.state);
    return html`<p class="quiet">${this.say(agent?.presence === 'signedOut' ? 'ownCallSignedOut' : 'ownCallNone')}</p>`;
  }

  private call(call: DeskCall) {
    const { view } = call;
    const open = this.isOpen(call);
    return html`
      <div class="call" data-call=${view.id} data-phase=${view.phase}>
        ${this.phase(call)}
        ${open ? html`<ringmaster-card .desk=${this.desk} .call=${call}></ringmaster-card>` : this.brief(call)}
        <div class="buttons">
          ${callCommands(call)
            .filter(({ operation }) => this.desk.capabilities.has(operation))
            .map((command) => this.button(command))}
          ${this.transferButton(call)}
          <button data-key="customer" aria-expanded=${open} @click=${() => this.toggle(call)}>
            ${this.say(open ? 'hideCustomer' : 'showCustomer')}
          </button>
        </div>
        ${
          this.transferring
            ? html`<ringmaster-transfer
              .desk=${this.desk}
              @target=${(event: CustomEvent<TransferTarget>) => this.transfer(call, event.detail)}
              @leave=${() => this.openTransfer(false)}
            ></ringmaster-transfer>`
            : nothing
        }
      </div>
    `;
  }

  private phase({ view, offer }: DeskCall) {
    const [word, tone] = phaseWords[view.phase] ?? ['phaseOffering', 'plain'];
    const until = view.phase === 'wrapUp' ? ownAgent(this.desk.state)?.wrapUpUntilMs : offer?.expiresAtMs;
    return html`<p>
      <span class="tag ${tone}">${this.say(word)}</span>
      <ringmaster-age class="figures" .desk=${this.desk} .since=${view.phaseSinceMs}></ringmaster-age>
      ${
        until === undefined
          ? nothing
          : html`<span class="quiet small"> · <ringmaster-age class="figures" .desk=${this.desk} .until=${until}></ringmaster-age> ${this.say('endsIn')}</span>`
      }
      ${offer && (offer.mode === 'ring' || offer.ringing) ? html` <span>${this.say('answerOnPhone')}</span>` : nothing}
    </p>`;
  }

  /** With the card closed, only that somebody calls, and for which queue. */
  private brief({ view }: DeskCall) {
    return html`<p>${view.callerNumber}${view.queueId ? ` · ${this.names.queue(view.queueId)}` : ''}</p>`;
  }

  private button(command: CallCommand) {
    const { word, key, tone = '' } = command;
    return html`<button
      class=${tone}
      data-key=${key ?? nothing}
      aria-disabled=${!isLive(this.desk.state)}
      aria-keyshortcuts=${key ? this.desk.preferences.keys[key] : nothing}
      @click=${() => this.run(command)}
    >
      ${this.say(word)}${this.hint(key)}
    </button>`;
  }

  private transferButton(call: DeskCall) {
    if (!mayTransfer(call) || !this.desk.capabilities.has('transferCall')) return nothing;
    return html`<button
      data-key="transfer"
      aria-expanded=${this.transferring}
      aria-disabled=${!isLive(this.desk.state)}
      aria-keyshortcuts=${this.desk.preferences.keys.transfer}
      @click=${() => this.openTransfer(!this.transferring)}
    >
      ${this.say('transfer')}${this.hint('transfer')}
    </button>`;
  }

  private hint(key: KeyAction | undefined) {
    return key ? html`<kbd aria-hidden="true">${this.desk.preferences.keys[key]}</kbd>` : nothing;
  }

  private isOpen(call: DeskCall): boolean {
    if (this.byHand?.callId === call.view.id) return this.byHand.open;
    return cardIsOpen(call, this.desk.preferences.pop);
  }

  private toggle(call: DeskCall): void {
    this.byHand = { callId: call.view.id, open: !this.isOpen(call) };
    this.requestUpdate();
  }

  private openTransfer(open: boolean): void {
    if (open && !isLive(this.desk.state)) return;
    this.transferring = open;
    this.requestUpdate();
    if (!open) this.renderRoot.querySelector<HTMLElement>('button[data-key="transfer"]')?.focus();
  }

  private transfer(call: DeskCall, target: TransferTarget): void {
    this.openTransfer(false);
    const path = `/v1/calls/${encodeURIComponent(call.view.id)}/transfer`;
    void this.run({ word: 'transferSend', operation: 'transferCall', method: 'POST', path }, { target });
  }

  private async run(command: CallCommand, body?: object): Promise<void> {
    if (!isLive(this.desk.state)) return;
    const outcome = await this.desk.ask(command.method, command.path, body);
    if (outcome.ok) return;
    const detail = { word: command.word, code: outcome.code };
    this.dispatchEvent(new CustomEvent('failed', { detail, bubbles: true, composed: true }));
  }
}

customElements.define('ringmaster-own-call', RingmasterOwnCall);
