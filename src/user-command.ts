import { readFileSync } from 'node:fs';
import { loadConfig } from '../config/index.ts';
import { AppError, defineErrors, errorText, systemClock, systemRng } from './kernel/index.ts';
import { createLogger } from './observability/index.ts';
import { auditKey } from './audit-settings.ts';
import {
  openAuditChain,
  type IdentityStore,
  PasswordHasher,
  type Role,
  roleNames,
  type UserRecord,
} from './security/index.ts';
import { createStores } from './storage/index.ts';
import { storeUrl } from './store-url.ts';

const errors = defineErrors('user', {
  wrong_usage: [400, 'the user command is not complete', 'see npm start -- --help'],
  exists: [409, 'there is a user of that id', 'choose another id, or change that user'],
  unknown: [404, 'there is no such user', 'see npm start -- user list'],
  password_missing: [
    400,
    'no password was given',
    'write it to standard input, into the file of --password-file, or into RINGMASTER_PASSWORD',
  ],
});

export interface UserWish {
  readonly verb: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** Comma-separated. */
  readonly roles: string | undefined;
  readonly agent: string | undefined;
  readonly passwordFile: string | undefined;
}

interface Desk {
  readonly audit: (action: string, id: string) => Promise<void>;
  readonly store: IdentityStore;
  readonly agents: ReadonlySet<string>;
  readonly readPassword: () => Promise<string>;
  readonly say: (line: string) => void;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** `ringmaster user …` on the store of a config file, beside a running server or without one. */
export async function runUserCommand(wish: UserWish, file: string, say: (line: string) => void): Promise<void> {
  const config = loadConfig(file, { env: process.env });
  const parts = { clock: systemClock, rng: systemRng, logger: createLogger({ level: 'silent' }) };
  const stores = createStores({ url: storeUrl(config), statementTimeoutMs: config.store.deadlineMs }, parts);
  try {
    await stores.prepare();
    const agents = new Set(config.agents.map(({ id }) => id));
    const chain = await openAuditChain(stores.audit, auditKey(config));
    const audit = async (action: string, id: string): Promise<void> => {
      const entry = { actor: 'command-line', action, target: `user/${id}` };
      await stores.audit.append(config.tenant, (head) => chain.extend(head, [{ atMs: systemClock.nowMs(), entry }]));
    };
    await userCommand(wish, { audit, store: stores.identity, agents, say, readPassword: () => readPassword(wish) });
  } finally {
    await stores.release();
  }
}

async function userCommand(wish: UserWish, desk: Desk): Promise<void> {
  switch (wish.verb) {
    case 'list':
      return list(desk);
    case 'add':
      return add(wish, desk);
    case 'password':
      return change(wish, desk, async () => ({ password: await hashed(desk) }), 'has a new password; all sessions end');
    case 'disable':
      return change(wish, desk, async () => ({ disabled: true }), 'is disabled; all sessions end');
    case 'enable':
      return change(wish, desk, async () => ({ disabled: false }), 'is enabled');
    case 'remove':
      return remove(wish, desk);
    default:
      throw new AppError(errors.wrong_usage, 'use add, list, password, disable, enable or remove');
  }
}

async function list({ store, say }: Desk): Promise<void> {
  for (const { id, name, roles, agentId, disabled } of await store.users()) {
    say([id, roles.join(','), agentId ?? '-', disabled ? 'disabled' : 'enabled', name].join('\t'));
  }
}

async function add(wish: UserWish, desk: Desk): Promise<void> {
  const id = idOf(wish);
  const roles = rolesOf(wish.roles);
  const { agent } = wish;
  if (agent !== undefined && !desk.agents.has(agent))
    throw new AppError(errors.wrong_usage, `the configuration has no agent ${agent}`);
  if (roles.includes('agent') && agent === undefined)
    throw new AppError(errors.wrong_usage, 'the role agent needs --agent ID');
  const atMs = systemClock.nowMs();
  const user: UserRecord = {
    id,
    name: wish.name ?? id,
    roles,
    ...(agent === undefined ? {} : { agentId: agent }),
    password: await hashed(desk),
    disabled: false,
    generation: 1,
    createdAtMs: atMs,
    changedAtMs: atMs,
  };
  if (!(await desk.store.addUser(user))) throw new AppError(errors.exists, id);
  await desk.audit('user.add', id);
  desk.say(`user ${id} is added`);
}

async function change(
  wish: UserWish,
  { store, say, audit }: Desk,
  make: () => Promise<{ readonly password?: string; readonly disabled?: boolean }>,
  done: string,
): Promise<void> {
  const id = idOf(wish);
  if (!(await store.user(id))) throw new AppError(errors.unknown, id);
  const endSessions = wish.verb !== 'enable';
  await store.changeUser(id, await make(), { atMs: systemClock.nowMs(), endSessions });
  await audit(`user.${wish.verb}`, id);
  say(`user ${id} ${done}`);
}

async function remove(wish: UserWish, { store, say, audit }: Desk): Promise<void> {
  const id = idOf(wish);
  if (!(await store.removeUser(id))) throw new AppError(errors.unknown, id);
  await audit('user.remove', id);
  say(`user ${id} is removed; all sessions end`);
}

function idOf({ id }: UserWish): string {
  if (id === undefined || !idPattern.test(id))
    throw new AppError(errors.wrong_usage, 'give --id: letters, digits, ".", "_", "@", "-", at most 64');
  return id;
}

function rolesOf(text: string | undefined): readonly Role[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  const known = names.filter((name): name is Role => roleNames.some((role) => role === name));
  if (known.length === 0 || known.length < names.length)
    throw new AppError(errors.wrong_usage, `give --roles, some of ${roleNames.join(', ')}`);
  return [...new Set(known)];
}

async function hashed({ readPassword: read }: Desk): Promise<string> {
  return new PasswordHasher().hash(await read());
}

/** Never an argument: those are seen by everybody on the machine. */
async function readPassword({ passwordFile }: UserWish): Promise<string> {
  const text =
    passwordFile === undefined ? (process.env.RINGMASTER_PASSWORD ?? (await standardInput())) : fileText(passwordFile);
  const [password = ''] = text.split(/\r?\n/, 1);
  if (password === '') throw new AppError(errors.password_missing);
  return password;
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(errors.password_missing, errorText(cause), { cause });
  }
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password (shown as you type): ');
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > 4_096) break;
  }
  return text;
}
