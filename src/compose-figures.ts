import type { Switchboard, SwitchboardOptions } from './bridge/index.ts';
import type { ManagedLookup } from './crm/index.ts';
import type { EventLog, EventSockets } from './events/index.ts';
import type { MirrorDesk } from './mirror/index.ts';
import { type Metrics, setTotals, type VersionFigures } from './observability/index.ts';

/** How many messages of a PBX were refused over one link, since the start. */
export interface LinkFigures {
  readonly node: string;
  readonly link: 'ari' | 'ami';
  readonly refused: () => number;
}

export interface FigureSources {
  readonly board: Pick<Switchboard, 'figures'> & {
    readonly calls: Pick<Switchboard['calls'], 'all'>;
    readonly desk: Pick<Switchboard['desk'], 'decisions' | 'openQueues'>;
  };
  readonly log: { health(): Pick<ReturnType<EventLog['health']>, 'buffered'> };
  readonly sockets: Pick<EventSockets, 'stats'> | undefined;
  readonly lookup: Pick<ManagedLookup, 'stats'>;
  /** Ids of the CRM adapters, in order. */
  readonly adapters: readonly string[];
  readonly links: readonly LinkFigures[];
  /** By version of the rules, what came of its calls. */
  readonly versions: () => ReadonlyMap<string, VersionFigures>;
  /** What app_queue routes beside us. */
  readonly mirror?: Pick<MirrorDesk, 'figures'> | undefined;
}

/** Measures how long the server decides: on one message of the PBX, and within it in the routing engine. */
export function timed(
  metrics: Pick<Metrics, 'decision' | 'routingStep'>,
  stopwatch: () => () => number,
): Required<Pick<SwitchboardOptions, 'aroundFact' | 'aroundStep'>> {
  return {
    aroundFact: (handle) => {
      const elapsed = stopwatch();
      handle();
      metrics.decision.observe(elapsed());
    },
    aroundStep: (step) => {
      const elapsed = stopwatch();
      const outputs = step();
      metrics.routingStep.observe(elapsed());
      return outputs;
    },
  };
}

/** Figures that their owners count anyway: read when somebody asks for the metrics, which costs a call nothing. */
export function readFiguresAtScrape(metrics: Metrics, sources: FigureSources): void {
  const { board, log, sockets, lookup, adapters, links, versions, mirror } = sources;
  metrics.beforeScrape(() => {
    metrics.callsLive.reset();
    for (const call of board.calls.all()) metrics.callsLive.inc({ phase: call.phase });
    metrics.queueOpen.reset();
    for (const [queue, open] of board.desk.openQueues()) metrics.queueOpen.set({ queue }, open ? 1 : 0);
    metrics.journalBuffered.set(log.health().buffered);
    setTotals(
      metrics.surprises,
      Object.entries(board.figures()).map(([what, count]) => [{ what }, count]),
    );
    setTotals(
      metrics.pbxBadInput,
      links.map(({ node, link, refused }) => [{ node, link }, refused()]),
    );
    setTotals(
      metrics.decisions,
      Object.entries(board.desk.decisions).map(([outcome, count]) => [{ outcome }, count]),
    );
    readVersions(metrics, versions());
    if (mirror) readMirror(metrics, mirror.figures());
    if (sockets) readSocketFigures(metrics, sockets.stats());
    readLookup(metrics, lookup.stats(), adapters);
  });
}

/** Versions that are forgotten leave the metrics, so that their number stays bounded. */
function readVersions(metrics: Metrics, versions: ReadonlyMap<string, VersionFigures>): void {
  const all = [...versions];
  setTotals(
    metrics.ruleCalls,
    all.flatMap(([version, { calls, answered, answeredInTime, abandoned }]) => [
      [{ version, outcome: 'answeredInTime' }, answeredInTime],
      [{ version, outcome: 'answeredLate' }, answered - answeredInTime],
      [{ version, outcome: 'abandoned' }, abandoned],
      [{ version, outcome: 'other' }, calls - answered - abandoned],
    ]),
  );
  setTotals(
    metrics.ruleOffers,
    all.map(([version, { offers }]) => [{ version }, offers]),
  );
  setTotals(
    metrics.ruleWait,
    all.map(([version, { waitedMs }]) => [{ version }, waitedMs / 1000]),
  );
}

function readMirror(metrics: Metrics, figures: ReturnType<MirrorDesk['figures']>): void {
  const { phases, stale, shed, pausesFailed, errors, nodes } = figures;
  metrics.mirrorCalls.reset();
  for (const [phase, count] of Object.entries({ ...phases, stale })) metrics.mirrorCalls.set({ phase }, count);
  setTotals(metrics.mirrorShed, [
    [{ what: 'calls' }, shed.calls],
    [{ what: 'members' }, shed.members],
  ]);
  setTotals(metrics.mirrorPausesFailed, [[{}, pausesFailed]]);
  setTotals(metrics.mirrorErrors, [[{}, errors]]);
  setTotals(
    metrics.mirrorReadings,
    nodes.flatMap(({ nodeId: node, readings, failed }) => [
      [{ node, outcome: 'done' }, readings],
      [{ node, outcome: 'failed' }, failed],
    ]),
  );
  for (const { nodeId: node, ageMs } of nodes) {
    if (ageMs !== undefined) metrics.mirrorReadAge.set({ node }, ageMs / 1000);
  }
}

/** Readers of the event stream, as the metrics tell them. */
export function readSocketFigures(
  metrics: Metrics,
  { open, slowReaders, halfOpen, refused, tooMany, coalesced }: ReturnType<EventSockets['stats']>,
): void {
  metrics.subscribers.set(open);
  setTotals(metrics.coalesced, [[{}, coalesced]]);
  setTotals(metrics.subscribersClosed, [
    [{ reason: 'tooSlow' }, slowReaders],
    [{ reason: 'noSignOfLife' }, halfOpen],
    [{ reason: 'unauthenticated' }, refused],
    [{ reason: 'tooMany' }, tooMany],
  ]);
}

function readLookup(metrics: Metrics, stats: ReturnType<ManagedLookup['stats']>, adapters: readonly string[]): void {
  setTotals(metrics.lookupCache, [
    [{ level: 'memory' }, stats.l1Hits],
    [{ level: 'redis' }, stats.sharedHits],
    [{ level: 'otherServer' }, stats.joinedElsewhere],
    [{ level: 'crm' }, stats.fetches - stats.fetchErrors],
    [{ level: 'none' }, stats.fetchErrors],
  ]);
  const named = Object.entries(stats.adapter).map(([name, count]) => ({ ...adapterOf(name, adapters), count }));
  setTotals(
    metrics.crmRequests,
    named.filter(({ what }) => what === 'requests').map(({ adapter, count }) => [{ adapter }, count]),
  );
  setTotals(
    metrics.crmFailures,
    named.filter(({ what }) => what.includes('.')).map(({ adapter, what, count }) => [{ adapter, code: what }, count]),
  );
}

/** Several adapters put their id before the name of a counter; one alone does not. */
function adapterOf(name: string, adapters: readonly string[]): { adapter: string; what: string } {
  const [only = 'none', ...more] = adapters;
  if (more.length === 0) return { adapter: only, what: name };
  const adapter = adapters.find((id) => name.startsWith(`${id}.`)) ?? 'none';
  return { adapter, what: name.slice(adapter.length + 1) };
}
