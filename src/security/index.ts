export {
  type ApiKeyRecord,
  createApiKey,
  hashKeySecret,
  keyIdPattern,
  keySecretPattern,
  parseKeyHash,
} from './api-key.ts';
export { verifyAudit } from './audit/verify.ts';
export { AuditLog, openAuditChain } from './audit/log.ts';
export type { Audit, AuditEntry, AuditHead } from './audit/ports.ts';
export { type Authenticator, createAuthenticator, type Refusal } from './authenticator.ts';
export { authErrors } from './errors.ts';
export { compileMask, type Mask, maskNumber, maskText, type Seal } from './mask.ts';
export { PasswordHasher } from './password.ts';
export { phoneSealer } from './phone-token.ts';
export { sealNow } from './seal-now.ts';
export type { IdentityStore, UserRecord } from './ports.ts';
export { type Identity, type Principal, type Role, roleNames } from './principal.ts';
export { grantOf, scopesOf } from './roles.ts';
export { mayUse, type Scope, scopeNames, scopes } from './scopes.ts';
export { Secret } from './secret.ts';
export { Sessions } from './sessions.ts';
export { SignIn, type SignedIn, type SignInDesk, type SignInNote } from './sign-in.ts';
export { AccessTokens } from './tokens.ts';
export { InstancePasses } from './instance-passes.ts';
export { KeyRing } from './key-ring.ts';
export { SealedNotes } from './sealed-notes.ts';
export { SharedTickets, type UsedOnce } from './shared-tickets.ts';
export { type NewTicket, Tickets } from './ws-tickets.ts';
