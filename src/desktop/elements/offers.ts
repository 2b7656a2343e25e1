import { css, html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { offeredCalls, offeredTo } from '../state/select.ts';
import type { DeskCall } from '../state/state.ts';
import './age.ts';
import './card.ts';
import { DeskElement } from './desk-element.ts';
import { moreRow, panelHead } from './parts.ts';
import { base } from './styles.ts';

const rowsMax = 20;

/** For who watches: calls that ring at an agent, each with the customer as the agent sees it. */
export class RingmasterOffers extends DeskElement {
  static override styles = [
    base,
    css`
      ringmaster-card {
        flex: 1 1 100%;
      }
    `,
  ];

  protected override watched(): readonly unknown[] {
    const { calls, agents } = this.desk.state;
    return [calls, agents];
  }

  override render() {
    const { say } = this;
    const rows = offeredCalls(this.desk.state, rowsMax);
    return html`
      <section class="panel" aria-labelledby="title">
        ${panelHead(say('offers'), rows.total)}
        ${
          rows.total === 0
            ? html`<p class="quiet">${say('offersNone')}</p>`
            : html`<ul>
              ${repeat(
                rows.shown,
                ({ view }) => view.id,
                (call) => this.row(call),
              )} ${moreRow(rows.more, say)}
            </ul>`
        }
      </section>
    `;
  }

  private row(call: DeskCall) {
    const { view } = call;
    return html`<li class="row" data-call=${view.id}>
      <span class="grow">${this.say('offeredTo', {
        agent: offeredTo(view)
          .map((id) => this.names.agent(id))
          .join(', '),
      })}</span>
      <ringmaster-age class="figures" .desk=${this.desk} .since=${view.phaseSinceMs}></ringmaster-age>
      <ringmaster-card .desk=${this.desk} .call=${call}></ringmaster-card>
    </li>`;
  }
}

customElements.define('ringmaster-offers', RingmasterOffers);
