import { describe, expect, it } from 'vitest';
import { asteriskConfig } from '../../lab/asterisk/config.ts';
import { asteriskModules } from '../../lab/asterisk/modules.ts';
import type { ConfigInput } from '../../lab/asterisk/options.ts';
import { describeAsterisk, startCommand } from '../../lab/asterisk/tree.ts';

const input: ConfigInput = {
  runDir: '/run/lab-1',
  modulesDir: '/usr/lib/asterisk/modules',
  hasModule: () => true,
  httpPort: 18088,
  amiPort: 15038,
  amiTlsPort: 15039,
  sipPort: 15060,
  rtp: { first: 10_000, last: 11_999 },
  ariPassword: 'ari-secret',
  amiSecret: 'ami-secret',
  phones: [
    { name: '1001', port: 20_001 },
    { name: '1002', port: 20_002 },
  ],
  qualifySeconds: 3,
  application: 'ringmaster',
  dialplan: '',
  extraConfig: {},
};

const configOf = (change: Partial<ConfigInput> = {}) => asteriskConfig({ ...input, ...change });
const file = (name: string, change: Partial<ConfigInput> = {}): string => configOf(change)[name] ?? '';

/** `[context]` → its lines, as Asterisk reads the file: a header that comes again adds to the first. */
function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header === undefined) {
      lines.push(line.trim());
      continue;
    }
    lines = found.get(header) ?? [];
    found.set(header, lines);
  }
  return found;
}

describe('asteriskConfig', () => {
  it('keeps every directory inside the run directory, except the modules', () => {
    const directories = [...file('asterisk.conf').matchAll(/^(ast\w+) => (.+)$/gm)].map(([, name, path]) => [
      name,
      path,
    ]);
    expect(directories.length).toBeGreaterThan(10);
    const outside = directories.filter(([, path]) => !path?.startsWith('/run/lab-1/'));
    expect(outside).toEqual([['astmoddir', '/usr/lib/asterisk/modules']]);
  });

  it('listens on loopback only, at the given ports', () => {
    expect(file('http.conf')).toMatch(/bindaddr = 127\.0\.0\.1\nbindport = 18088/);
    expect(file('manager.conf')).toMatch(/bindaddr = 127\.0\.0\.1\nport = 15038/);
    expect(file('manager.conf')).toContain('tlsbindaddr = 127.0.0.1:15039');
    expect(file('pjsip.conf')).toContain('bind = 127.0.0.1:15060');
    const everything = Object.values(configOf()).join('\n');
    expect(everything).not.toMatch(/bind\w* *= *(0\.0\.0\.0|::)/);
  });

  it('gives the manager user neither command nor system nor config rights', () => {
    const write = /^write = (.*)$/m.exec(file('manager.conf'))?.[1]?.split(',');
    expect(write).toEqual(['call', 'agent', 'originate', 'reporting']);
  });

  it('makes one endpoint and one contact for each phone, and a queue member', () => {
    for (const { name, port } of input.phones) {
      expect(sections(file('pjsip.conf')).get(name)).toContain(`contact = sip:${name}@127.0.0.1:${port}`);
      expect(sections(file('queues.conf')).get('lab')).toContain(`member => PJSIP/${name}`);
    }
    expect(file('pjsip.conf')).toContain('endpoint_identifier_order = username,ip,anonymous');
  });

  it('loads only modules that this Asterisk has', () => {
    const conf = file('modules.conf', { hasModule: (module) => module !== 'app_stasis_broadcast' });
    expect(conf.match(/^load = /gm)).toHaveLength(asteriskModules.length - 1);
    expect(conf).not.toContain('app_stasis_broadcast');
    expect(new Set(asteriskModules).size).toBe(asteriskModules.length);
  });
});

describe('the dialplan', () => {
  it('hands 400 numbers to the application, and a fallback priority always follows', () => {
    const entry = sections(file('extensions.conf', { application: 'other' })).get('ringmaster-entry') ?? [];
    const stasis = entry.flatMap((line, index) => (line.includes('Stasis(other)') ? [index] : []));
    expect(stasis).toHaveLength(2);
    for (const index of stasis) expect(entry[index + 1]).toContain('Goto(ringmaster-fallback');
  });

  it('includes and jumps only to contexts that exist', () => {
    const text = file('extensions.conf');
    const contexts = sections(text);
    const named = [...text.matchAll(/include => (\S+)|Goto\(([\w-]+),\w+,\d+\)/g)].map(
      ([, included, target]) => included ?? target,
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !contexts.has(name ?? ''))).toEqual([]);
  });

  it('has no stray wildcard in the patterns of the agents without SIP', () => {
    const patterns = [...file('extensions.conf').matchAll(/exten => _((?:[a-z]|\[[a-z]\])+)X!/g)].map(
      ([, pattern]) => pattern ?? '',
    );
    expect(patterns.length).toBeGreaterThan(5);
    for (const pattern of patterns) expect(pattern.replace(/\[[a-z]\]/g, '')).not.toMatch(/[nxz]/);
  });

  it('takes more text', () => {
    const text = file('extensions.conf', { dialplan: '[mine]\nexten => 1,1,Busy()' });
    expect(sections(text).get('mine')).toContain('exten => 1,1,Busy()');
    expect(file('pjsip.conf', { extraConfig: { 'pjsip.conf': '[x]\ntype = auth' } })).toMatch(
      /\[global\][^]*\[x\]\ntype = auth/,
    );
  });
});

describe('finding Asterisk', () => {
  it('does not take an incomplete one', () => {
    expect(describeAsterisk('/nowhere', '/usr/sbin/asterisk')).toBeUndefined();
  });

  it('passes paths as arguments, never as shell text', () => {
    const evil = '/tmp/$(id)';
    const home = { kind: 'tree', root: evil, binary: '/usr/sbin/asterisk', modulesDir: '', dataDir: '' } as const;
    const [, args] = startCommand(home, evil, ['-f']);
    const script = args[args.indexOf('-ec') + 1];
    expect(script).not.toContain('$(id)');
    expect(args.filter((arg) => arg === evil)).toHaveLength(2);
  });
});
