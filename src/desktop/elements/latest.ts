import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { eventText } from '../words/events.ts';
import { clockText } from '../words/words.ts';
import { DeskElement } from './desk-element.ts';
import { panelHead } from './parts.ts';
import { base } from './styles.ts';

const rowsMax = 30;

/** What has happened lately, newest first. */
export class RingmasterLatest extends DeskElement {
  static override styles = [
    base,
    css`
      ul {
        max-height: 24rem;
        overflow-y: auto;
      }
    `,
  ];

  protected override watched(): readonly unknown[] {
    return [this.desk.state.latest];
  }

  override render() {
    const { say } = this;
    const { language, state } = this.desk;
    const events = state.latest.slice(0, rowsMax);
    return html`
      <section class="panel" aria-labelledby="title">
        ${panelHead(say('latest'))}
        ${
          events.length === 0
            ? html`<p class="quiet">${say('latestNone')}</p>`
            : html`<ul tabindex="0" aria-labelledby="title">
              ${repeat(
                events,
                ({ id }) => id,
                (event) =>
                  html`<li class="row small">
                    <span class="grow">${eventText(event, language, this.names)}${event.reconciled ? html` <span class="quiet">(${say('inferred')})</span>` : nothing}</span>
                    <span class="figures quiet">${clockText(Date.parse(event.time), language)}</span>
                  </li>`,
              )}
            </ul>`
        }
      </section>
    `;
  }
}

customElements.define('ringmaster-latest', RingmasterLatest);
