import type { TicketViewData } from '../events/catalogue/index.ts';

export interface TicketQuery {
  readonly deskId?: string;
  readonly phase?: TicketViewData['phase'];
  readonly callId?: string;
  readonly customerId?: string;
  readonly beforeMs?: number;
  readonly limit: number;
}

/** A ticket that a person wants. */
export interface TicketWish {
  /** The same for every repetition of one wish. */
  readonly idempotencyKey: string;
  readonly callId?: string;
  readonly deskId?: string;
  readonly queue?: string;
  readonly level: TicketViewData['level'];
  readonly subject: string;
  readonly text: string;
}

/** The headers of a webhook, by the names of the Standard Webhooks specification. */
export interface WebhookHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** The ticket office, as the API offers it. `by` is the agent who asks, who sees and makes tickets of own calls only. */
export interface TicketDoor {
  list(query: TicketQuery, by: string | undefined): Promise<readonly TicketViewData[]>;
  get(id: string, by: string | undefined): Promise<TicketViewData>;
  create(wish: TicketWish, by: string | undefined): Promise<TicketViewData>;
  link(id: string, callId: string, by: string | undefined): Promise<TicketViewData>;
  setStatus(id: string, status: TicketViewData['status'], by: string | undefined): Promise<TicketViewData>;
  replay(id: string, by: string | undefined): Promise<TicketViewData>;
  webhook(deskId: string, headers: WebhookHeaders, body: string): Promise<'taken' | 'repeated' | 'unknown'>;
}
