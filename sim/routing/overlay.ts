import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, YAMLMap } from 'yaml';

/**
 * A policy says only what is other in it: before the file is read, each of its queues and groups is completed by the one
 * of the same name above. Keys keep their places in the file, so that errors name the right line.
 */
export function completePolicies(document: Document): void {
  const policies = document.get('policies');
  if (!isSeq(policies)) return;
  for (const policy of policies.items) {
    if (!isMap(policy)) continue;
    complete(document, policy, 'queues', 'id');
    complete(document, policy, 'agents', 'group');
  }
}

function complete(document: Document, policy: YAMLMap, list: string, name: string): void {
  const base = document.get(list);
  const own = policy.get(list);
  if (!isSeq(base) || !isSeq(own)) return;
  own.items = own.items.map((item) => {
    const below = base.items.find((other) => isMap(item) && isMap(other) && other.get(name) === item.get(name));
    return isMap(item) && isMap(below) ? over(document, below, item) : item;
  });
}

/** A map with the keys of both; where both have one, `above` counts, and maps are joined in turn. */
function over(document: Document, below: YAMLMap, above: YAMLMap): YAMLMap {
  const joined = new YAMLMap(document.schema);
  if (above.range) joined.range = above.range;
  const mine = new Map(above.items.map((pair) => [nameOf(pair), pair]));
  for (const pair of below.items) {
    const other = mine.get(nameOf(pair));
    mine.delete(nameOf(pair));
    joined.items.push(other ? joinPair(document, pair, other) : pair);
  }
  joined.items.push(...mine.values());
  return joined;
}

function joinPair(document: Document, below: Pair, above: Pair): Pair {
  const low = isAlias(below.value) ? below.value.resolve(document) : below.value;
  if (!isMap(low) || !isMap(above.value)) return above;
  const joined = above.clone();
  joined.value = over(document, low, above.value);
  return joined;
}

const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '');
