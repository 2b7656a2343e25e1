export type {
  AdapterConfig,
  AmiConfig,
  AriConfig,
  Config,
  LookupConfig,
  NodeConfig,
  RedisConfig,
  ServerConfig,
  StoreConfig,
} from './config.ts';
export { type SettingRow, settingRows } from './describe.ts';
export { type LoadOptions, loadConfig, parseConfig } from './load.ts';
export { ConfigError, type ConfigProblem, configErrors, type ProblemKind } from './problems.ts';
