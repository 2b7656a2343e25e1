/**
 * Generates the typed ARI models and operations.
 *
 * `tools/ari-spec.json` holds the bare facts of Asterisk's `rest-api/*.json` (names, paths, types; none of its prose,
 * which is under Asterisk's own licence). `--spec DIR` reads those twelve files anew and rewrites it; without it the
 * generated files are made from what the tree holds, so that any machine can check them.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Param {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body';
  readonly type: string;
  readonly required?: true;
  readonly multiple?: true;
  readonly values?: readonly string[];
}
interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly response: string;
  readonly params: readonly Param[];
}
interface Field {
  readonly name: string;
  readonly type: string;
  readonly required?: true;
}
interface Model {
  readonly name: string;
  readonly event?: true;
  readonly fields: readonly Field[];
}
interface Spec {
  readonly asterisk: string;
  readonly operations: readonly Operation[];
  readonly models: readonly Model[];
}

const root = join(fileURLToPath(import.meta.url), '../..');
const specFile = join(root, 'tools/ari-spec.json');
const modelsFile = join(root, 'src/ari/generated/models.ts');
const operationsFile = join(root, 'src/ari/generated/operations.ts');

/** Marked as required by today's Asterisk but absent from older ones that we serve: refusing their events would help nobody. */
const ADDED_LATER = new Set([
  'Channel.protocol_id',
  'Channel.caller_rdnis',
  'DialplanCEP.app_name',
  'DialplanCEP.app_data',
  'Bridge.creationtime',
  'Bridge.video_mode',
]);
/** Frames of REST over WebSocket, not events: `rest-over-ws.ts` speaks them. */
const NOT_EVENTS = new Set(['RESTRequest', 'RESTResponse', 'RESTHeader', 'RESTQueryStringParameter']);

// ---- reading Asterisk's own files ------------------------------------------------------------------------------

interface RawParam {
  name: string;
  paramType: Param['in'];
  dataType: string;
  required?: boolean;
  allowMultiple?: boolean;
  allowableValues?: { valueType?: string; values?: string[] };
}
interface RawModel {
  subTypes?: string[];
  properties: Record<string, { type: string; required?: boolean }>;
}
interface RawFile {
  apis: {
    path: string;
    operations?: {
      httpMethod: string;
      nickname: string;
      responseClass: string;
      upgrade?: string;
      parameters?: RawParam[];
    }[];
  }[];
  models?: Record<string, RawModel>;
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function readParam(raw: RawParam): Param {
  const values = raw.allowableValues?.valueType === 'LIST' ? raw.allowableValues.values : undefined;
  return {
    name: raw.name,
    in: raw.paramType,
    type: raw.dataType,
    ...(raw.required ? { required: true as const } : {}),
    ...(raw.allowMultiple ? { multiple: true as const } : {}),
    ...(values ? { values } : {}),
  };
}

function readSpec(dir: string, asterisk: string): Spec {
  const operations: Operation[] = [];
  const raw = new Map<string, RawModel>();
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.json') && name !== 'resources.json')) {
    const content = JSON.parse(readFileSync(join(dir, file), 'utf8')) as RawFile;
    for (const [name, model] of Object.entries(content.models ?? {})) raw.set(name, model);
    for (const api of content.apis) {
      for (const operation of api.operations ?? []) {
        if (operation.upgrade === 'websocket') continue;
        operations.push({
          name: `${file.slice(0, -5)}.${operation.nickname}`,
          method: operation.httpMethod,
          path: api.path.slice(1),
          response: operation.responseClass,
          params: (operation.parameters ?? []).map(readParam),
        });
      }
    }
  }
  return { asterisk, operations: operations.sort(byName), models: readModels(raw) };
}

function readModels(raw: ReadonlyMap<string, RawModel>): Model[] {
  const events = new Set([...(raw.get('Event')?.subTypes ?? []), 'MissingParams']);
  const own = (name: string): Field[] =>
    Object.entries(raw.get(name)?.properties ?? {}).map(([field, { type, required }]) => ({
      name: field,
      type,
      ...(required && !ADDED_LATER.has(`${name}.${field}`) ? { required: true as const } : {}),
    }));
  return [...raw.keys()]
    .filter((name) => !NOT_EVENTS.has(name) && name !== 'Message' && name !== 'Event')
    .map((name): Model => {
      if (!events.has(name)) return { name, fields: own(name) };
      const inherited = [...own('Message'), ...(name === 'MissingParams' ? [] : own('Event'))];
      return { name, event: true, fields: [...inherited.filter(({ name }) => name !== 'type'), ...own(name)] };
    })
    .sort(byName);
}

/** One operation or model a line, so that a new Asterisk shows as a readable difference. */
function printSpec(spec: Spec): string {
  const lines = (items: readonly object[]): string => items.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
  return `{
  "asterisk": ${JSON.stringify(spec.asterisk)},
  "operations": [\n${lines(spec.operations)}\n  ],
  "models": [\n${lines(spec.models)}\n  ]
}\n`;
}

// ---- writing ours ----------------------------------------------------------------------------------------------

const SIMPLE: Readonly<Record<string, string>> = {
  string: 'string',
  Date: 'string',
  int: 'number',
  long: 'number',
  double: 'number',
  boolean: 'boolean',
  object: 'Readonly<Record<string, unknown>>',
  containers: 'Readonly<Record<string, unknown>>',
  binary: 'Uint8Array',
  void: 'undefined',
};

function typeOf(type: string, models: string): string {
  const list = /^List\[(\w+)\]$/.exec(type);
  if (list?.[1]) {
    const item = typeOf(list[1], models);
    return item.startsWith('Readonly<') ? `ReadonlyArray<${item}>` : `readonly ${item}[]`;
  }
  return SIMPLE[type] ?? `${models}${type}`;
}

const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function header(spec: Spec, what: string): string {
  return `// Generated by tools/generate-ari.ts from the REST API description of Asterisk ${spec.asterisk}. Do not edit.\n// ${what}\n\n`;
}

function printModels(spec: Spec): string {
  const interfaces = spec.models.map((model) => {
    const fields = model.fields.map(
      ({ name, type, required }) => `  readonly ${key(name)}${required ? '' : '?'}: ${typeOf(type, '')};\n`,
    );
    const tag = model.event ? `  readonly type: '${model.name}';\n` : '';
    return `export interface ${model.name} {\n${tag}${fields.join('')}}\n`;
  });
  const events = spec.models.filter(({ event }) => event).map(({ name }) => name);
  const shapes = spec.models.map(({ name, fields }) => {
    const rows = fields.map((field) => `['${field.name}', '${field.type}', ${field.required ?? false}]`);
    return `  ${name}: [${rows.join(', ')}],\n`;
  });
  return `${header(spec, 'The things that ARI speaks of, its events, and the shapes that the edge checks them against.')}${interfaces.join('\n')}
/** The events that Asterisk ${spec.asterisk} is known to send. */
export type AriEvent =\n${events.map((name) => `  | ${name}`).join('\n')};

export const EVENT_TYPES: ReadonlySet<string> = new Set<AriEvent['type']>([
${events.map((name) => `  '${name}',`).join('\n')}
]);

/** Field, type as Asterisk names it, and whether it must be there. */
export type FieldShape = readonly [name: string, type: string, required: boolean];

export const MODEL_SHAPES: Readonly<Record<string, readonly FieldShape[]>> = {
${shapes.join('')}};
`;
}

function paramType(param: Param): string {
  const base = param.values ? param.values.map((value) => `'${value}'`).join(' | ') : typeOf(param.type, '');
  if (!param.multiple) return base;
  return param.values ? `ReadonlyArray<${base}>` : `readonly ${base}[]`;
}

function printOperations(spec: Spec): string {
  const types = spec.operations.map((operation) => {
    const params = operation.params.map(
      (param) => `readonly ${key(param.name)}${param.required ? '' : '?'}: ${paramType(param)}`,
    );
    const shape = params.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${params.join('; ')} }`;
    return `  '${operation.name}': {\n    params: ${shape};\n    response: ${typeOf(operation.response, 'models.')};\n  };\n`;
  });
  const rows = spec.operations.map((operation) => {
    const names = (place: Param['in']): string =>
      `[${operation.params
        .filter((param) => param.in === place)
        .map((param) => `'${param.name}'`)
        .join(', ')}]`;
    const [body] = operation.params.filter((param) => param.in === 'body');
    const bodyRow = body ? `, body: { name: '${body.name}', wrapped: ${body.type === 'containers'} }` : '';
    return `  '${operation.name}': { method: '${operation.method}', path: '${operation.path}', inPath: ${names('path')}, inQuery: ${names('query')}${bodyRow}, response: '${operation.response}' },\n`;
  });
  return `${header(spec, `Its ${spec.operations.length} operations: what each takes and gives, and how it goes on the wire.`)}import type * as models from './models.ts';

export interface AriOperations {\n${types.join('')}}

export type OperationName = keyof AriOperations;

export interface OperationShape {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without a leading slash; \`{name}\` stands for a parameter. */
  readonly path: string;
  readonly inPath: readonly string[];
  readonly inQuery: readonly string[];
  /** The one parameter that goes in the body; wrapped means under its own name. */
  readonly body?: { readonly name: string; readonly wrapped: boolean };
  /** As Asterisk names it: a model, \`List[model]\`, \`void\` or \`binary\`. */
  readonly response: string;
}

export const OPERATIONS: Readonly<Record<OperationName, OperationShape>> = {
${rows.join('')}};
`;
}

/**
 * Writes the generated files, or with `check` only compares them with what is in the tree.
 * Gives the paths, from the root of the tree, that were written or are out of date.
 */
export function generate(options: { readonly check: boolean; readonly specDir?: string; readonly asterisk?: string }): {
  readonly changed: readonly string[];
} {
  const fresh = options.specDir ? readSpec(options.specDir, options.asterisk ?? 'of unknown version') : undefined;
  const spec = fresh ?? (JSON.parse(readFileSync(specFile, 'utf8')) as Spec);
  const wanted: [string, string][] = [
    [modelsFile, printModels(spec)],
    [operationsFile, printOperations(spec)],
    ...(fresh ? [[specFile, printSpec(fresh)] as [string, string]] : []),
  ];
  const changed = wanted.filter(([file, text]) => readOrEmpty(file) !== text);
  if (!options.check) for (const [file, text] of changed) writeFileSync(file, text);
  return { changed: changed.map(([file]) => file.slice(root.length)) };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, spec: { type: 'string' }, asterisk: { type: 'string' } },
  });
  const { changed } = generate({
    check: values.check,
    ...(values.spec ? { specDir: values.spec } : {}),
    ...(values.asterisk ? { asterisk: values.asterisk } : {}),
  });
  for (const file of changed) console.log(`${values.check ? 'out of date' : 'written'}: ${file}`);
  if (values.check && changed.length > 0) process.exitCode = 1;
}
