import { html, nothing } from 'lit';
import type { QueueViewData } from '../../events/catalogue/index.ts';
import { durationText, momentText } from '../words/words.ts';
import { DeskElement } from './desk-element.ts';
import { moreRow, panelHead } from './parts.ts';
import { bounded } from '../state/select.ts';
import { base } from './styles.ts';

const rowsMax = 30;

/** Figures of the queues, fullest first. */
export class RingmasterQueues extends DeskElement {
  static override styles = base;

  protected override watched(): readonly unknown[] {
    return [this.desk.state.queues];
  }

  /** Of a queue that is open nothing need be said. */
  private hoursTag(hours: QueueViewData['hours']) {
    if (!hours || hours.open) return nothing;
    const { changesAtMs } = hours;
    const text =
      changesAtMs === undefined
        ? this.say('queueClosed')
        : this.say('queueOpens', { at: momentText(changesAtMs, this.desk.language) });
    return html`<span class="tag plain" data-closed>${text}</span>`;
  }

  override render() {
    const { say } = this;
    const queues = [...this.desk.state.queues.values()].sort((a, b) => b.waiting - a.waiting || (a.id < b.id ? -1 : 1));
    const rows = bounded(queues, rowsMax);
    if (rows.total === 0) return nothing;
    return html`
      <section class="panel" aria-labelledby="title">
        ${panelHead(say('queues'))}
        <ul>
          ${rows.shown.map(
            (queue) =>
              html`<li class="row" data-queue=${queue.id}>
                <span class="grow">${this.names.queue(queue.id)}</span>
                <span>
                  ${this.hoursTag(queue.hours)}
                  <span class="tag ${queue.waiting > 0 ? 'warn' : 'plain'}">${say('queueWaiting', { count: queue.waiting })}</span>
                  ${
                    queue.waiting > 0
                      ? html`<span class="small figures">${say('queueLongest')} ${durationText(queue.longestWaitMs)}</span>`
                      : nothing
                  }
                  <span class="small quiet">${say('queueIdle', { count: queue.agentsIdle, signedIn: queue.agentsSignedIn })}</span>
                </span>
              </li>`,
          )}
          ${moreRow(rows.more, say)}
        </ul>
      </section>
    `;
  }
}

customElements.define('ringmaster-queues', RingmasterQueues);
