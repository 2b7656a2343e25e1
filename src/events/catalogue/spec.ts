import { type TObject, Type } from '../../schema/index.ts';

export interface EventSpec {
  readonly summary: string;
  readonly summaryZh: string;
  readonly data: TObject;
  /** True: under pressure only the newest per subject is sent. Never for `call.*`. */
  readonly coalesce: boolean;
}

export const event = <Data extends TObject>(summary: string, summaryZh: string, data: Data, coalesce = false) => ({
  summary,
  summaryZh,
  data,
  coalesce,
});

export const text = () => Type.String();

/** How an offer can come to nothing. */
export const offerOutcomes = [
  'declined',
  'busy',
  'noAnswer',
  'unreachable',
  'withdrawn',
  'rescinded',
  'callerLeft',
  'dropped',
] as const;
