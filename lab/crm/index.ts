export type { CrmBehaviour } from './behaviour.ts';
export type { SampleCustomer } from './data.ts';
export { type SampleCrm, type SampleCrmOptions, startSampleCrm } from './server.ts';
