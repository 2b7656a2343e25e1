import type { RecordingRule } from '../src/call/index.ts';
import { formed } from './kinds.ts';

const form = /^(always|never|onDemand|(100|\d{1,2}(\.\d{1,2})?)%)$/;

/** When conversations are recorded, as the file writes it. */
export const recordingRule = (description: string, value?: string) =>
  formed(
    form,
    'always, never, onDemand or a share such as 20%',
    description,
    value === undefined ? {} : { default: value },
  );

export function parseRule(text: string): RecordingRule {
  if (text === 'always' || text === 'never' || text === 'onDemand') return { kind: text };
  return { kind: 'share', percent: Number(text.slice(0, -1)) };
}

/** The rule of a number or queue, where it has one. */
export function toRule(text: string | undefined): { readonly recording?: RecordingRule } {
  return text === undefined ? {} : { recording: parseRule(text) };
}
