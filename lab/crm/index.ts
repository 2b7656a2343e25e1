export { type SampleCrm, startSampleCrm } from './server.ts';
