export { countEvent, logDecision, type WatchedEvent } from './committed.ts';
export { createLogger, type LoggerOptions, type LogLevel, logLevels } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export {
  type CheckHandle,
  createReadiness,
  type Readiness,
  type ReadinessCheck,
  type ReadinessReport,
} from './readiness.ts';
