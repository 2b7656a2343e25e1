import { type AriEvent, EVENT_TYPES, type FieldShape, MODEL_SHAPES } from './generated/models.ts';

type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';

const SIMPLE: Readonly<Record<string, Check>> = {
  string: isString,
  Date: isString,
  int: isNumber,
  long: isNumber,
  double: isNumber,
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  void: () => true,
  binary: (value) => value instanceof Uint8Array,
};

const compiled = new Map<string, Check>();

/** The check of a type as Asterisk names it: a simple type, a model, or a list of either. Built once, on first use. */
export function checkOf(type: string): Check {
  const known = SIMPLE[type] ?? compiled.get(type);
  if (known) return known;
  const check = compile(type);
  compiled.set(type, check);
  return check;
}

function compile(type: string): Check {
  const item = /^List\[(\w+)\]$/.exec(type)?.[1];
  if (item) {
    const checkItem = checkOf(item);
    return (value) => Array.isArray(value) && value.every(checkItem);
  }
  const shape = MODEL_SHAPES[type];
  return shape ? compileModel(shape) : isObject;
}

/** Asterisk writes `null` or leaves out what it does not have; both are fine for a field that need not be there. */
function compileModel(shape: readonly FieldShape[]): Check {
  const fields = shape.map(([name, type, required]) => ({ name, required, check: checkOf(type) }));
  return (value) => {
    if (!isObject(value)) return false;
    for (const field of fields) {
      const content = value[field.name];
      if (content === undefined || content === null) {
        if (field.required) return false;
      } else if (!field.check(content)) return false;
    }
    return true;
  };
}

/** Whether a parsed message is an event that we have a model for. */
export function isKnownType(type: string): type is AriEvent['type'] {
  return EVENT_TYPES.has(type);
}

export { isObject };
