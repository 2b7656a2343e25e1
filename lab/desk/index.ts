export { type SampleDesk, startSampleDesk } from './server.ts';
