/** Thrown when an invariant is broken: a defect of ours, never an expected outcome. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Fails loudly on a broken invariant. Expected outcomes are unions, not asserts. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Makes a `switch` over a union complete at compile time. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}
