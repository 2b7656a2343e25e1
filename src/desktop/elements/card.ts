import { css, html, nothing, type TemplateResult } from 'lit';
import type { CustomerCardData } from '../../events/catalogue/index.ts';
import type { DeskCall } from '../state/state.ts';
import { waitsSinceMs } from '../state/select.ts';
import type { WordKey } from '../words/en.ts';
import { dateText, durationText } from '../words/words.ts';
import './age.ts';
import { DeskElement } from './desk-element.ts';
import './number.ts';
import { base } from './styles.ts';

type Customer = NonNullable<CustomerCardData['customer']>;

const statusWords: Readonly<Record<CustomerCardData['status'], readonly [word: WordKey, tone: string]>> = {
  fresh: ['statusFresh', 'good'],
  stale: ['statusStale', 'warn'],
  pending: ['statusPending', 'plain'],
  none: ['statusNone', 'plain'],
  ambiguous: ['statusAmbiguous', 'warn'],
  error: ['statusError', 'bad'],
};

const levelWords = {
  low: 'levelLow',
  normal: 'levelNormal',
  medium: 'levelMedium',
  high: 'levelHigh',
  critical: 'levelCritical',
} as const satisfies Record<string, WordKey>;

/** Who calls. The order is the one in which agents read: who, how sure, how valuable, why, then history. */
export class RingmasterCard extends DeskElement {
  static override properties = { ...DeskElement.properties, call: { attribute: false } };
  declare call: DeskCall;
  static override styles = [
    base,
    css`
      .name {
        font-size: 1.25rem;
        font-weight: 700;
        margin-inline-end: 0.5rem;
      }
      .lines {
        display: grid;
        gap: 0.5rem;
      }
      .number {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem;
      }
      .strategy {
        border-inline-start: 0.25rem solid var(--rm-accent);
        padding-inline-start: 0.5rem;
      }
      .history {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr));
        gap: 0.75rem;
      }
      li {
        padding: 0.125rem 0;
      }
    `,
  ];

  protected override watched(): readonly unknown[] {
    return [];
  }

  override render() {
    const { say, call } = this;
    const { view, card } = call;
    const status = card?.status ?? view.customer?.status ?? 'pending';
    const [word, tone] = statusWords[status];
    const customer = card?.customer;
    const name = customer?.name ?? view.customer?.name ?? say('customerUnknown');
    return html`
      <div class="lines">
        <p><span class="name">${name}</span><span class="tag ${tone}">${say(word)}</span></p>
        <div class="number">
          <ringmaster-number .desk=${this.desk} .view=${view}></ringmaster-number>
          ${customer?.region ? html`<span> · ${customer.region}</span>` : nothing}
        </div>
        ${customer ? this.worth(customer) : nothing} ${this.candidates(card)}
        <p>
          ${say('dialled', { number: view.dialledNumber })}${view.queueId ? ` · ${this.names.queue(view.queueId)}` : ''}
          ${this.wait()}
        </p>
        ${this.menu()} ${this.attached()} ${customer?.strategy ? html`<p class="strategy">${customer.strategy}</p>` : nothing}
        ${customer ? this.history(customer) : nothing} ${this.age(card)}
      </div>
    `;
  }

  private worth({ tier, vip, blacklisted, churnRisk }: Customer) {
    const { say } = this;
    const tags: TemplateResult[] = [];
    if (blacklisted) tags.push(html`<span class="tag bad">${say('blacklisted')}</span>`);
    if (vip) tags.push(html`<span class="tag gold">${say('vip')}</span>`);
    if (tier) tags.push(html`<span class="tag ${vip ? 'gold' : 'plain'}">${say('tier')}: ${tier}</span>`);
    if (churnRisk === 'medium' || churnRisk === 'high') {
      const level = say(levelWords[churnRisk]);
      tags.push(html`<span class="tag ${churnRisk === 'high' ? 'bad' : 'warn'}">${say('churnRisk', { level })}</span>`);
    }
    return tags.length > 0 ? html`<p>${tags}</p>` : nothing;
  }

  private candidates(card: CustomerCardData | undefined) {
    if (!card?.candidates?.length) return nothing;
    const rows = card.candidates.slice(0, 5).map(({ name, tier }) => html`<li>${name}${tier ? ` · ${tier}` : ''}</li>`);
    return html`<div><h3>${this.say('chooseAmong')}</h3><ul>${rows}</ul></div>`;
  }

  /** Runs while the caller waits; then it is what it was. */
  private wait() {
    const { say, call, desk } = this;
    if (call.view.phase === 'waiting' || call.view.phase === 'offering')
      return html`· ${say('waited')}
        <ringmaster-age class="figures" .desk=${desk} .since=${waitsSinceMs(call)}></ringmaster-age>`;
    return call.waitedMs === undefined ? nothing : html`· ${say('waited')} ${durationText(call.waitedMs)}`;
  }

  private menu() {
    const path = this.call.view.menuPath ?? [];
    if (path.length === 0) return nothing;
    return html`<p class="small">${this.say('menuPath')}: ${path.map(({ label }) => label).join(' › ')}</p>`;
  }

  private attached() {
    const pairs = Object.entries(this.call.view.data).slice(0, 8);
    if (pairs.length === 0) return nothing;
    return html`<p class="small">${this.say('attached')}: ${pairs.map(([name, text]) => `${name} ${text}`).join(' · ')}</p>`;
  }

  private history(customer: Customer) {
    const { say } = this;
    const { language } = this.desk;
    const tickets = customer.openTickets.slice(0, 5).map(
      ({ id, title, status, urgency }) =>
        html`<li>
          ${
            urgency && urgency !== 'normal' && urgency !== 'low'
              ? html`<span class="tag bad">${say(levelWords[urgency])}</span>`
              : nothing
          }${title} <span class="quiet small">${[id, status].filter(Boolean).join(' · ')}</span>
        </li>`,
    );
    const purchases = customer.purchases.slice(0, 3).map(
      ({ title, amount, atMs }) =>
        html`<li>
          ${title}
          <span class="quiet small">${[amount, atMs === undefined ? '' : dateText(atMs, language)].filter(Boolean).join(' · ')}</span>
        </li>`,
    );
    const contact = customer.lastContact;
    return html`<div class="history">
      <div><h3>${say('tickets')}</h3>${tickets.length > 0 ? html`<ul>${tickets}</ul>` : say('ticketsNone')}</div>
      ${purchases.length > 0 ? html`<div><h3>${say('purchases')}</h3><ul>${purchases}</ul></div>` : nothing}
      ${
        contact
          ? html`<div>
            <h3>${say('lastContact')}</h3>
            <p>${[dateText(contact.atMs, language), contact.agentName ? say('lastContactWith', { agent: contact.agentName }) : ''].filter(Boolean).join(' · ')}</p>
            ${contact.summary ? html`<p>${contact.summary}</p>` : nothing}
          </div>`
          : nothing
      }
      ${
        customer.tags.length > 0
          ? html`<div><h3>${say('tags')}</h3><p>${customer.tags.map((tag) => html`<span class="tag plain">${tag}</span>`)}</p></div>`
          : nothing
      }
    </div>`;
  }

  private age(card: CustomerCardData | undefined) {
    const { say } = this;
    const url = card?.customer?.url;
    const link =
      url !== undefined && /^https?:\/\//.test(url)
        ? html` · <a href=${url} target="_blank" rel="noopener noreferrer">${say('openInCrm')}</a>`
        : nothing;
    if (card?.fetchedAtMs === undefined) return link === nothing ? nothing : html`<p class="small">${link}</p>`;
    const age = html`<ringmaster-age class="figures" .desk=${this.desk} .since=${card.fetchedAtMs}></ringmaster-age>`;
    return html`<p class="small quiet">
      ${say('dataAge')} <span class="figures">${age}</span> ${say('ago')} · ${card.source}${link}
    </p>`;
  }
}

customElements.define('ringmaster-card', RingmasterCard);
