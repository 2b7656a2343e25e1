import { css, html, nothing } from 'lit';
import { choiceText } from '../state/choices.ts';
import { isLive, ownAgent } from '../state/select.ts';
import type { WordKey } from '../words/en.ts';
import { offeredPauses, pauseText, presenceText } from '../words/events.ts';
import './age.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

const tones = { available: 'good', paused: 'warn', signedOut: 'plain' } as const;

/** What the agent says of itself: at work or not, available or paused with a reason. */
export class RingmasterPresence extends DeskElement {
  static override styles = [
    base,
    css`
      [role='group'] {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: center;
      }
    `,
  ];

  protected override watched(): readonly unknown[] {
    const { state } = this.desk;
    return [ownAgent(state), isLive(state), this.desk.choices];
  }

  override render() {
    const agent = ownAgent(this.desk.state);
    if (!agent) return nothing;
    const { say } = this;
    return html`
      <div role="group" aria-label=${say('presence')} data-presence=${agent.presence}>
        <span>
          ${agent.name} <span class="tag ${tones[agent.presence]}">${presenceText(agent, say)}</span>
          <ringmaster-age class="figures small quiet" .desk=${this.desk} .since=${agent.sinceMs}></ringmaster-age>
        </span>
        ${agent.presence === 'signedOut' ? this.button('startWork', 'POST', 'sign-in', undefined, 'main') : this.atWork(agent.presence)}
      </div>
    `;
  }

  /** For the key: pauses with the reason that stands in the list, or ends the pause. */
  toggle(): boolean {
    const agent = ownAgent(this.desk.state);
    if (agent?.presence === 'available') void this.pause();
    else if (agent?.presence === 'paused') void this.send('beAvailable', 'PUT', 'state', { state: 'available' });
    else return false;
    return true;
  }

  private atWork(presence: 'available' | 'paused') {
    const { say } = this;
    return html`
      ${
        presence === 'paused'
          ? this.button('beAvailable', 'PUT', 'state', { state: 'available' }, 'main')
          : html`<select id="reason" aria-label=${say('pauseReason')}>
              ${this.reasons().map(([reason, text]) => html`<option value=${reason}>${text}</option>`)}
            </select>
            <button aria-disabled=${!isLive(this.desk.state)} aria-keyshortcuts=${this.desk.preferences.keys.pause} @click=${this.pause}>
              ${say('pause')}
            </button>`
      }
      ${this.button('endWork', 'POST', 'sign-out')} ${this.phones()}
    `;
  }

  /** Those of the configuration, else those that the page knows. */
  private reasons(): readonly (readonly [id: string, text: string])[] {
    const { required, reasons } = this.desk.choices.pauses;
    if (reasons.length === 0) return offeredPauses.map((reason) => [reason, pauseText(reason, this.say)]);
    const own = reasons.map((reason) => [reason.id, choiceText(reason, this.desk.language)] as const);
    return required ? own : [['', '–'], ...own];
  }

  /** Which phone is to ring, for who has several. */
  private phones() {
    const agent = ownAgent(this.desk.state);
    if (!agent?.devices || !this.desk.capabilities.has('chooseDevice')) return nothing;
    const { chosenDevice = '' } = agent;
    return html`<select id="device" aria-label=${this.say('phoneToRing')} @change=${this.choosePhone}>
      <option value="" ?selected=${chosenDevice === ''}>${this.say('phoneFirst')}</option>
      ${agent.devices.map(({ id }) => html`<option value=${id} ?selected=${id === chosenDevice}>${id}</option>`)}
    </select>`;
  }

  private choosePhone({ target }: Event): void {
    if (!(target instanceof HTMLSelectElement)) return;
    void this.send('phoneToRing', 'PUT', 'device', { device: target.value === '' ? null : target.value });
  }

  private button(word: WordKey, method: 'POST' | 'PUT', path: string, body?: object, tone = '') {
    return html`<button class=${tone} aria-disabled=${!isLive(this.desk.state)} @click=${() => this.send(word, method, path, body)}>
      ${this.say(word)}
    </button>`;
  }

  private async pause(): Promise<void> {
    const reason = this.renderRoot.querySelector<HTMLSelectElement>('#reason')?.value ?? this.reasons()[0]?.[0];
    await this.send('pause', 'PUT', 'state', { state: 'paused', ...(reason ? { reason } : {}) });
  }

  private async send(word: WordKey, method: 'POST' | 'PUT', path: string, body?: object): Promise<void> {
    const agent = ownAgent(this.desk.state);
    if (!agent || !isLive(this.desk.state)) return;
    const outcome = await this.desk.ask(method, `/v1/agents/${encodeURIComponent(agent.id)}/${path}`, body);
    if (outcome.ok) return;
    const detail = { word, code: outcome.code };
    this.dispatchEvent(new CustomEvent('failed', { detail, bubbles: true, composed: true }));
  }
}

customElements.define('ringmaster-presence', RingmasterPresence);
