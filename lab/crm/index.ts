export type { CrmBehaviour, Failure } from './behaviour.ts';
export type { ClientCredentials } from './chained.ts';
export { type SampleCustomer, type SampleData, type SampleOrder, type SampleTicket, sampleData } from './data.ts';
export { type SampleCrm, type SampleCrmOptions, startSampleCrm } from './server.ts';
