import { AppError, errorText } from '../src/kernel/index.ts';
import { prepareLab } from './provision.ts';
import { isRunning, type LabState, type RunningPart, readState } from './state.ts';
import { labDown, labUp } from './up.ts';

const usage = `Usage: npm run lab -- up | down | status | prepare

A real Asterisk, Redis, PostgreSQL and a sample CRM on this machine, on free loopback ports.
  up      starts them, prints their addresses and a configuration to start from
  status  says what runs and where
  down    ends them and removes their data
  prepare installs whatever the tests and the demo need and this machine lacks, and starts nothing

Asterisk on PATH is used; otherwise one is unpacked from Debian packages into $RINGMASTER_CACHE,
$XDG_CACHE_HOME/ringmaster or ~/.cache/ringmaster, which takes root on Debian or Ubuntu.
`;

const commands: Readonly<Record<string, () => Promise<number>>> = { up, down, status, prepare };

async function main(words: readonly string[]): Promise<number> {
  const [word = '', ...rest] = words;
  if (word === '--help' || word === '-h' || word === 'help') return print(usage);
  const command = rest.length === 0 && Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (!command) {
    process.stderr.write(`${word ? `not a lab command: ${words.join(' ')}` : 'a command is missing'}\n\n${usage}`);
    return 2;
  }
  try {
    return await command();
  } catch (error) {
    process.stderr.write(error instanceof AppError ? explain(error) : `${errorText(error)}\n`);
    return 1;
  }
}

function explain(error: AppError): string {
  const cause = error.cause === undefined ? '' : `${errorText(error.cause)}\n`;
  return `${error.code}: ${error.message}\n${cause}What to do: ${error.mend}.\n`;
}

async function up(): Promise<number> {
  const state = await labUp();
  print(table(state.parts));
  return print(`\nA configuration to start from:\n\n${state.exampleConfig}\n${environmentHint(state)}`);
}

async function down(): Promise<number> {
  const ended = await labDown();
  return print(ended.length > 0 ? `Ended ${ended.join(', ')}.\n` : 'The lab was not up.\n');
}

async function prepare(): Promise<number> {
  await prepareLab();
  return print('Everything that the lab needs is here.\n');
}

/** Exit code 0 when all of it runs, 3 otherwise, so that scripts can ask. */
async function status(): Promise<number> {
  const state = readState();
  if (!state) {
    print('The lab is not up. `npm run lab -- up` starts it.\n');
    return 3;
  }
  print(`${table(state.parts)}\n${environmentHint(state)}`);
  return state.parts.every(isRunning) ? 0 : 3;
}

const table = (parts: readonly RunningPart[]): string => parts.map(rows).join('');

function rows(part: RunningPart): string {
  const head = `${part.name.padEnd(12)} ${isRunning(part) ? 'running' : 'STOPPED'}, pid ${part.pid}\n`;
  return head + part.addresses.map(([label, value]) => `  ${label.padEnd(10)} ${value}\n`).join('');
}

/** Made-up secrets of a lab on loopback: showing them is what lets a person use it. */
const environmentHint = (state: LabState): string =>
  `Environment:\n${Object.entries(state.environment)
    .map(([name, value]) => `  export ${name}=${value}\n`)
    .join('')}`;

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
