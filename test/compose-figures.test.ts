import { expect, it } from 'vitest';
import { type FigureSources, readFiguresAtScrape } from '../src/compose-figures.ts';
import { createMetrics } from '../src/observability/index.ts';
import { callIn } from './call/fixtures.ts';

const counts = {
  lookups: 30,
  l1Hits: 20,
  sharedHits: 4,
  fetches: 5,
  fetchErrors: 2,
  joinedElsewhere: 1,
  revalidations: 0,
  deadlinesPassed: 0,
  lateAnswers: 0,
  invalidations: 0,
  sharedUnavailable: 0,
  overtaken: 0,
  breakerOpened: 0,
};
const sockets = {
  connections: 9,
  deliveries: 0,
  snapshots: 0,
  acks: 0,
  badFrames: 0,
  refused: 1,
  slowReaders: 2,
  halfOpen: 3,
  coalesced: 6,
  tooMany: 5,
  open: 4,
  held: 0,
  cursorFailures: 0,
};

/** What the metrics say of sources with these adapters' counters, scraped twice. */
async function scrape(adapters: readonly string[], adapter: Readonly<Record<string, number>>): Promise<string> {
  const metrics = createMetrics();
  const calls = [callIn('waiting'), callIn('waiting'), callIn('talking')];
  const sources: FigureSources = {
    board: {
      calls: { all: () => calls.values() },
      figures: () => ({ factsForNobody: 5, strayLegsHungUp: 0, commandsFailed: 2, defects: 1 }),
      desk: {
        decisions: { offer: 7, consult: 0, advised: 0, overflow: 1, wait: 3 },
        openQueues: () => [
          ['sales', true],
          ['night', false],
        ],
      },
    },
    log: { health: () => ({ buffered: 6 }) },
    sockets: { stats: () => sockets },
    lookup: { stats: () => ({ ...counts, adapter }) },
    adapters,
    versions: () =>
      new Map([
        [
          'v1',
          { calls: 9, offers: 8, answered: 6, answeredInTime: 5, abandoned: 2, waitedMs: 4_000, waitedMaxMs: 900 },
        ],
      ]),
    mirror: {
      figures: () => ({
        phases: { waiting: 3, talking: 2 },
        stale: 1,
        shed: { calls: 4, members: 5 },
        pausesFailed: 6,
        errors: 7,
        nodes: [{ nodeId: 'pbx1', readings: 8, failed: 9, ageMs: 10_000 }],
      }),
    },
    links: [
      { node: 'pbx1', link: 'ari', refused: () => 7 },
      { node: 'pbx1', link: 'ami', refused: () => 8 },
    ],
  };
  readFiguresAtScrape(metrics, sources);
  await metrics.text();
  return metrics.text();
}

it('the figures that others keep are told when asked for, and do not add up from scrape to scrape', async () => {
  const text = await scrape(['crm'], { requests: 11, fieldsDropped: 3, 'crm.timeout': 2 });
  for (const line of [
    'calls_live{phase="waiting"} 2',
    'surprises_total{what="commandsFailed"} 2',
    'surprises_total{what="defects"} 1',
    'calls_live{phase="talking"} 1',
    'journal_buffered_events 6',
    'queue_open{queue="sales"} 1',
    'queue_open{queue="night"} 0',
    'subscribers 4',
    'subscriber_events_coalesced_total 6',
    'subscribers_closed_total{reason="tooMany"} 5',
    'subscribers_closed_total{reason="tooSlow"} 2',
    'subscribers_closed_total{reason="noSignOfLife"} 3',
    'subscribers_closed_total{reason="unauthenticated"} 1',
    'pbx_bad_input_total{node="pbx1",link="ari"} 7',
    'pbx_bad_input_total{node="pbx1",link="ami"} 8',
    'lookup_cache_total{level="memory"} 20',
    'lookup_cache_total{level="redis"} 4',
    'lookup_cache_total{level="otherServer"} 1',
    'lookup_cache_total{level="crm"} 3',
    'lookup_cache_total{level="none"} 2',
    'crm_requests_total{adapter="crm"} 11',
    'crm_failures_total{adapter="crm",code="crm.timeout"} 2',
  ]) {
    expect(text.split('\n')).toContain(`ringmaster_${line}`);
  }
  expect(text).not.toContain('fieldsDropped');
});

it('several CRMs are told apart', async () => {
  const text = await scrape(['a', 'b'], { 'a.requests': 1, 'b.requests': 2, 'b.crm.timeout': 3 });
  expect(text).toContain('ringmaster_crm_requests_total{adapter="b"} 2');
  expect(text).toContain('ringmaster_crm_failures_total{adapter="b",code="crm.timeout"} 3');
});

it('tells what is beside app_queue, and what it could not do', async () => {
  const text = await scrape(['crm'], {});
  for (const line of [
    'mirror_calls{phase="talking"} 2',
    'mirror_calls{phase="stale"} 1',
    'mirror_shed_total{what="members"} 5',
    'mirror_pauses_failed_total 6',
    'mirror_errors_total 7',
    'mirror_readings_total{node="pbx1",outcome="failed"} 9',
    'mirror_reading_age_seconds{node="pbx1"} 10',
  ]) {
    expect(text).toContain(`ringmaster_${line}\n`);
  }
});
