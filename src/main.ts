#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, errorText, systemClock } from './kernel/index.ts';

const help = `Ringmaster, a CTI server for Asterisk.

Usage
  npm start -- --config FILE          run the server
  npm start -- check --config FILE    check the configuration and say what is wrong with it; also: config check FILE
  npm start -- config reload | promote | rollback | versions
                                      change the rules of a running server, by a share first; see config --help
  npm run doctor -- --config FILE     look at everything around the server, and say how to mend what is not well
                   [--json] [--lang en|zh] [--asterisk-etc DIR]
  npm start -- key create --id NAME   make an API key; prints the key once, and the hash for the configuration
  npm start -- user list              people who may sign in
  npm start -- user add --id NAME --roles ROLE,… [--agent ID] [--name TEXT]
  npm start -- user password | disable | enable | remove --id NAME
                                      passwords come from standard input, --password-file or RINGMASTER_PASSWORD
  npm start -- dialplan …             write Ringmaster's part of Asterisk's configuration; see dialplan --help
  npm start -- prompts build           speak the texts under prompts: into Asterisk's sounds folder; see prompts --help
  npm start -- audit verify [--anchors FILE]
                                      whether the audit log is what was written
  npm start -- --version | --help

Options
  --config FILE   YAML file; config/example.yaml shows every setting (default: ringmaster.yaml)
  --json          doctor: one line of JSON      --lang en|zh  its language (default: that of LANG)
  --asterisk-etc  doctor: where Asterisk's http.conf lies (default for a PBX on loopback: /etc/asterisk)
  --id NAME       of the key or user
  --roles ROLE,…  agent, supervisor, admin, integration, pbx
  --agent ID      the agent of the configuration as whom the user takes calls

Signals
  SIGTERM, SIGINT  take no new calls, send waiting callers to their fallback, leave conversations joined, end within
                   server.drainMs. A second signal ends at once; calls stay in Asterisk and are found again.

  SIGHUP           read the TLS certificate and the rules anew; a file with errors changes nothing

Exit codes
  0 stopped as asked   1 failed   2 wrong usage or configuration
`;

class UsageError extends Error {}

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

async function main(): Promise<void> {
  // It has options of its own, and a help of its own.
  if (process.argv[2] === 'dialplan') return dialplan(process.argv.slice(3));
  const { values, positionals } = parseCommandLine();
  if (positionals[0] === 'prompts') {
    const { runPromptsCommand } = await import('./prompts-command.ts');
    return runPromptsCommand(values.help ? undefined : positionals.slice(1).join(' '), values.config, say);
  }
  if (positionals[0] === 'config' && positionals[1] !== 'check') {
    const { configHelp, runConfigCommand } = await import('./config-command.ts');
    if (values.help) return say(configHelp);
    const { rollout, 'key-file': keyFile, url, json } = values;
    const wish = { verb: positionals.slice(1).join(' '), rollout, keyFile, url, json };
    process.exitCode = await runConfigCommand(wish, values.config, { env: process.env, print: say });
    return;
  }
  if (values.help) return say(help);
  if (values.version) return say(`${version}\n`);
  const command = positionals.join(' ');
  if (command === 'key create') return createKey(values.id);
  if (command === 'check') return checkConfig(values.config);
  if (positionals[0] === 'config' && positionals[1] === 'check') return checkConfig(positionals[2] ?? values.config);
  if (command === 'doctor') {
    const { json, lang, 'asterisk-etc': asteriskEtc } = values;
    const { runDoctor } = await import('./doctor-command.ts');
    process.exitCode = (await runDoctor({ json, lang, asteriskEtc }, values.config, say)) ? 0 : 1;
    return;
  }
  if (positionals[0] === 'user') {
    const { id, name, roles, agent, 'password-file': passwordFile } = values;
    const { runUserCommand } = await import('./user-command.ts');
    const wish = { verb: positionals.slice(1).join(' '), id, name, roles, agent, passwordFile };
    return runUserCommand(wish, values.config, (line) => say(`${line}\n`));
  }
  if (command === 'audit verify') {
    const { runAuditVerify } = await import('./audit-command.ts');
    return runAuditVerify(values.config, values.anchors, (line) => say(`${line}\n`));
  }
  if (command !== '') throw new UsageError(`there is no command "${command}"`);
  const { serve } = await import('./serve.ts');
  await serve(values.config, version);
}

async function checkConfig(file: string): Promise<void> {
  const { configWarnings, loadConfig } = await import('../config/index.ts');
  const config = loadConfig(file, { env: process.env });
  for (const warning of configWarnings(config, systemClock.nowMs())) say(`${file}: warning: ${warning}\n`);
  say(`${file}: no problems found; rules ${config.rules.version}\n`);
}

async function dialplan(args: readonly string[]): Promise<void> {
  const { runDialplanCommand } = await import('./install/index.ts');
  const presetsDir = fileURLToPath(new URL('../config/presets/asterisk', import.meta.url));
  const confirm = process.stdin.isTTY ? askOnTerminal : undefined;
  if (!(await runDialplanCommand(args, { env: process.env, presetsDir, print: say, confirm }))) process.exit(1);
}

async function askOnTerminal(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string', default: 'ringmaster.yaml' },
        id: { type: 'string' },
        name: { type: 'string' },
        roles: { type: 'string' },
        agent: { type: 'string' },
        anchors: { type: 'string' },
        rollout: { type: 'string' },
        'key-file': { type: 'string' },
        url: { type: 'string' },
        'password-file': { type: 'string' },
        json: { type: 'boolean', default: false },
        lang: { type: 'string' },
        'asterisk-etc': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(errorText(error));
  }
}

async function createKey(id: string | undefined): Promise<void> {
  const { createApiKey, keyIdPattern } = await import('./security/index.ts');
  if (id === undefined || !keyIdPattern.test(id)) {
    throw new UsageError('key create needs --id with lower-case letters, digits and "-"');
  }
  const { key, hash } = createApiKey(id);
  say(`key:  ${key}\nhash: ${hash}\n\nGive the key to its user; it is not shown again. Put the hash under apiKeys.\n`);
}

function say(text: string): void {
  process.stdout.write(text);
}

const wrongUse: ReadonlySet<string> = new Set([
  'install.usage',
  'config_command.usage',
  'config_command.key_missing',
  'config_command.key_unreadable',
  'config_command.request_invalid',
]);

/** What failed, and what to do about it. */
function complain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`ringmaster: ${error.message}\nTry: npm start -- --help\n`);
    return 2;
  }
  if (error instanceof AppError) {
    process.stderr.write(`ringmaster: ${error.code}: ${error.message}\n${error.mend}\n`);
    return error.code.startsWith('config.') || wrongUse.has(error.code) ? 2 : 1;
  }
  process.stderr.write(`ringmaster: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

try {
  await main();
  process.exit();
} catch (error) {
  process.exit(complain(error));
}
