import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a warm in-process answer to a CRM that takes its whole timeout. */
const lookupBuckets = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5];
/** Seconds; a decision is computing only, so the scale is fine. */
const decisionBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1];
/** Seconds: two microseconds to five milliseconds. */
const stepBuckets = [0.000002, 0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.00025, 0.001, 0.005];
/** Seconds that a caller waits. */
const waitBuckets = [1, 5, 10, 20, 30, 60, 120, 300, 600];

/**
 * The server's metrics in Prometheus form, with Node's own (`nodejs_eventloop_lag_*`, memory, CPU) beside them.
 * Labels come from config or from closed lists, never from callers, so their number is bounded.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const collectors: (() => void)[] = [];
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `ringmaster_${name}`, help, labelNames, registers });
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name: `ringmaster_${name}`, help, labelNames, registers });
  const histogram = <L extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram<L>({ name: `ringmaster_${name}`, help, buckets, labelNames, registers });

  return {
    callsArrived: counter('calls_arrived_total', 'Calls handed to us, by entry', ['entry']),
    callsEnded: counter('calls_ended_total', 'Calls that ended, by entry and reason', ['entry', 'reason']),
    queueOpen: gauge('queue_open', 'Whether a queue with hours of its own is open: 1 or 0', ['queue']),
    callsOverflowed: counter('calls_overflowed_total', 'Calls that left their queue by rule, by reason', ['reason']),
    menus: counter('menus_left_total', 'Callers who left a keypad menu, by entry and outcome', ['entry', 'outcome']),
    callsLive: gauge('calls_live', 'Calls alive now, by phase', ['phase']),
    offers: counter('offers_total', 'Offers made to agents, by who routed and outcome', ['router', 'outcome']),
    callerWait: histogram('caller_wait_seconds', 'Wait of callers until they hear an agent', waitBuckets, ['router']),
    decision: histogram('decision_seconds', 'Time to decide on one fact', decisionBuckets),
    routingStep: histogram('routing_step_seconds', 'Time of one decision of the routing engine', stepBuckets),
    decisions: counter('routing_decisions_total', 'What routing decided, by outcome', ['outcome']),
    ruleCalls: counter('rules_calls_total', 'Calls that ended after a queue, by version of the rules and outcome', [
      'version',
      'outcome',
    ]),
    ruleOffers: counter('rules_offers_total', 'Offers made, by version of the rules', ['version']),
    ruleWait: counter('rules_wait_seconds_total', 'Waits of ended calls together, by version of the rules', [
      'version',
    ]),
    lookup: histogram('lookup_seconds', 'Time until a lookup settled, by status', lookupBuckets, ['status']),
    lookupCache: counter('lookup_cache_total', 'Answers of the lookup, by where they were found', ['level']),
    crmRequests: counter('crm_requests_total', 'Requests sent to the CRM, by adapter', ['adapter']),
    crmFailures: counter('crm_failures_total', 'Questions that a CRM did not answer, by adapter and error code', [
      'adapter',
      'code',
    ]),
    eventsCommitted: counter('events_committed_total', 'Events in the log, by type', ['type']),
    eventsLost: counter('events_lost_total', 'Events that the full write buffer could not take'),
    journalBuffered: gauge('journal_buffered_events', 'Events that wait for the store'),
    subscribers: gauge('subscribers', 'Readers of the event stream'),
    coalesced: counter(
      'subscriber_events_coalesced_total',
      'Events that a newer one replaced on its way to a slow reader',
    ),
    subscribersClosed: counter('subscribers_closed_total', 'Readers that we closed, by reason', ['reason']),
    pbxLink: gauge('pbx_link_up', 'Whether a link to a PBX node stands: 1 or 0', ['node', 'link']),
    reconciled: counter('reconciled_total', 'What comparisons with the PBX found, after starts and lost links', [
      'node',
      'router',
      'what',
    ]),
    mirrorCalls: gauge('mirror_calls', 'Calls of app_queue that are known now, by phase; stale ones again as such', [
      'phase',
    ]),
    mirrorShed: counter('mirror_shed_total', 'Calls and members of app_queue beyond the limits', ['what']),
    mirrorPausesFailed: counter('mirror_pauses_failed_total', 'Pauses that the PBX did not take over'),
    mirrorErrors: counter('mirror_errors_total', 'Steps of the mirror of app_queue that failed'),
    mirrorReadings: counter('mirror_readings_total', 'Readings of app_queue, by outcome', ['node', 'outcome']),
    mirrorReadAge: gauge('mirror_reading_age_seconds', 'Age of the last reading of app_queue', ['node']),
    pbxBadInput: counter('pbx_bad_input_total', 'Messages of the PBX that were refused', ['node', 'link']),
    surprises: counter('surprises_total', 'What should not happen often in call control, by what it was', ['what']),
    loopAlarms: counter('event_loop_alarms_total', 'Times that the event loop was held up for longer than its limit'),
    owner: gauge('cluster_owner', 'Whether this instance owns the calls of its shard: 1 or 0'),
    takeOvers: counter('cluster_take_overs_total', 'Times that this instance became the owner'),
    stepDowns: counter('cluster_step_downs_total', 'Times that this instance lost the shard, by reason', ['reason']),
    relayedEvents: counter('relayed_events_total', 'Events for the other instances, by outcome', ['outcome']),
    followedEvents: counter('followed_events_total', 'Events of the owner, by where they were read', ['source']),
    followerHoles: counter('follower_holes_total', 'Times that events were missing in the stream of the owner'),
    followerLag: gauge('follower_lag_events', 'Events of the owner that are heard of and not yet given out'),
    forwarded: counter('forwarded_requests_total', 'Requests handed on to the owner, by outcome', ['outcome']),
    httpRequests: histogram('http_request_seconds', 'Answers of the API', lookupBuckets, ['route', 'status']),
    /** All metrics in the text format, for `/metrics`. */
    text: (): Promise<string> => {
      for (const collect of collectors) collect();
      return registry.metrics();
    },
    /** Runs before each scrape: for figures that somebody else keeps. */
    beforeScrape: (collect: () => void): void => {
      collectors.push(collect);
    },
    contentType: registry.contentType,
  };
}

/** Makes a counter say the totals that somebody else counts. */
export function setTotals<L extends string>(
  counter: Counter<L>,
  totals: readonly (readonly [labels: Readonly<Record<L, string>>, total: number])[],
): void {
  counter.reset();
  for (const [labels, total] of totals) counter.inc(labels, total);
}

export type Metrics = ReturnType<typeof createMetrics>;
