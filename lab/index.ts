export { asteriskCli } from './asterisk/cli.ts';
export type { AsteriskOptions, LabPhone } from './asterisk/options.ts';
export { type AsteriskAddress, type LabAsterisk, startAsterisk } from './asterisk/start.ts';
export { freeTcpPort, freeUdpPort } from './ports.ts';
