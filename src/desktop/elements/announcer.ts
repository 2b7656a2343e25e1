import { html } from 'lit';
import { offerNews } from '../state/pops.ts';
import { isLive, ownCall } from '../state/select.ts';
import type { DeskCall } from '../state/state.ts';
import { reasonText } from '../words/errors.ts';
import type { WordKey } from '../words/en.ts';
import { DeskElement } from './desk-element.ts';
import { base } from './styles.ts';

/** Keys of offers that were announced; old ones are forgotten. */
const rememberedMax = 200;

/**
 * Speaks to screen readers: an offer interrupts, once; all else waits its turn. What is said stays in the page until the
 * next thing, so that it can be read again.
 */
export class RingmasterAnnouncer extends DeskElement {
  static override styles = base;
  private readonly announced = new Set<string>();
  private urgent = '';
  private polite = '';
  private wasLive: boolean | undefined;
  private callId: string | undefined;

  protected override watched(): readonly unknown[] {
    const { state } = this.desk;
    return [ownCall(state), isLive(state), state.link.kind];
  }

  override render() {
    this.consider();
    return html`
      <div class="hidden" role="alert" aria-live="assertive" aria-atomic="true" id="urgent">${this.urgent}</div>
      <div class="hidden" role="status" aria-live="polite" aria-atomic="true" id="polite">${this.polite}</div>
    `;
  }

  /** A command did not work. */
  tellFailure({ word, code }: { readonly word: WordKey; readonly code: string }): string {
    const { say } = this;
    this.polite = say('failed', { action: say(word).replace(/…$/, ''), reason: reasonText(code, say) });
    this.requestUpdate();
    return this.polite;
  }

  private consider(): void {
    const { desk, say } = this;
    const { state } = desk;
    this.considerLink();
    const call = ownCall(state);
    if (this.callId !== undefined && call?.view.id !== this.callId && isLive(state)) this.polite = say('announceEnded');
    if (isLive(state)) this.callId = call?.view.id;
    const news = offerNews(state, desk.nowMs());
    if (!news || this.announced.has(news.key)) return;
    this.announced.add(news.key);
    const [oldest] = this.announced;
    if (this.announced.size > rememberedMax && oldest !== undefined) this.announced.delete(oldest);
    this.urgent = news.asked ? this.askedText(news.call) : this.offerText(news.call);
  }

  private considerLink(): void {
    const { kind } = this.desk.state.link;
    if (kind === 'live') {
      if (this.wasLive === false) this.polite = this.say('announceLive');
      this.wasLive = true;
    } else if (kind === 'waiting' && this.wasLive) {
      this.polite = this.say('announceLost');
      this.wasLive = false;
    }
  }

  private askedText({ view }: DeskCall): string {
    const agent = this.names.agent(view.agentId ?? '');
    return this.say('announceAsked', { agent, who: view.customer?.name ?? this.say('customerUnknown') });
  }

  private offerText({ view, card }: DeskCall): string {
    const { say } = this;
    const queue = this.names.queue(view.queueId ?? '');
    if (this.desk.preferences.pop !== 'ring') return say('announceOfferPlain', { queue });
    const customer = card?.customer;
    const who = [
      customer?.name ?? view.customer?.name ?? say('customerUnknown'),
      customer?.blacklisted ? say('blacklisted') : '',
      customer?.vip ? say('vip') : '',
      customer?.tier ?? '',
    ];
    return say('announceOffer', { queue, who: who.filter(Boolean).join(', ') });
  }
}

customElements.define('ringmaster-announcer', RingmasterAnnouncer);
