import { defineErrors } from '../kernel/index.ts';

/** Why a prompt could not be made. What was made before stays. */
export const promptErrors = defineErrors('prompts', {
  none: [400, 'the configuration has no prompts to make', 'write texts under prompts.texts, see docs/entry-flows.md'],
  no_directory: [
    404,
    'the sounds folder of Asterisk is not there',
    'name it in prompts.directory, as this machine sees it',
  ],
  command_failed: [
    500,
    'the command that speaks has failed',
    'try prompts.command by hand; on Debian: apt-get install espeak-ng',
  ],
  not_a_wave: [
    500,
    'the command wrote no WAV file with 16-bit samples',
    'let prompts.command write PCM WAV to {output}',
  ],
  cannot_write: [
    500,
    'the prompt cannot be written',
    'give the user of this command the right to write the sounds folder',
  ],
});
