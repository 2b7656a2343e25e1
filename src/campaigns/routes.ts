/** How a number goes out; from config. */
export interface OutboundRoute {
  readonly id: string;
  /** Beginnings of numbers as the directory writes them (`+86`); `*` takes any. The longest that fits decides. */
  readonly prefixes: readonly string[];
  readonly nodeId: string;
  /** `PJSIP/{number}@trunk` or `Local/{number}@context/n`. */
  readonly endpoint: string;
  readonly format: NumberFormat;
  /** Dialled before the number. */
  readonly dialPrefix: string;
  /** The number that customers see when no entry is named. */
  readonly callerId: string;
  /** Calls at the same time. */
  readonly concurrentMax: number;
}

/** The number of an entry that customers see; undefined where there is no such entry, empty where a phone could not show it. */
export interface EntryNumbers {
  get(entryId: string): string | undefined;
}

/** How a trunk wants numbers: `+8613…`, `8613…`, `13…` or `0213…`, `008613…`. */
export type NumberFormat = 'e164' | 'digits' | 'national' | 'idd';

/** A number that may be dialled. */
export interface DialNumber {
  /** As the directory writes it: E.164, a short code or an extension. */
  readonly canonical: string;
  readonly formats: Readonly<Partial<Record<NumberFormat, string>>>;
  /** Country, as ISO 3166 writes it; absent for our own extensions. */
  readonly region?: string;
}

/** What may stand in a dial string: `&` `,` `/` and `@` are live there. */
const dialable = /^[0-9*#+]{1,32}$/;

/** The route of a number among those that `fits` allows; of equal prefixes the first. */
export function routeFor(
  routes: readonly OutboundRoute[],
  canonical: string,
  fits: (route: OutboundRoute) => boolean = () => true,
): OutboundRoute | undefined {
  let best: OutboundRoute | undefined;
  let longest = -1;
  for (const route of routes.filter(fits)) {
    const length = lengthOf(route, canonical);
    if (length > longest) [best, longest] = [route, length];
  }
  return best;
}

function lengthOf({ prefixes }: OutboundRoute, canonical: string): number {
  const lengths = prefixes.map((prefix) => (prefix === '*' ? 0 : canonical.startsWith(prefix) ? prefix.length : -1));
  return Math.max(-1, ...lengths);
}

/** The endpoint that reaches a number; undefined when the number has no such form, or one that must not be dialled. */
export function endpointFor(route: OutboundRoute, { formats, canonical }: DialNumber): string | undefined {
  const plain = formats[route.format] ?? (canonical.startsWith('+') ? undefined : canonical);
  const number = plain === undefined ? '' : `${route.dialPrefix}${plain}`;
  return dialable.test(number) ? route.endpoint.replace('{number}', number) : undefined;
}

/** Whether a number may be shown to customers. */
export const isShowable = (number: string): boolean => number === '' || dialable.test(number);
