export { countEvent, logDecision, type WatchedEvent } from './committed.ts';
export { LinkWatch } from './links.ts';
export { createLogger, logLevels } from './logger.ts';
export { measuredLoopDelay, watchLoop } from './loop-watch.ts';
export { VersionCounter, type VersionFigures } from './version-figures.ts';
export { createMetrics, type Metrics, setTotals } from './metrics.ts';
export {
  createReadiness,
  type Readiness,
  type ReadinessReport,
} from './readiness.ts';
