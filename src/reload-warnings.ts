import { configErrors, differences, isLive } from '../config/index.ts';

/** Of a file that was read anew, what is not as the file says, and why. */
export interface ReloadWarning {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  /** Keys of the file, such as `server.port`. */
  readonly keys: readonly string[];
}

type Digests = Readonly<Record<string, string>>;

/** Keys that say something else than at the start, and need a restart. */
export function startKeys(atStart: Digests, now: Digests): readonly string[] {
  return differences(atStart, now).filter((key) => !isLive(key) && !isPrompt(key));
}

/** Whether prompts say something else than when the file was read last: they are spoken by a command, not by the server. */
export const promptKeys = (last: Digests, now: Digests): readonly string[] => differences(last, now).filter(isPrompt);

/** `doubts`: about opening hours, in sentences; see `configWarnings`. */
export function warningsFor(
  restart: readonly string[],
  prompts: readonly string[],
  doubts: readonly string[],
): readonly ReloadWarning[] {
  const { restart_needed: needed, prompts_changed: changed, doubtful } = configErrors;
  return [
    ...(restart.length > 0 ? [warning(needed, restart)] : []),
    ...(prompts.length > 0 ? [warning(changed, prompts)] : []),
    ...doubts.map((message) => ({ ...warning(doubtful, ['schedules']), message })),
  ];
}

/** Callers wait for skills, or in queues, that the file does not have any more. */
export function strandedWarning(
  key: 'skills' | 'queues',
  names: readonly string[],
  callers: number,
): readonly ReloadWarning[] {
  if (callers === 0) return [];
  const who = callers === 1 ? '1 caller waits' : `${callers} callers wait`;
  const where = `${key === 'skills' ? 'for' : 'in'} ${names.join(', ')}`;
  const message = `${who} ${where}, gone from the file: no agent of it has this, and only their steps or overflow help`;
  const mend = 'roll back, and rename in two steps: add the new name, remove the old one when nobody waits for it';
  return [{ code: configErrors.doubtful.code, message, mend, keys: [key] }];
}

const isPrompt = (key: string): boolean => key.startsWith('prompts.');

const warning = (
  { code, meaning, mend }: { readonly code: string; readonly meaning: string; readonly mend: string },
  keys: readonly string[],
): ReloadWarning => ({ code, message: meaning, mend, keys });
