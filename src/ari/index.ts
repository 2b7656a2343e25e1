export { advisoriesFor } from './advisories.ts';
export { createAriLink } from './client.ts';
export { ARI_CLIENT_EXCLUSIONS } from './drivers/exclusions.ts';
export { AriError, ariErrors } from './errors.ts';
export type { AriLinkOptions } from './options.ts';
export { createAriPbx } from './pbx.ts';
export { StoredRecordings } from './stored-recordings.ts';
export type { AriLink, AriLinkChange, AriMessage } from './ports.ts';
export { ToldLink } from './told.ts';
