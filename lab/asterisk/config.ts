import { join } from 'node:path';
import { extensionsConf } from './dialplan.ts';
import { modulesConf } from './modules.ts';
import { AMI_USER, ARI_OBSERVER, ARI_USER, type ConfigInput } from './options.ts';
import { pjsipConf } from './pjsip.ts';

/** Asterisk's directories inside a run directory; the certificate files lie in `etc`. */
export const runPaths = (runDir: string) => ({
  etc: join(runDir, 'etc'),
  data: join(runDir, 'data'),
  run: join(runDir, 'run'),
  log: join(runDir, 'log'),
  spool: join(runDir, 'spool'),
  db: join(runDir, 'db'),
  control: join(runDir, 'run', 'asterisk.ctl'),
  certificate: join(runDir, 'etc', 'ami-cert.pem'),
  privateKey: join(runDir, 'etc', 'ami-key.pem'),
  fullLog: join(runDir, 'log', 'messages.log'),
});

/** All configuration files of one run, by name. Pure: the same input gives the same text. */
export function asteriskConfig(input: ConfigInput): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    'asterisk.conf': asteriskConf(input),
    'modules.conf': modulesConf(input.hasModule),
    'logger.conf': '[general]\ndateformat = %F %T.%3q\n[logfiles]\nmessages.log => notice,warning,error\n',
    'http.conf': httpConf(input),
    'ari.conf': ariConf(input),
    'manager.conf': managerConf(input),
    'pjsip.conf': pjsipConf(input),
    'rtp.conf': `[general]\nrtpstart = ${input.rtp.first}\nrtpend = ${input.rtp.last}\nstrictrtp = no\nicesupport = no\n`,
    'extensions.conf': extensionsConf(input.application, input.phones, input.dialplan),
    'queues.conf': queuesConf(input),
    'musiconhold.conf': `[default]\nmode = files\ndirectory = ${join(runPaths(input.runDir).data, 'moh')}\n`,
    'stasis.conf': '[threadpool]\ninitial_size = 5\nidle_timeout_sec = 20\nmax_size = 50\n',
    'indications.conf':
      '[general]\ncountry = cn\n[cn]\ndescription = China\nringcadence = 1000,4000\ndial = 450\nbusy = 450/350,0/350\nring = 450/1000,0/4000\ncongestion = 450/700,0/700\n',
    'cdr.conf': '[general]\nenable = no\n',
    'cel.conf': '[general]\nenable = no\n',
    ...emptyFiles,
  };
  for (const [name, text] of Object.entries(input.extraConfig)) files[name] = `${files[name] ?? ''}\n${text}\n`;
  return files;
}

/** Files whose absence Asterisk reports as a warning on each start. */
const emptyFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'acl',
    'ccss',
    'cli',
    'cli_aliases',
    'cli_permissions',
    'codecs',
    'dnsmgr',
    'enum',
    'features',
    'pjproject',
    'queuerules',
    'res_curl',
    'sorcery',
    'udptl',
    'websocket_client',
    'pjsip_notify',
    'dsp',
    'extconfig',
  ].map((name) => [`${name}.conf`, '\n']),
);

function asteriskConf(input: ConfigInput): string {
  const paths = runPaths(input.runDir);
  return `[directories]
astetcdir => ${paths.etc}
astmoddir => ${input.modulesDir}
astvarlibdir => ${paths.data}
astdbdir => ${paths.db}
astkeydir => ${paths.data}
astdatadir => ${paths.data}
astagidir => ${join(paths.data, 'agi-bin')}
astspooldir => ${paths.spool}
astrundir => ${paths.run}
astlogdir => ${paths.log}
astsbindir => ${paths.run}
astcachedir => ${paths.db}
[options]
systemname = lab
maxfiles = 20000
nocolor = yes
hideconnect = yes
documentation_language = en_US
`;
}

/** ARI requests, its sockets and WSS phones share `sessionlimit`; its default of 100 is met at once under load. */
const httpConf = (input: ConfigInput): string => `[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = ${input.httpPort}
sessionlimit = 2000
session_inactivity = 30000
session_keep_alive = 15000
`;

const ariConf = (input: ConfigInput): string => `[general]
enabled = yes
pretty = no
websocket_write_timeout = 1000
[${ARI_USER}]
type = user
read_only = no
password = ${input.ariPassword}
[${ARI_OBSERVER}]
type = user
read_only = yes
password = ${input.ariPassword}
`;

/**
 * Least privilege for what AMI is used for. Events: `call` carries DeviceStateChange and the call events, `agent` the
 * queue events, `system` FullyBooted, Reload, Shutdown, PeerStatus and ContactStatus, `user` the UserEvent of the fallback. Actions: `call` allows DeviceStateList and
 * Hangup, `agent` the queue actions, `originate` Originate, `reporting` CoreStatus (start-up date) and CoreSettings.
 */
const managerConf = (input: ConfigInput): string => `[general]
enabled = yes
webenabled = no
bindaddr = 127.0.0.1
port = ${input.amiPort}
tlsenable = yes
tlsbindaddr = 127.0.0.1:${input.amiTlsPort}
tlscertfile = ${runPaths(input.runDir).certificate}
tlsprivatekey = ${runPaths(input.runDir).privateKey}
timestampevents = no
[${AMI_USER}]
secret = ${input.amiSecret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = system,call,agent,user
write = call,agent,originate,reporting
writetimeout = 1000
`;

/**
 * The app_queue baselines: no announcements, shortest retry, no wrap-up. `lab` is tuned with autofill, so that callers
 * are served side by side; `lab-serial` is what a queue is when nothing is said: one caller at a time looks for a member.
 */
const queuesConf = (input: ConfigInput): string =>
  `[general]
persistentmembers = yes
shared_lastcall = no
log_membername_as_agent = no
${queue(input, 'lab', 'autofill = yes\n')}
${queue(input, 'lab-serial', '')}`;

const queue = (input: ConfigInput, name: string, autofill: string): string => `[${name}]
${autofill}strategy = rrmemory
ringinuse = no
timeout = 15
retry = 1
wrapuptime = 0
autopause = no
maxlen = 0
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-holdtime = no
reportholdtime = no
setinterfacevar = no
${input.phones.map((phone) => `member => PJSIP/${phone.name}`).join('\n')}
`;
