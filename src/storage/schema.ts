/** The tables, the same in SQLite and PostgreSQL. Bodies are JSON text: the server never queries inside them. */
export interface Database {
  readonly events: EventRow;
  readonly states: StateRow;
  readonly consumers: ConsumerRow;
  readonly meta: MetaRow;
}

export interface EventRow {
  readonly sequence: number;
  readonly epoch: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly at_ms: number;
  readonly callseq: number | null;
  readonly body: string;
}

export interface StateRow {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
  readonly body: string;
}

export interface ConsumerRow {
  readonly id: string;
  readonly sequence: number;
  readonly at_ms: number;
}

export interface MetaRow {
  readonly key: string;
  readonly value: string;
}
