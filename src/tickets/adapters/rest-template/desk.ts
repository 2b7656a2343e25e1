import type { AppError } from '../../../kernel/index.ts';
import {
  askStep,
  at,
  clean,
  createRestClient,
  fieldsOf,
  ID_MAX,
  itemsOf,
  mappingFunctions,
  type RestClient,
  type RestClientOptions,
  restError,
  SHORT_MAX,
  textOf,
  timeOf,
  urlOf,
} from '../../../rest/index.ts';
import type { DeskChanges, DeskTicket, TicketDesk, TicketDraft, TicketStatus } from '../../ports.ts';
import { deskErrors, meaningOf } from './errors.ts';
import type { ChainDocument, DeskTemplateDocument, SinceForm, TicketFields } from './schema.ts';
import type { DeskTemplate } from './template.ts';

export interface RestDeskOptions extends RestClientOptions {
  /** Our name of the desk. */
  readonly id: string;
  readonly template: DeskTemplate;
  /** The desk's queue when a ticket names none. */
  readonly queue: string;
}

/** A second look goes back so far, because a desk's clock and its search may lag. */
const overlapMs = 60_000;
const pagesMax = 20;

/** A ticket desk worked as a template says. Throws `helpdesk.secret_missing` or `helpdesk.template_invalid`. */
export function createRestDesk(options: RestDeskOptions): TicketDesk {
  const { document } = options.template;
  const client = createRestClient(document, options, deskErrors);
  const work = new DeskWork(client, document, options.queue);
  const { setStatus, changes, webhook } = document;
  return {
    id: options.id,
    repeats: document.repeats ?? 'search',
    meaningOf,
    create: (draft, signal) => work.create(draft, signal),
    find: (mark, signal) => work.find(mark, signal),
    read: (deskTicketId, signal) => work.read(deskTicketId, signal),
    ...(setStatus
      ? { setStatus: (id: string, status: TicketStatus, signal: AbortSignal) => work.setStatus(id, status, signal) }
      : {}),
    ...(changes
      ? { changes: (cursor: string, nowMs: number, signal: AbortSignal) => work.changes(cursor, nowMs, signal) }
      : {}),
    ...(webhook ? { subjectOf: (body: unknown) => clean(textOf(at(body, webhook.id)), ID_MAX) } : {}),
    close: () => client.close(),
  };
}

type Given = Readonly<Record<string, string>>;

class DeskWork {
  private readonly client: RestClient;
  private readonly template: DeskTemplateDocument;
  private readonly queue: string;

  constructor(client: RestClient, template: DeskTemplateDocument, queue: string) {
    this.client = client;
    this.template = template;
    this.queue = queue;
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<DeskTicket> {
    const { levels } = this.template;
    const level = levels[draft.level] ?? draft.level;
    const found = await this.run(this.template.create, { ...draft, queue: draft.queue || this.queue, level }, signal);
    if (!found) throw restError(deskErrors.answer_shape, 'the desk says that there is nothing');
    return found;
  }

  async find(mark: string, signal: AbortSignal): Promise<DeskTicket | undefined> {
    return this.template.find && this.run(this.template.find, { mark }, signal);
  }

  read(id: string, signal: AbortSignal): Promise<DeskTicket | undefined> {
    return this.run(this.template.read, { id }, signal);
  }

  /** Asked anew afterwards: what desks answer to a change is seldom the ticket. */
  async setStatus(id: string, status: TicketStatus, signal: AbortSignal): Promise<DeskTicket> {
    const { setStatus } = this.template;
    const word = setStatus?.words[status];
    if (!setStatus || word === undefined) throw restError(deskErrors.refused, `the desk has no word for ${status}`);
    await this.steps(setStatus, { id, status: word }, signal);
    const ticket = await this.read(id, signal);
    if (!ticket) throw restError(deskErrors.answer_shape, 'the ticket is gone');
    return ticket;
  }

  /** Pages through what changed since the cursor, which is the time of the newest change seen. */
  async changes(cursor: string, nowMs: number, signal: AbortSignal): Promise<DeskChanges> {
    const { changes } = this.template;
    const fromMs = cursor === '' ? nowMs : Number(cursor);
    if (!changes || cursor === '') return { tickets: [], cursor: String(fromMs) };
    const since = sinceText(fromMs - overlapMs, nowMs, changes.since);
    const tickets: DeskTicket[] = [];
    for (let page = 1; page <= pagesMax; page += 1) {
      const given = { since, page: String(page), pageSize: String(changes.pageSize) };
      const body = await askStep(this.client, changes.step, given, {}, signal);
      const items = body === 'none' ? [] : itemsOf(body.json, changes.step, deskErrors, changes.pageSize);
      for (const item of items) tickets.push(this.ticketOf(changes.ticket, { item }, item));
      if (items.length < changes.pageSize) break;
    }
    const newest = Math.max(fromMs, ...tickets.map(({ updatedAtMs = 0 }) => updatedAtMs));
    return { tickets, cursor: String(newest) };
  }

  private async run(chain: ChainDocument, given: Given, signal: AbortSignal): Promise<DeskTicket | undefined> {
    const answers = await this.steps(chain, given, signal);
    return answers && this.ticketOf(chain.ticket, answers.roots, answers.here);
  }

  private async steps(
    { steps }: Pick<ChainDocument, 'steps'>,
    given: Given,
    signal: AbortSignal,
  ): Promise<{ readonly roots: Readonly<Record<string, unknown>>; readonly here: unknown } | undefined> {
    const roots: Record<string, unknown> = {};
    let here: unknown;
    for (const step of steps) {
      const body = await askStep(this.client, step, given, roots, signal);
      if (body === 'none') return undefined;
      roots[step.id] = body.json;
      here = body.json;
      if (step.items === undefined) continue;
      const [item] = itemsOf(body.json, step, deskErrors);
      if (item === undefined) return undefined;
      roots['item'] = item;
      here = item;
    }
    return { roots, here };
  }

  private ticketOf(fields: TicketFields, roots: Readonly<Record<string, unknown>>, here: unknown): DeskTicket {
    const raw = fieldsOf(fields, roots, here);
    const deskTicketId = clean(raw['id'], ID_MAX);
    if (!deskTicketId) throw shapeError('the ticket has no id');
    const deskStatus = clean(raw['status'], SHORT_MAX);
    const updatedAtMs = timeOf(mappingFunctions['date']?.run(raw['updatedAt'], undefined));
    const url = urlOf(this.urlText(deskTicketId));
    return {
      deskTicketId,
      status: this.statusOf(deskStatus),
      ...(deskStatus === undefined ? {} : { deskStatus }),
      ...(url === undefined ? {} : { url }),
      ...(updatedAtMs === undefined ? {} : { updatedAtMs }),
    };
  }

  /** A ticket just made is new; a word that the template does not know is of a ticket that somebody works on. */
  private statusOf(deskStatus: string | undefined): TicketStatus {
    if (deskStatus === undefined) return 'new';
    const { statuses } = this.template;
    return Object.hasOwn(statuses, deskStatus) ? (statuses[deskStatus] ?? 'open') : 'open';
  }

  private urlText(id: string): string | undefined {
    const { ticketUrl } = this.template;
    return ticketUrl === undefined ? undefined : this.client.fillUrl(ticketUrl, { id });
  }
}

const shapeError = (detail: string): AppError => restError(deskErrors.answer_shape, detail);

/** `secondsAgo` is for desks that read times in a zone of their own. */
function sinceText(ms: number, nowMs: number, form: SinceForm): string {
  switch (form) {
    case 'iso':
      return `${new Date(ms).toISOString().slice(0, 19)}Z`;
    case 'unixMs':
      return String(ms);
    case 'unixS':
      return String(Math.floor(ms / 1000));
    case 'secondsAgo':
      return String(Math.max(0, Math.ceil((nowMs - ms) / 1000)));
  }
}
