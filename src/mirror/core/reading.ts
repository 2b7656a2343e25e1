/** What facts have told of a node while it is read: that is newer than what the reading finds. */
export class Reading {
  readonly channels = new Set<string>();
  readonly members = new Set<string>();
  /** A fact made no sense to what is known here, and what it told of is left out of the comparison. */
  isDoubtful = false;
}

/** What is known of the link to one node. */
export interface NodeState {
  lostAtMs?: number | undefined;
  reading?: Reading | undefined;
  /** This reading was asked for because the one before left something out. */
  isRepeated: boolean;
  wasRead: boolean;
}
