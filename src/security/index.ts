export {
  type ApiKeyRecord,
  createApiKey,
  hashKeySecret,
  keyChecker,
  keyIdPattern,
  keySecretPattern,
  parseKeyHash,
} from './api-key.ts';
export { runKeyCommand } from './key-command.ts';
export type { Principal } from './principal.ts';
export { mayUse, type Scope, scopeNames, scopes } from './scopes.ts';
export { Secret } from './secret.ts';
export { compileMask, type Mask, maskNumber } from './mask.ts';
