/**
 * What a condition may ask about: names with their types. A nested object is a group of names. CEL's own types:
 * `int` for whole numbers (milliseconds, counts), `double` for the rest, `map` for texts by name, `levels` for whole
 * numbers by name.
 */
export type FactType = 'string' | 'int' | 'double' | 'bool' | 'list' | 'map' | 'levels';
export interface FactTypes {
  readonly [name: string]: FactType | FactTypes;
}

/** The values that go with `FactTypes`: a value for every name, so that no condition meets a hole. */
export type FactsOf<Types extends FactTypes> = {
  readonly [Name in keyof Types]: Types[Name] extends FactTypes
    ? FactsOf<Types[Name]>
    : Types[Name] extends keyof ValueOf
      ? ValueOf[Types[Name]]
      : never;
};

interface ValueOf {
  readonly string: string;
  readonly int: number;
  readonly double: number;
  readonly bool: boolean;
  readonly list: readonly string[];
  readonly map: Readonly<Record<string, string>>;
  readonly levels: Readonly<Record<string, number>>;
}

/** Every name that a text may show, dotted; a `map` admits any name below it, written `name.*`. */
export function factNames(types: FactTypes, above = ''): readonly string[] {
  return Object.entries(types).flatMap(([name, type]) => {
    const path = `${above}${name}`;
    if (typeof type !== 'string') return factNames(type, `${path}.`);
    return [type === 'map' || type === 'levels' ? `${path}.*` : path];
  });
}
