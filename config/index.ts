export { type AdapterConfig, type Config, configWarnings, type NodeConfig, toQueue } from './config.ts';
export { type SettingRow, settingRows } from './describe.ts';
export { duration, formed, id, path } from './kinds.ts';
export { loadConfig, parseConfig } from './load.ts';
export { recordingCare, recordingWanted } from './recording.ts';
export { ConfigError, type ConfigProblem, type ProblemKind, type Problems } from './problems.ts';
export { Queue } from './schema.ts';
export { readText, readYaml } from './yaml.ts';
