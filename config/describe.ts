import type { Target } from '../src/call/index.ts';
import { type TSchema, Type } from '../src/schema/index.ts';
import { Secret } from '../src/security/index.ts';
import { kindOf } from './kinds.ts';
import { durationText } from './scalars.ts';
import { ConfigFile } from './schema.ts';

/** One setting as the reference tells it. */
export interface SettingRow {
  readonly key: string;
  readonly value: string;
  /** Undefined when there is no default: the setting is then needed, or left out without harm as `value` says. */
  readonly fallback: string | undefined;
  readonly meaning: string;
}

interface Facts {
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly 'x-form'?: string;
}

/** Every setting of the file, in its order. */
export function settingRows(): readonly SettingRow[] {
  return rowsOf(ConfigFile, '', false);
}

function rowsOf(schema: TSchema, key: string, optional: boolean): readonly SettingRow[] {
  if (Type.IsObject(schema)) {
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      rowsOf(child, key === '' ? name : `${key}.${name}`, Type.IsOptional(child)),
    );
  }
  if (Type.IsArray(schema) && Type.IsObject(schema.items)) return rowsOf(schema.items, `${key}[]`, false);
  const item = Type.IsRecord(schema) ? Object.values(schema.patternProperties)[0] : undefined;
  if (item && Type.IsObject(item)) return rowsOf(item, `${key}.*`, false);
  const { description = '', default: fallback } = schema as Facts;
  const optionalText = optional ? ' (optional)' : '';
  return [
    { key, value: valueText(schema) + optionalText, fallback: fallbackText(schema, fallback), meaning: description },
  ];
}

function valueText(schema: TSchema): string {
  const { minimum, maximum, 'x-form': form } = schema as Facts;
  const kind = kindOf(schema);
  if (kind === 'duration') return `time, ${durationText(minimum ?? 0)} to ${durationText(maximum ?? 0)}`;
  if (kind !== undefined) return kindTexts[kind];
  if (Type.IsArray(schema)) return `list of: ${valueText(schema.items)}`;
  if (Type.IsRecord(schema)) return `\`*\`: ${valueText(Object.values(schema.patternProperties)[0] ?? Type.String())}`;
  if (Type.IsEnum(schema)) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (Type.IsBoolean(schema)) return '`true`, `false`';
  if (minimum !== undefined) return `number, ${minimum} to ${maximum ?? ''}`;
  return form ?? 'text';
}

const kindTexts = {
  secret: '`${env:NAME}` or `${file:PATH}`',
  secretUrl: 'URL; its password as `${env:NAME}`',
  variable: 'text, or `${env:NAME}`',
  destination: 'the name of a step, `back`, `repeat`, or a target',
  target:
    '`queue:ID`, `agent:ID`, `voicemail:ID`, `callback:QUEUE`, `number:DIGITS`, `dialplan:CONTEXT,EXTENSION,PRIORITY`, `hangup`',
  path: 'file',
};

function fallbackText(schema: TSchema, fallback: unknown): string | undefined {
  if (fallback === undefined) return Type.IsArray(schema) || Type.IsRecord(schema) ? 'empty' : undefined;
  if (fallback instanceof Secret) return fallback.reveal();
  const kind = kindOf(schema);
  if (kind === 'duration') return durationText(fallback as number);
  // The only target that needs no name of the site's own, so the only one that can be a default.
  if (kind === 'target') return (fallback as Target).kind;
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
}
