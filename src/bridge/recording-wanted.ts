import type { RecordingRule } from '../call/index.ts';

interface Ruled {
  readonly recording?: RecordingRule;
}

/** Whether anything can ever be recorded; `rule` is that where neither entry nor queue says otherwise. */
export function recordingWanted(
  rule: RecordingRule,
  { entries, queues }: { readonly entries: readonly Ruled[]; readonly queues: readonly Ruled[] },
): boolean {
  return [rule, ...[...entries, ...queues].map((one) => one.recording)].some((one) => (one ?? rule).kind !== 'never');
}
