/** Counters since the start; all only grow. */
export interface LookupCounters {
  lookups: number;
  /** Answers by where they were found. */
  l1Hits: number;
  sharedHits: number;
  /** Questions that went to the CRM, and those that another instance asked for us. */
  fetches: number;
  fetchErrors: number;
  joinedElsewhere: number;
  revalidations: number;
  deadlinesPassed: number;
  lateAnswers: number;
  invalidations: number;
  sharedUnavailable: number;
  /** Answers not kept because an invalidation overtook them. */
  overtaken: number;
}

export const newCounters = (): LookupCounters => ({
  lookups: 0,
  l1Hits: 0,
  sharedHits: 0,
  fetches: 0,
  fetchErrors: 0,
  joinedElsewhere: 0,
  revalidations: 0,
  deadlinesPassed: 0,
  lateAnswers: 0,
  invalidations: 0,
  sharedUnavailable: 0,
  overtaken: 0,
});
