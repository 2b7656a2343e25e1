import { css, html } from 'lit';
import { chordOf, defaultKeys, type KeyAction, keyActions, remap } from '../keys/chords.ts';
import { type PopPolicy, popPolicies } from '../state/pops.ts';
import { type Theme, themes } from '../state/preferences.ts';
import type { WordKey } from '../words/en.ts';
import { languages } from '../words/words.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

const themeWords: Readonly<Record<Theme, WordKey>> = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' };
const popWords: Readonly<Record<PopPolicy, WordKey>> = { ring: 'popRing', answer: 'popAnswer', off: 'popOff' };
export const keyWords: Readonly<Record<KeyAction, WordKey>> = {
  accept: 'accept',
  reject: 'reject',
  hold: 'hold',
  hangUp: 'hangUp',
  transfer: 'transfer',
  endWrapUp: 'endWrapUp',
  pause: 'pause',
  customer: 'showCustomer',
};

/** Language, colours, pops and keys: kept on this machine. */
export class RingmasterSettings extends DeskElement {
  static override styles = [
    base,
    css`
      summary {
        cursor: pointer;
        padding: 0.375rem 0.5rem;
        border-radius: 0.375rem;
      }
      .sheet {
        position: absolute;
        inset-inline-end: 0.5rem;
        z-index: 2;
        display: grid;
        gap: 0.75rem;
        width: min(24rem, calc(100vw - 1rem));
        max-height: 80vh;
        overflow-y: auto;
        box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 25%);
      }
      .error {
        color: var(--rm-bad);
      }
    `,
  ];
  private capturing: KeyAction | undefined;
  private problem = '';

  protected override watched(): readonly unknown[] {
    return [this.desk.signedIn];
  }

  override render() {
    const { say } = this;
    const { preferences, language } = this.desk;
    return html`
      <details @keydown=${this.escape}>
        <summary>${say('settings')}</summary>
        <div class="panel sheet">
          ${this.select(
            'language',
            'language',
            Object.entries(languages).map(([id, { name }]) => [id, name]),
            language,
          )}
          ${this.select(
            'theme',
            'theme',
            themes.map((theme) => [theme, say(themeWords[theme])]),
            preferences.theme,
          )}
          ${this.select(
            'pop',
            'popPolicy',
            popPolicies.map((pop) => [pop, say(popWords[pop])]),
            preferences.pop,
          )}
          <div>
            <h3>${say('keys')}</h3>
            <p class="small quiet">${say('keysHelp')}</p>
            <p class="small error" role="alert">${this.problem}</p>
            <ul>
              ${keyActions.map((action) => this.keyRow(action))}
            </ul>
            <button @click=${() => this.desk.choose({ keys: defaultKeys })}>${say('keysReset')}</button>
          </div>
        </div>
      </details>
    `;
  }

  private select(
    name: 'language' | 'theme' | 'pop',
    word: WordKey,
    options: readonly (readonly [string, string])[],
    value: string,
  ) {
    return html`<label>
      ${this.say(word)}
      <select name=${name} @change=${(event: Event) => this.desk.choose({ [name]: (event.target as HTMLSelectElement).value })}>
        ${options.map(([id, text]) => html`<option value=${id} ?selected=${id === value}>${text}</option>`)}
      </select>
    </label>`;
  }

  private keyRow(action: KeyAction) {
    const { say } = this;
    const capturing = this.capturing === action;
    const name = say(keyWords[action]);
    const chord = this.desk.preferences.keys[action];
    return html`<li class="row">
      <span class="grow">${name}</span>
      <button
        data-action=${action}
        aria-label=${capturing ? say('keysPress') : `${say('keysChange', { action: name })}: ${chord}`}
        @click=${() => this.capture(action)}
        @blur=${() => this.capture(undefined)}
        @keydown=${this.captured}
      >
        ${capturing ? say('keysPress') : chord}
      </button>
    </li>`;
  }

  private capture(action: KeyAction | undefined): void {
    if (action) this.problem = '';
    this.capturing = action;
    this.requestUpdate();
  }

  private captured(event: KeyboardEvent): void {
    const action = this.capturing;
    if (!action || event.key === 'Tab') return;
    const chord = chordOf(event);
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return this.capture(undefined);
    if (chord === undefined) return;
    const { say } = this;
    const result = remap(this.desk.preferences.keys, action, chord);
    if (result.ok) this.desk.choose({ keys: result.keys });
    this.problem = result.ok
      ? ''
      : result.takenBy === undefined
        ? say('keysBare')
        : say('keysTaken', { action: say(keyWords[result.takenBy]) });
    this.capturing = undefined;
    this.requestUpdate();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.isComposing) return;
    const details = this.renderRoot.querySelector('details');
    if (!details?.open) return;
    details.open = false;
    details.querySelector('summary')?.focus();
  }
}

customElements.define('ringmaster-settings', RingmasterSettings);
