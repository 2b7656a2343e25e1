export { asteriskCli } from './asterisk/cli.ts';
export {
  type CrmBehaviour,
  type SampleCrm,
  type SampleCrmOptions,
  type SampleCustomer,
  startSampleCrm,
} from './crm/index.ts';
export type { AsteriskOptions, LabPhone } from './asterisk/options.ts';
export { type AsteriskAddress, type LabAsterisk, startAsterisk } from './asterisk/start.ts';
export { freeTcpPort, freeUdpPort } from './ports.ts';
export type { CallOptions, CallResult, SipCall } from './sip/call.ts';
export { type CallsOptions, fictionalMobile, placeCalls, SipCaller, type SipTarget } from './sip/caller.ts';
export type { CallerOptions } from './sip/caller-scenarios.ts';
export { placeSippCalls, type SippCallsOptions, type SippCallsResult } from './sip/sipp-caller.ts';
export { type SippPhone, startPhone } from './sip/phone.ts';
export type { PhoneOptions } from './sip/scenarios.ts';
export { type PostgresOptions, startPostgres } from './postgres.ts';
export { type RedisOptions, startRedis } from './redis.ts';
export type { LabService } from './service.ts';
export { becomesTrue, cpuMs } from './process.ts';
