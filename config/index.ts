export { type CheckConfig, checkIdOf } from './checks.ts';
export { checkQueueRules, type RuledAgent } from './check-rules.ts';
export {
  type AdapterConfig,
  type Config,
  configWarnings,
  type NodeConfig,
  type RulesData,
  rulesOf,
  schedulesOf,
  toQueue,
} from './config.ts';
export { type SettingRow, settingRows } from './describe.ts';
export { differences } from './digests.ts';
export { duration, formed, id, path } from './kinds.ts';
export { levels } from './levels.ts';
export { isLive } from './live.ts';
export { loadConfig, parseConfig } from './load.ts';
export { ConfigError, configErrors, type ConfigProblem, type ProblemKind, type Problems } from './problems.ts';
export { EdgeSection } from './queue-rules.ts';
export { recordingCare } from './recording.ts';
export { Queue } from './schema.ts';
export { type Rollout, toRollout } from './routing.ts';
export { readText, readYaml } from './yaml.ts';
