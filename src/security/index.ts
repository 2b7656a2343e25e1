export {
  type ApiKeyRecord,
  createApiKey,
  hashKeySecret,
  type KeyCheck,
  keyChecker,
  keyIdPattern,
  keySecretPattern,
  type NewApiKey,
  parseKeyHash,
} from './api-key.ts';
export { keyHelp, runKeyCommand } from './key-command.ts';
export type { Principal } from './principal.ts';
export { mayUse, type Scope, scopeNames, scopes } from './scopes.ts';
export { Secret } from './secret.ts';
export { compileMask, type Mask, maskNumber } from './mask.ts';
