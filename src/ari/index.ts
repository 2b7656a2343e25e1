export { ARI_CLIENT_EXCLUSIONS } from './drivers/exclusions.ts';
export { type AriDeps, createAriLink } from './client.ts';
export { AriError, ariErrors } from './errors.ts';
export { ARI_LIMITS, type AriLimits, type AriLinkOptions } from './options.ts';
export { ARI_PBX_OPTIONS, type AriPbxOptions, createAriPbx } from './pbx.ts';
export type {
  AriBody,
  AriLink,
  AriLinkChange,
  AriLinkState,
  AriMessage,
  AriParams,
  AriResponse,
  AriStats,
  UnknownEvent,
} from './ports.ts';
