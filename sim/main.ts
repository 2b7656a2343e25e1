/** `npm run sim`: plays with the server’s own parts in virtual time. */
import { AppError, errorText } from '../src/kernel/index.ts';

interface Command {
  run(words: readonly string[]): Promise<number>;
}

const usage = `Usage: npm run sim -- --seeds N [options] | routing FILE [options] | routing --gates [--json]

  --seeds   simulated days: the whole server, with people and faults, each day by its seed; docs/simulated-days.md
  routing   a contact centre from a scenario file, routed by the real engine in virtual time; docs/simulator.md

--help after a command tells its options. Exit code 0 when all went well, 1 when not, 2 on a wrong option.`;

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  routing: () => import('./routing/command.ts'),
};

async function main([word = '', ...rest]: readonly string[]): Promise<number> {
  if (word === '--help' || word === '-h' || word === 'help') {
    console.log(usage);
    return 0;
  }
  if (word.startsWith('--')) return (await import('./days/command.ts')).run([word, ...rest]);
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (!command) {
    console.error(`${word === '' ? 'a command is missing' : `not a command of sim: ${word}`}\n\n${usage}`);
    return 2;
  }
  return (await command()).run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrongOption = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const mend = error instanceof AppError ? `\nWhat to do: ${error.mend}.` : '';
  console.error(`${error instanceof AppError ? `${error.code}: ` : ''}${errorText(error)}${mend}`);
  process.exitCode = wrongOption ? 2 : 1;
}
