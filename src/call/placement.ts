/** What the first routing rule that fits says of a call. */
export interface Placement {
  /** The rule's id. */
  readonly rule: string;
  /** Instead of the queue that entry or menu chose. */
  readonly queueId?: string;
  /** Minutes of waiting ahead, beside those of entry and queue. */
  readonly priority?: number;
  /** Skills needed beside the others: skill to lowest level, 0 to 100. */
  readonly needs?: Readonly<Record<string, number>>;
}
