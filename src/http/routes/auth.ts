import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import { authErrors, roleNames, type SignedIn, scopesOf } from '../../security/index.ts';
import type { SignInParts } from '../deps.ts';
import { TooManyError } from '../rate-limit.ts';
import { failures, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const tags = ['sign-in'];
const TimeMs = (description: string) => Type.Integer({ description: `${description}, Unix milliseconds` });

const UserBody = Type.Object({
  id: Type.String(),
  name: Type.String(),
  roles: Type.Array(Type.Enum([...roleNames])),
  agentId: Type.Optional(Type.String({ description: 'The agent as whom the person takes calls' })),
  scopes: Type.Array(Type.String()),
});

const SignedInBody = Type.Object({
  accessToken: Type.String({ description: 'For Authorization: Bearer …; keep it in memory' }),
  accessExpiresAtMs: TimeMs('When the access token expires'),
  refreshToken: Type.String({ description: 'Good once, at /v1/auth/refresh' }),
  sessionExpiresAtMs: TimeMs('When the password is needed again'),
  user: UserBody,
});

const LoginBody = strict({
  user: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]*$' }),
  password: Type.String({ minLength: 1, maxLength: 256 }),
});
const RefreshBody = strict({ refreshToken: Type.String({ minLength: 1, maxLength: 128 }) });

const MeBody = Type.Object({
  id: Type.String({ description: 'Id of the key, or user: and the id of the user' }),
  kind: Type.Enum([...roleNames]),
  agentId: Type.Optional(Type.String()),
  scopes: Type.Array(Type.String()),
  session: Type.Optional(Type.Object({ id: Type.String(), tokenExpiresAtMs: TimeMs('When the token expires') })),
});

/** Signing in and out, and tickets for the WebSocket. */
export function authRoutes(api: Api, { desk, tickets }: SignInParts): void {
  const open = guarded('open', 'login');
  api.post(
    '/v1/auth/login',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'login',
        summary: 'Sign in with user and password',
        body: LoginBody,
        response: { 200: SignedInBody, ...failures(400, 401, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const outcome = await desk.login(request.body, from(request));
      if (outcome.kind === 'slowed') throw new TooManyError(outcome.retryAfterMs, authErrors.login_slowed);
      if (outcome.kind === 'wrong') throw new AppError(authErrors.login_wrong);
      return signedInBody(outcome.signedIn);
    },
  );

  api.post(
    '/v1/auth/refresh',
    {
      config: open.config,
      schema: {
        tags,
        security: open.security,
        operationId: 'refresh',
        summary: 'Trade the refresh token for new tokens; the old one is used up',
        body: RefreshBody,
        response: { 200: SignedInBody, ...failures(400, 401, 413, 415, 429, 503) },
      },
    },
    async (request) => {
      const outcome = await desk.refresh(request.body.refreshToken, from(request));
      if (outcome.kind === 'in') return signedInBody(outcome.signedIn);
      throw new AppError(refreshRefusals[outcome.kind]);
    },
  );

  const known = guarded('known');
  api.post(
    '/v1/auth/logout',
    {
      config: known.config,
      schema: {
        tags,
        security: known.security,
        operationId: 'logout',
        summary: 'End the session: its tokens and sockets are dead',
        response: { 204: Type.Null(), ...failures(401, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      const session = request.identity?.session;
      if (!session) throw new AppError(authErrors.no_session);
      await desk.logout(session, from(request));
      return reply.status(204).send(null);
    },
  );

  api.get(
    '/v1/auth/me',
    {
      config: known.config,
      schema: {
        tags,
        security: known.security,
        operationId: 'me',
        summary: 'Who the key or token belongs to, and what it may do',
        response: { 200: MeBody, ...failures(401, 429, 503) },
      },
    },
    async ({ identity }) => {
      if (!identity) throw new AppError(authErrors.token_wrong);
      const { principal, session } = identity;
      const { id, kind, agentId, scopes } = principal;
      return {
        id,
        kind,
        scopes: [...(kind === 'admin' ? scopesOf(['admin']) : scopes)],
        ...(agentId === undefined ? {} : { agentId }),
        ...(session ? { session: { id: session.id, tokenExpiresAtMs: session.expiresAtMs } } : {}),
      };
    },
  );

  api.post(
    '/v1/auth/ws-ticket',
    {
      config: known.config,
      schema: {
        tags,
        security: known.security,
        operationId: 'wsTicket',
        summary: 'A ticket for the first frame of a WebSocket; good once, for 30 seconds',
        response: {
          200: Type.Object({ ticket: Type.String(), expiresAtMs: TimeMs('When the ticket expires') }),
          ...failures(401, 429, 503),
        },
      },
    },
    async ({ identity }) => {
      if (!identity) throw new AppError(authErrors.token_wrong);
      return tickets.issue(identity);
    },
  );
}

const refreshRefusals = {
  wrong: authErrors.refresh_wrong,
  reused: authErrors.refresh_reused,
  ended: authErrors.session_ended,
};

const from = (request: FastifyRequest) => ({ address: request.ip });

function signedInBody({ user, accessToken, accessExpiresAtMs, refreshToken, sessionExpiresAtMs }: SignedIn) {
  const { id, name, roles, agentId } = user;
  return {
    accessToken,
    accessExpiresAtMs,
    refreshToken,
    sessionExpiresAtMs,
    user: {
      id,
      name,
      roles: [...roles],
      ...(agentId === undefined ? {} : { agentId }),
      scopes: [...scopesOf(roles)],
    },
  };
}
