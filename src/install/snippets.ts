import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, assert } from '../kernel/index.ts';
import { installErrors } from './errors.ts';

export type Flavour = 'asterisk' | 'freepbx';

/** What a site says about itself; each text is checked before it comes near a dialplan. */
export interface SiteSettings {
  readonly url: string;
  readonly agi: string;
  readonly application: string;
  readonly fallback: string | undefined;
  readonly boundMs: number;
}

/** What goes into the files and must not be seen: by the name of its environment variable. */
export const secretNames = [
  'RINGMASTER_ARI_PASSWORD',
  'RINGMASTER_AMI_SECRET',
  'RINGMASTER_PBX_KEY',
  'RINGMASTER_AGI_SECRET',
] as const;
export type Secrets = Readonly<Record<(typeof secretNames)[number], string>>;

/** One file and our lines in it. */
export interface Piece {
  readonly file: string;
  readonly body: string;
  /** It must be there already: without it the directory is not Asterisk's. */
  readonly mustExist: boolean;
  /** Whose owner and mode a file of ours takes. */
  readonly like: string | undefined;
}

const rules: Readonly<Record<keyof SiteSettings, RegExp>> = {
  url: /^https?:\/\/[A-Za-z0-9.:[\]_-]{1,253}$/,
  agi: /^[A-Za-z0-9.:[\]_-]{1,253}$/,
  application: /^[A-Za-z0-9_-]{1,64}$/,
  fallback: /^[A-Za-z0-9_-]{1,79},[A-Za-z0-9_.+*#-]{1,79},[A-Za-z0-9_-]{1,20}$/,
  boundMs: /^\d{2,5}$/,
};
/** Nothing that ends an argument, a line or a quotation, or begins a variable or comment. */
const secretRule = /^[A-Za-z0-9_.+*=@-]{8,200}$/;

export function checkSettings(settings: SiteSettings, secrets: Secrets): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = settings[name as keyof SiteSettings];
    if (value !== undefined && !rule.test(String(value))) throw new AppError(installErrors.bad_value, name);
  }
  for (const name of secretNames)
    if (!secretRule.test(secrets[name])) throw new AppError(installErrors.bad_value, name);
}

const customFiles: Readonly<Record<string, string>> = {
  'extensions.conf': 'extensions_custom.conf',
  'manager.conf': 'manager_custom.conf',
  'ari.conf': 'ari_additional_custom.conf',
};

/**
 * The files of a flavour in the order in which they are written: what is included comes before who includes it,
 * since Asterisk reads nothing of a file that includes a missing one.
 */
export function pieces(
  flavour: Flavour,
  presetsDir: string,
  settings: SiteSettings,
  secrets: Secrets,
): readonly Piece[] {
  return ['ari.conf', 'manager.conf', 'extensions.conf'].flatMap((name) => {
    const body = fill(name, readFileSync(join(presetsDir, name), 'utf8'), settings, secrets);
    if (flavour === 'freepbx') {
      return [{ file: customFiles[name] ?? name, body, mustExist: false, like: 'extensions_custom.conf' }];
    }
    const own = `ringmaster_${name}`;
    return [
      { file: own, body, mustExist: false, like: name },
      { file: name, body: `#include "${own}"\n`, mustExist: true, like: undefined },
    ];
  });
}

/** Puts a site's values where the preset has its examples. A preset that lost one of them is a defect of ours. */
function fill(name: string, preset: string, settings: SiteSettings, secrets: Secrets): string {
  let text = preset;
  const put = (example: string, value: string): void => {
    assert(text.includes(example), `the preset ${name} has no ${example}`);
    text = text.replaceAll(example, value);
  };
  if (name === 'ari.conf') put('password = CHANGE-ME', `password = ${secrets.RINGMASTER_ARI_PASSWORD}`);
  if (name === 'manager.conf') put('secret = CHANGE-ME', `secret = ${secrets.RINGMASTER_AMI_SECRET}`);
  if (name !== 'extensions.conf') return text;
  const seconds = String(settings.boundMs / 1000);
  put('CHANGE-ME-KEY', secrets.RINGMASTER_PBX_KEY);
  put('CHANGE-ME-AGI', secrets.RINGMASTER_AGI_SECRET);
  put('http://127.0.0.1:8090', settings.url);
  put('agi://127.0.0.1:4573', `agi://${settings.agi}`);
  put('Stasis(ringmaster,', `Stasis(${settings.application},`);
  put('StasisBroadcast(800,^ringmaster$', `StasisBroadcast(${settings.boundMs},^${settings.application}$`);
  put('TIMEOUT(absolute)=0.8', `TIMEOUT(absolute)=${seconds}`);
  put('conntimeout)=0.8', `conntimeout)=${seconds}`);
  put('httptimeout)=0.8', `httptimeout)=${seconds}`);
  if (settings.fallback !== undefined) {
    put(
      ' same => n,Answer()\n same => n,Playback(vm-nobodyavail)\n same => n,Hangup()\n',
      ` same => n,Goto(${settings.fallback})\n`,
    );
  }
  return text;
}
