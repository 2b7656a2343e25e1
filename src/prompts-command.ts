import { loadConfig } from '../config/index.ts';
import { AppError } from './kernel/index.ts';
import { buildPrompts, promptErrors } from './prompts/index.ts';

export const promptsHelp = `ringmaster prompts build --config FILE

Speaks the texts under prompts: of the configuration by the command given there (espeak-ng when none is), and writes
them where Asterisk looks: DIRECTORY/LANGUAGE/ringmaster/NAME.wav, 8 kHz. What has not changed since is left alone.
A language in which a prompt has no text gets that of prompts.fallback. In the configuration: prompt:NAME.

Needs the right to write prompts.directory. Asterisk on another machine: copy the folders ringmaster/ there.
`;

/** `ringmaster prompts …`. Throws `prompts.*`. */
export async function runPromptsCommand(
  verb: string | undefined,
  file: string,
  print: (text: string) => void,
): Promise<void> {
  if (verb !== 'build') return print(promptsHelp);
  const { prompts } = loadConfig(file, { env: process.env });
  if (!prompts) throw new AppError(promptErrors.none);
  const made = await buildPrompts(prompts, ({ done, all, spoken, isNew }) => {
    const instead = spoken.textLanguage === spoken.language ? '' : ` (in ${spoken.textLanguage})`;
    print(`[${done}/${all}] ${spoken.language}/${spoken.name}${instead}${isNew ? '' : '  unchanged'}\n`);
  });
  print(`${made} made, in ${prompts.directory}\n`);
}
