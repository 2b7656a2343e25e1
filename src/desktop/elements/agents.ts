import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { AgentViewData } from '../../events/catalogue/index.ts';
import { agentsByState } from '../state/select.ts';
import type { WordKey } from '../words/en.ts';
import { contactsText, presenceText } from '../words/events.ts';
import './age.ts';
import { DeskElement } from './desk-element.ts';
import { moreRow, panelHead, staleTag } from './parts.ts';
import { base } from './styles.ts';

const rowsMax = 60;

const routingWords: Readonly<Record<AgentViewData['routing'], readonly [word: WordKey, tone: string]>> = {
  idle: ['agentIdle', 'good'],
  offered: ['agentOffered', 'warn'],
  talking: ['agentTalking', 'busy'],
  wrapUp: ['agentWrapUp', 'warn'],
};

/** Agents with their state and the time in it. */
export class RingmasterAgents extends DeskElement {
  static override styles = base;

  protected override watched(): readonly unknown[] {
    return [this.desk.state.agents];
  }

  override render() {
    const { say } = this;
    const rows = agentsByState(this.desk.state, rowsMax);
    return html`
      <section class="panel" aria-labelledby="title">
        ${panelHead(say('agents'), rows.total)}
        ${
          rows.total === 0
            ? html`<p class="quiet">${say('agentsNone')}</p>`
            : html`<ul>
              ${repeat(
                rows.shown,
                ({ id }) => id,
                (agent) => this.row(agent),
              )} ${moreRow(rows.more, say)}
            </ul>`
        }
      </section>
    `;
  }

  private row(agent: AgentViewData) {
    return html`<li class="row" data-agent=${agent.id}>
      <span class="grow">${agent.name} ${this.device(agent)} ${this.contacts(agent)}</span>
      <span>
        ${this.state(agent)} ${staleTag(agent, this.say)}
        <ringmaster-age class="figures" .desk=${this.desk} .since=${agent.sinceMs}></ringmaster-age>
      </span>
    </li>`;
  }

  /** What the agent does counts more than what it said: a paused agent may still be talking. */
  private state(agent: AgentViewData) {
    const isFree = agent.routing === 'idle';
    if (isFree && agent.presence !== 'available')
      return html`<span class="tag plain">${presenceText(agent, this.say)}</span>`;
    const [word, tone] = routingWords[agent.routing];
    return html`<span class="tag ${tone}">${this.say(word)}</span>`;
  }

  private contacts(agent: AgentViewData) {
    const text = contactsText(agent, this.say);
    return text === undefined ? nothing : html`<span class="small quiet">${text}</span>`;
  }

  private device({ device, routing }: AgentViewData) {
    if (device === 'unavailable' || device === 'invalid')
      return html`<span class="small quiet">${this.say('deviceAway')}</span>`;
    const busyElsewhere = routing === 'idle' && (device === 'inUse' || device === 'busy');
    return busyElsewhere ? html`<span class="small quiet">${this.say('deviceBusy')}</span>` : nothing;
  }
}

customElements.define('ringmaster-agents', RingmasterAgents);
