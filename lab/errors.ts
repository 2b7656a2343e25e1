import { AppError, defineErrors } from '../src/kernel/index.ts';

/** What can go wrong in the lab. The lab never pretends: without a part it fails with one of these. */
export const labErrors = defineErrors('lab', {
  tool_missing: [
    500,
    'a tool that the lab needs is not on this machine',
    'install the packages that the message names',
  ],
  install_failed: [
    500,
    'installing packages for the lab failed',
    'read the output in the message and install them by hand',
  ],
  start_failed: [500, 'a lab service did not start', 'read the log whose path the message gives'],
  not_ready: [504, 'a lab service did not become ready in time', 'read the log whose path the message gives'],
  command_failed: [500, 'a command of the lab failed', 'read its output in the message'],
  locked: [409, 'another process is preparing the lab', 'wait for it, or delete the lock file if its owner is dead'],
  already_up: [409, 'the lab is up already', 'run `npm run lab -- down` first'],
  no_port: [500, 'no free port was found', 'close programs that hold many ports'],
  bad_option: [400, 'a lab option is wrong', 'correct it as the message says'],
});

export type LabErrorName = keyof typeof labErrors;

export function labError(name: LabErrorName, detail?: string, cause?: unknown): AppError {
  return new AppError(labErrors[name], detail, cause === undefined ? undefined : { cause });
}
