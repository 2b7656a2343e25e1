import type { LogEvent } from './event.ts';

/** Called with committed events only, in order, without holes. */
export type CommitListener = (events: readonly LogEvent[]) => void;

/** A log as its readers see it: that of the writer itself, or what an instance beside it knows of it. */
export interface CommittedLog {
  /** Names the log; sequences of another epoch cannot be compared. */
  readonly epoch: string;
  /** The sequence of the newest event that listeners have been given. */
  readonly lastCommitted: number;
  /** The sequence of the newest gap given out that lost something; a replay from before it cannot be complete. */
  readonly lastGap: number;
  onCommitted(listener: CommitListener): void;
  /**
   * Whether the log has come to this sequence, or will in a moment: a follower may be a little behind a reader who
   * comes over from the writer.
   */
  reaches(sequence: number): boolean | Promise<boolean>;
}
