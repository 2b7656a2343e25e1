import { html, nothing } from 'lit';
import type { CallViewData } from '../../events/catalogue/index.ts';
import type { Say } from '../words/words.ts';

/** The heading of a panel with its count; the panel's `aria-labelledby` is `title`. */
export const panelHead = (title: string, count?: number) => html`
  <div class="head">
    <h2 id="title">${title}</h2>
    ${count === undefined ? nothing : html`<span class="figures quiet">${count}</span>`}
  </div>
`;

/** What a bounded list does not show. */
export const moreRow = (count: number, say: Say) =>
  count === 0 ? nothing : html`<li class="row quiet">${say('more', { count })}</li>`;

/** VIP and tier of a caller, in colour and in words. */
export function whoTags({ customer, stale }: CallViewData, say: Say) {
  const unconfirmed = staleTag(stale ? { stale } : {}, say);
  if (!customer) return unconfirmed;
  return html`${unconfirmed}${customer.vip ? html`<span class="tag gold">${say('vip')}</span>` : nothing}${
    customer.tier ? html`<span class="tag plain">${customer.tier}</span>` : nothing
  }`;
}

/** Of what was last seen before the link to the PBX was lost. */
export function staleTag({ stale }: { readonly stale?: true }, say: Say) {
  return stale ? html`<span class="tag warn">${say('unconfirmed')}</span>` : nothing;
}
