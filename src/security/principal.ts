/** Who asks: the owner of a key or ticket, with the rights it carries. */
export interface Principal {
  readonly id: string;
  readonly kind: 'agent' | 'integration' | 'admin';
  /** The only agent that an `agent` principal may act for. */
  readonly agentId?: string;
  readonly scopes: readonly string[];
}
