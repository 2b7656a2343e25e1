export { type AmiLinkDeps, createAmiLink } from './client.ts';
export {
  type DeviceWatch,
  type DeviceWatchDeps,
  type DeviceWatchOptions,
  defaultDeviceWatchOptions,
  watchDevices,
} from './device-watch.ts';
export { createDevicePort } from './device-port.ts';
export { packageExclusions } from './drivers/asterisk-manager.ts';
export { amiErrors } from './errors.ts';
export { unescapeC } from './escape.ts';
export {
  type AmiLimits,
  type AmiLinkOptions,
  type AmiTlsOptions,
  defaultAmiLimits,
  defaultEventMask,
} from './options.ts';
export { type DialTarget, dialString, originateFields } from './originate.ts';
export type * from './ports.ts';
export { translateAmiEvent } from './translate.ts';
