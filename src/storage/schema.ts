/** The tables, the same in SQLite and PostgreSQL. Bodies are JSON text: the server never queries inside them. */
export interface Database {
  readonly events: EventRow;
  readonly states: StateRow;
  readonly consumers: ConsumerRow;
  readonly meta: MetaRow;
  readonly users: UserRow;
  readonly sessions: SessionRow;
  readonly refresh_tokens: RefreshTokenRow;
  readonly token_keys: TokenKeyRow;
  readonly audit: AuditRowRow;
  readonly audit_personal: AuditPersonalRow;
  readonly audit_heads: AuditHeadRow;
  readonly tickets: TicketRow;
  readonly ticket_calls: TicketCallRow;
  readonly desk_cursors: DeskCursorRow;
  readonly desk_tickets: DeskTicketRow;
  readonly outbound_jobs: JobRow;
  readonly do_not_call: DoNotCallRow;
  readonly recordings: RecordingRow;
  readonly shards: ShardRow;
}

/** Who owns a shard; the token grows with each owner, and every write of the log holds its own against it. */
export interface ShardRow {
  readonly shard: string;
  readonly token: number;
  /** Names one term of one instance. */
  readonly term: string;
  readonly instance_id: string;
  readonly url: string;
  readonly taken_at_ms: number;
}

/** What is searched stands in columns; `body` is the whole job. `target`: `queue:ID` or `agent:ID`. */
export interface JobRow {
  readonly id: string;
  readonly status: string;
  readonly target: string;
  readonly queue_id: string;
  readonly due_at_ms: number;
  readonly priority: number;
  readonly created_at_ms: number;
  readonly finished_at_ms: number | null;
  readonly idempotency_key: string | null;
  readonly body: string;
}

export interface DoNotCallRow {
  readonly number: string;
  readonly reason: string;
  readonly added_at_ms: number;
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

export interface UserRow {
  readonly id: string;
  readonly name: string;
  /** JSON array. */
  readonly roles: string;
  readonly agent_id: string | null;
  readonly password: string;
  readonly disabled: number;
  readonly generation: number;
  readonly created_at_ms: number;
  readonly changed_at_ms: number;
}

export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly generation: number;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly ended_at_ms: number | null;
}

export interface RefreshTokenRow {
  readonly hash: string;
  readonly session_id: string;
  readonly used_at_ms: number | null;
}

export interface TokenKeyRow {
  readonly id: string;
  readonly secret: string;
  readonly created_at_ms: number;
}

export interface AuditRowRow {
  readonly tenant: string;
  readonly sequence: number;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
  readonly personal_tag: string;
  readonly previous: string;
  readonly hmac: string;
}

export interface AuditPersonalRow {
  readonly tenant: string;
  readonly sequence: number;
  readonly at_ms: number;
  readonly salt: string;
  readonly body: string;
}

export interface AuditHeadRow {
  readonly tenant: string;
  readonly sequence: number;
  readonly hmac: string;
}

/** What is searched stands in columns; `body` is the whole ticket. */
export interface TicketRow {
  readonly id: string;
  readonly version: number;
  readonly phase: string;
  readonly is_open: number;
  readonly desk_id: string;
  readonly desk_ticket_id: string | null;
  readonly customer_id: string | null;
  readonly attempts: number;
  readonly not_before_ms: number;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
  readonly body: string;
}

export interface TicketCallRow {
  readonly call_id: string;
  readonly ticket_id: string;
}

export interface DeskCursorRow {
  readonly desk_id: string;
  readonly cursor: string;
}

export interface DeskTicketRow {
  readonly id: string;
  readonly mark: string;
  readonly status: string;
  readonly updated_at_ms: number;
}

/** What is searched stands in columns; `body` is the whole record. */
export interface RecordingRow {
  readonly id: string;
  readonly version: number;
  readonly call_id: string;
  readonly phase: string;
  readonly started_at_ms: number;
  readonly body: string;
}
