import { css, html, nothing } from 'lit';
import type { KeyAction } from '../keys/chords.ts';
import { type CallCommand, callCommands, isMuted, mayTransfer } from '../state/commands.ts';
import { cardIsOpen } from '../state/pops.ts';
import { choiceText } from '../state/choices.ts';
import { isLive, mayExtendWrapUp, ownAgent, ownCall, type Situation, situationOf } from '../state/select.ts';
import type { DeskCall } from '../state/state.ts';
import type { WordKey } from '../words/en.ts';
import './age.ts';
import './card.ts';
import { DeskElement } from './desk-element.ts';
import './keypad.ts';
import { panelHead, staleTag } from './parts.ts';
import { base } from './styles.ts';
import './transfer.ts';
import type { TransferWish } from './transfer.ts';

const situationWords: Readonly<Record<Situation, readonly [word: WordKey, tone: string]>> = {
  offered: ['phaseOffering', 'warn'],
  dialling: ['phaseDialling', 'warn'],
  talking: ['phaseTalking', 'good'],
  held: ['phaseHeld', 'warn'],
  asking: ['phaseAsking', 'warn'],
  private: ['phasePrivate', 'busy'],
  between: ['phaseBetween', 'warn'],
  conference: ['phaseConference', 'good'],
  asked: ['phaseAsked', 'warn'],
  advising: ['phaseAdvising', 'busy'],
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
  private form: 'transfer' | 'keypad' | undefined;
  /** The call whose card was opened or closed by hand, and which of the two. */
  private byHand: { readonly callId: string; readonly open: boolean } | undefined;
  private focusWasInside = false;

  protected override watched(): readonly unknown[] {
    const { state } = this.desk;
    return [ownCall(state), ownAgent(state), isLive(state), this.desk.choices];
  }

  override render() {
    const call = ownCall(this.desk.state);
    const ringing = call !== undefined && this.rings(call);
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
    if (!call || !this.mayOpen(call, this.form)) this.form = undefined;
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

  private get agentId(): string | undefined {
    return this.desk.state.viewer?.agentId;
  }

  private rings(call: DeskCall): boolean {
    const situation = situationOf(call, this.agentId);
    return situation === 'offered' || situation === 'asked';
  }

  /** Forms are of a moment, and of what the server has. */
  private mayOpen(call: DeskCall, form: 'transfer' | 'keypad' | undefined): boolean {
    const { capabilities } = this.desk;
    if (form === 'transfer')
      return mayTransfer(call, this.agentId) && (capabilities.has('transferCall') || capabilities.has('consult'));
    return form === 'keypad' && situationOf(call, this.agentId) === 'talking' && capabilities.has('sendKeys');
  }

  private call(call: DeskCall) {
    const { view } = call;
    const open = this.isOpen(call);
    return html`
      <div class="call" data-call=${view.id} data-phase=${view.phase} data-situation=${situationOf(call, this.agentId) ?? ''}>
        ${this.phase(call)}
        ${open ? html`<ringmaster-card .desk=${this.desk} .call=${call}></ringmaster-card>` : this.brief(call)}
        <div class="buttons">
          ${callCommands(call, this.agentId, mayExtendWrapUp(ownAgent(this.desk.state)))
            .filter(({ operation }) => this.desk.capabilities.has(operation))
            .map((command) => this.button(command))}
          ${this.formButton(call, 'transfer')} ${this.formButton(call, 'keypad')}
          <button data-key="customer" aria-expanded=${open} @click=${() => this.toggle(call)}>
            ${this.say(open ? 'hideCustomer' : 'showCustomer')}
          </button>
        </div>
        ${this.disposition(call)} ${this.openForm(call)}
      </div>
    `;
  }

  /** What came of the call, where the server has words for it. */
  private disposition(call: DeskCall) {
    const { codes } = this.desk.choices.dispositions;
    const situation = situationOf(call, this.agentId);
    const isOurs = situation === 'talking' || situation === 'held' || situation === 'wrapUp';
    if (!isOurs || codes.length === 0) return nothing;
    const { disposition = '' } = call.view;
    return html`<label>
      ${this.say('disposition')}
      <select id="disposition" @change=${(event: Event) => this.dispose(call, event)}>
        <option value="" disabled ?selected=${disposition === ''}>–</option>
        ${codes.map(
          (code) =>
            html`<option value=${code.id} ?selected=${code.id === disposition}>${choiceText(code, this.desk.language)}</option>`,
        )}
      </select>
    </label>`;
  }

  private dispose(call: DeskCall, { target }: Event): void {
    if (!(target instanceof HTMLSelectElement) || target.value === '') return;
    const path = `/v1/calls/${encodeURIComponent(call.view.id)}/disposition`;
    void this.run({ word: 'disposition', operation: 'disposeCall', method: 'PUT', path }, { code: target.value });
  }

  private openForm(call: DeskCall) {
    const leave = () => this.show(undefined);
    if (this.form === 'transfer')
      return html`<ringmaster-transfer
        .desk=${this.desk}
        @target=${(event: CustomEvent<TransferWish>) => this.transfer(call, event.detail)}
        @leave=${leave}
      ></ringmaster-transfer>`;
    if (this.form === 'keypad')
      return html`<ringmaster-keypad
        .desk=${this.desk}
        @digits=${(event: CustomEvent<string>) => this.sendKeys(call, event.detail)}
        @leave=${leave}
      ></ringmaster-keypad>`;
    return nothing;
  }

  private phase(call: DeskCall) {
    const { view, offer } = call;
    const situation = situationOf(call, this.agentId) ?? 'talking';
    const [word, tone] = situationWords[situation];
    const until = situation === 'wrapUp' ? ownAgent(this.desk.state)?.wrapUpUntilMs : offer?.expiresAtMs;
    return html`<p>
      <span class="tag ${tone}">${this.say(word)}</span>
      ${isMuted(call, situation) ? html`<span class="tag bad">${this.say('muted')}</span>` : nothing}
      ${staleTag(view, this.say)}
      ${view.direction === 'outbound' ? html`<span class="tag plain">${this.say('outbound')}</span>` : nothing}
      <ringmaster-age class="figures" .desk=${this.desk} .since=${view.phaseSinceMs}></ringmaster-age>
      ${this.other(call, situation)} ${until === undefined ? nothing : this.timeLeft(until)}
      ${ringsOnPhone(call, situation) ? html` <span>${this.say('answerOnPhone')}</span>` : nothing}
    </p>`;
  }

  /** Who is asked for advice, for the one who asks. */
  private other({ view: { consult } }: DeskCall, situation: Situation) {
    const isAsker = situation !== 'asked' && situation !== 'advising';
    return isAsker && consult?.agentId !== undefined ? html`· ${this.names.agent(consult.agentId)}` : nothing;
  }

  private timeLeft(untilMs: number) {
    const age = html`<ringmaster-age class="figures" .desk=${this.desk} .until=${untilMs}></ringmaster-age>`;
    return html`<span class="quiet small">· ${age} ${this.say('endsIn')}</span>`;
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

  private formButton(call: DeskCall, form: 'transfer' | 'keypad') {
    if (!this.mayOpen(call, form)) return nothing;
    const key = form === 'transfer' ? form : undefined;
    return html`<button
      data-form=${form}
      data-key=${key ?? nothing}
      aria-expanded=${this.form === form}
      aria-disabled=${!isLive(this.desk.state)}
      aria-keyshortcuts=${key ? this.desk.preferences.keys[key] : nothing}
      @click=${() => this.show(this.form === form ? undefined : form)}
    >
      ${this.say(form)}${this.hint(key)}
    </button>`;
  }

  private hint(key: KeyAction | undefined) {
    return key ? html`<kbd aria-hidden="true">${this.desk.preferences.keys[key]}</kbd>` : nothing;
  }

  private isOpen(call: DeskCall): boolean {
    if (this.byHand?.callId === call.view.id) return this.byHand.open;
    return cardIsOpen(this.rings(call), this.desk.preferences.pop);
  }

  private toggle(call: DeskCall): void {
    this.byHand = { callId: call.view.id, open: !this.isOpen(call) };
    this.requestUpdate();
  }

  private show(form: 'transfer' | 'keypad' | undefined): void {
    if (form && !isLive(this.desk.state)) return;
    const closed = this.form;
    this.form = form;
    this.requestUpdate();
    if (closed && !form) this.renderRoot.querySelector<HTMLElement>(`button[data-form="${closed}"]`)?.focus();
  }

  private transfer(call: DeskCall, { target, ask }: TransferWish): void {
    this.show(undefined);
    void this.send(call, ask ? 'consult' : 'transfer', ask ? 'transferAsk' : 'transferSend', { target });
  }

  private sendKeys(call: DeskCall, digits: string): void {
    void this.send(call, 'keypad', 'keypadSend', { digits });
  }

  private async send(call: DeskCall, verb: string, word: WordKey, body: object): Promise<void> {
    const path = `/v1/calls/${encodeURIComponent(call.view.id)}/${verb}`;
    await this.run({ word, operation: '', method: 'POST', path }, body);
  }

  private async run(command: CallCommand, body?: object): Promise<void> {
    if (!isLive(this.desk.state)) return;
    const outcome = await this.desk.ask(command.method, command.path, body);
    if (outcome.ok) return;
    const detail = { word: command.word, code: outcome.code };
    this.dispatchEvent(new CustomEvent('failed', { detail, bubbles: true, composed: true }));
  }
}

function ringsOnPhone({ offer }: DeskCall, situation: Situation): boolean {
  if (situation === 'asked') return true;
  return situation === 'offered' && (offer?.mode === 'ring' || offer?.ringing === true);
}

customElements.define('ringmaster-own-call', RingmasterOwnCall);
