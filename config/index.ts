export { type AdapterConfig, type Config, configWarnings, type NodeConfig } from './config.ts';
export { type SettingRow, settingRows } from './describe.ts';
export { loadConfig, parseConfig } from './load.ts';
export { recordingCare, recordingWanted } from './recording.ts';
export { ConfigError, type ConfigProblem, type ProblemKind } from './problems.ts';
