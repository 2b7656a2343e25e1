import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { waitingCalls, waitsSinceMs } from '../state/select.ts';
import type { DeskCall } from '../state/state.ts';
import './age.ts';
import { DeskElement } from './desk-element.ts';
import { moreRow, panelHead, whoTags } from './parts.ts';
import { base } from './styles.ts';

const rowsMax = 50;

/** Who waits, longest first. */
export class RingmasterWaiting extends DeskElement {
  static override styles = base;

  protected override watched(): readonly unknown[] {
    return [this.desk.state.calls];
  }

  override render() {
    const { say } = this;
    const rows = waitingCalls(this.desk.state, rowsMax);
    return html`
      <section class="panel" aria-labelledby="title">
        ${panelHead(say('waiting'), rows.total)}
        ${
          rows.total === 0
            ? html`<p class="quiet">${say('waitingNone')}</p>`
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
      <span class="grow">
        <strong>${view.customer?.name ?? view.callerNumber}</strong> ${whoTags(view, this.say)}
        <span class="quiet small">
          ${view.customer?.name ? `${view.callerNumber} · ` : nothing}${view.queueId ? this.names.queue(view.queueId) : ''}
        </span>
      </span>
      <span class="figures"><span class="hidden">${this.say('waitingSince')} </span><ringmaster-age .desk=${this.desk} .since=${waitsSinceMs(call)}></ringmaster-age></span>
    </li>`;
  }
}

customElements.define('ringmaster-waiting', RingmasterWaiting);
