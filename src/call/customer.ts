/**
 * How much of the customer we know when a card is shown:
 * `fresh` and `stale` carry a customer, `pending` means the CRM has not answered by the deadline,
 * `none` means nobody has this number, `ambiguous` that several do, `error` that the CRM could not say.
 */
export type CustomerStatus = 'fresh' | 'stale' | 'pending' | 'none' | 'ambiguous' | 'error';

export interface Purchase {
  readonly id: string;
  readonly title: string;
  readonly atMs?: number;
  readonly amount?: string;
}

export interface OpenTicket {
  readonly id: string;
  readonly title: string;
  readonly status?: string;
  readonly urgency?: 'low' | 'normal' | 'high' | 'critical';
}

export interface LastContact {
  readonly atMs: number;
  readonly agentName?: string;
  readonly summary?: string;
}

/** A customer as an adapter maps it from whatever the CRM sends. `value` runs from 0 to 100. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly tier?: string;
  readonly value: number;
  readonly vip: boolean;
  readonly blacklisted: boolean;
  readonly tags: readonly string[];
  readonly language?: string;
  readonly region?: string;
  readonly churnRisk?: 'low' | 'medium' | 'high';
  /** What the agent should do for this customer, in a sentence. */
  readonly strategy?: string;
  readonly ownerAgentId?: string;
  /** Skills that this customer needs of an agent: skill to lowest level, 0 to 100. */
  readonly needs?: Readonly<Record<string, number>>;
  /** At most three, newest first. */
  readonly purchases: readonly Purchase[];
  /** At most five, most urgent first. */
  readonly openTickets: readonly OpenTicket[];
  readonly lastContact?: LastContact;
  /** Where the customer opens in the CRM; http or https only. */
  readonly url?: string;
}

/** One of several customers that share a number. */
export interface CustomerCandidate {
  readonly id: string;
  readonly name: string;
  readonly tier?: string;
}

/** The outcome of a lookup as the call carries it. */
export interface CustomerResult {
  readonly status: CustomerStatus;
  /** Present when status is `fresh` or `stale`. */
  readonly customer?: Customer;
  /** Present when status is `ambiguous`. */
  readonly candidates?: readonly CustomerCandidate[];
  /** `crm:<adapter id>`, `directory` or `nobody`. */
  readonly source: string;
  /** When the data was fetched from its source, Unix milliseconds. */
  readonly fetchedAtMs?: number;
  /** The error code when status is `error`. */
  readonly code?: string;
}
