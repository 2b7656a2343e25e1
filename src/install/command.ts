import { parseArgs } from 'node:util';
import { AppError, errorText } from '../kernel/index.ts';
import { unifiedDiff } from './diff.ts';
import { installErrors } from './errors.ts';
import { type Change, writeAll } from './files.ts';
import { planInstall, planRemove } from './plan.ts';
import { checkSettings, type Flavour, pieces, type Secrets, type SiteSettings, secretNames } from './snippets.ts';

export const dialplanHelp = `ringmaster dialplan show|install|remove --flavour asterisk|freepbx [--dir /etc/asterisk]

  show      print what would be written
  install   write it, between marker lines; shows the changes and asks first
  remove    take it out again, every other byte as it was

Options
  --flavour NAME      asterisk: files ringmaster_*.conf and one #include each in ari.conf, manager.conf, extensions.conf
                      freepbx: a block in ari_additional_custom.conf, manager_custom.conf, extensions_custom.conf
  --dir DIR           the configuration directory (default: /etc/asterisk)
  --url URL           where Ringmaster answers CURL() (default: http://127.0.0.1:8090)
  --agi HOST:PORT     where it answers AGI() (default: 127.0.0.1:4573)
  --application NAME  pbx.nodes[].ari.application of its configuration (default: ringmaster)
  --fallback C,E,P    where callers go without Ringmaster: context, extension, priority (default: a message)
  --bound MS          how long a call waits for Ringmaster, 10 to 99999 (default: 800)
  --overwrite         also when somebody has changed our lines
  --yes               do not ask

Secrets come from the environment: RINGMASTER_ARI_PASSWORD, RINGMASTER_AMI_SECRET, RINGMASTER_PBX_KEY (of "key create",
scope dialplan:route), and RINGMASTER_AGI_SECRET (dialplan.fastAgi.secret). They are not shown.
`;

/** What the command does to the world outside the files. */
export interface CommandWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly presetsDir: string;
  print(text: string): void;
  /** Undefined when there is nobody to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
}

/** `args` is what follows `dialplan`. Throws `install.*`; true when files are now as asked. */
export async function runDialplanCommand(args: readonly string[], world: CommandWorld): Promise<boolean> {
  const { values, action } = parse(args);
  if (values.help || action === undefined) {
    world.print(dialplanHelp);
    return values.help;
  }
  const flavour = flavourOf(values.flavour);
  const secrets = secretsOf(world.env, action === 'install');
  const settings: SiteSettings = {
    url: values.url,
    agi: values.agi,
    application: values.application,
    fallback: values.fallback,
    boundMs: Number(values.bound),
  };
  checkSettings(settings, secrets);
  const wanted = pieces(flavour, world.presetsDir, settings, secrets);
  if (action === 'show') {
    for (const { file, body } of wanted) world.print(`; ${file}\n${masked(body)}\n`);
    return true;
  }
  const plan = action === 'install' ? planInstall : planRemove;
  const changes = plan(values.dir, wanted, values.overwrite);
  if (changes.length === 0) {
    world.print('Nothing to change.\n');
    return true;
  }
  for (const { path, before, after } of changes) {
    world.print(masked(unifiedDiff(path, utf8(before), utf8(after))));
  }
  if (!values.yes && !(await agreed(world, changes))) {
    world.print('Nothing was written.\n');
    return false;
  }
  writeAll(changes);
  world.print(
    'Written. Now let Asterisk read it: asterisk -rx "module reload res_ari.so"; asterisk -rx "manager reload"; asterisk -rx "dialplan reload"\n',
  );
  return true;
}

/** Also what others keep in the lines around ours. */
const masked = (text: string): string => text.replace(/((?:password|secret) *= *|Bearer )[^\s)]+/gi, '$1********');

/** Files are bytes; for people they are shown as UTF-8. */
const utf8 = (bytes: string | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString('utf8');

async function agreed(world: CommandWorld, changes: readonly Change[]): Promise<boolean> {
  if (!world.confirm) throw new AppError(installErrors.usage, 'nobody is there to ask; add --yes');
  return world.confirm(`Change ${changes.length} files? [y/N] `);
}

type Action = 'show' | 'install' | 'remove';
const actions: readonly string[] = ['show', 'install', 'remove'] satisfies Action[];

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        flavour: { type: 'string' },
        dir: { type: 'string', default: '/etc/asterisk' },
        url: { type: 'string', default: 'http://127.0.0.1:8090' },
        agi: { type: 'string', default: '127.0.0.1:4573' },
        application: { type: 'string', default: 'ringmaster' },
        fallback: { type: 'string' },
        bound: { type: 'string', default: '800' },
        overwrite: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [action, ...more] = positionals;
    if (more.length > 0 || (action !== undefined && !actions.includes(action)))
      throw new Error(`unknown: ${positionals.join(' ')}`);
    return { values, action: action as Action | undefined };
  } catch (error) {
    throw new AppError(installErrors.usage, errorText(error));
  }
}

function flavourOf(text: string | undefined): Flavour {
  if (text === 'asterisk' || text === 'freepbx') return text;
  throw new AppError(installErrors.usage, '--flavour is asterisk or freepbx');
}

/** Only what is written needs them; to look or to take out, a name will do. */
function secretsOf(env: CommandWorld['env'], needed: boolean): Secrets {
  const missing = secretNames.filter((name) => env[name] === undefined || env[name] === '');
  if (needed && missing.length > 0) throw new AppError(installErrors.secret_missing, missing.join(', '));
  return Object.fromEntries(secretNames.map((name) => [name, env[name] || `CHANGE-ME-${name}`])) as Secrets;
}
