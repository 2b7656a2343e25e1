import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FlowData, StepData } from './flows.ts';
import type { ConfigFileData } from './schema.ts';

/** Who is asked about numbers that callers type. `name` stands for what it says now, its template included. */
export type CheckConfig = ConfigFileData['checks'][number] & { readonly name: string };

/** What rules say of a check: without secrets, so that it can be kept. */
export type CheckName = Pick<CheckConfig, 'id' | 'name'>;

/**
 * Names a check by its content, so that calls which came with other rules go on asking as those said. Secrets do not
 * count: another password is no other rule.
 */
export function nameCheck(check: ConfigFileData['checks'][number]): CheckConfig {
  const digest = createHash('sha256').update(JSON.stringify(check)).update(textOf(check.template)).digest('hex');
  return { ...check, name: `${check.id}@${digest.slice(0, 12)}` };
}

/** The id of a check in the file. */
export const checkIdOf = (name: string): string => name.slice(0, name.lastIndexOf('@'));

/** The flows with the names of their checks instead of the ids. */
export function withCheckNames(flows: readonly FlowData[], checks: readonly CheckName[]): readonly FlowData[] {
  if (checks.length === 0) return flows;
  const names = new Map(checks.map(({ id, name }) => [id, name]));
  const named = (step: StepData): StepData => {
    const name = names.get(step.collect?.check ?? '');
    return step.collect && name !== undefined ? { ...step, collect: { ...step.collect, check: name } } : step;
  };
  return flows.map((flow) => ({
    ...flow,
    steps: Object.fromEntries(Object.entries(flow.steps).map(([name, step]) => [name, named(step)])),
  }));
}

/** What is wrong with a template, and where, is told by who builds the check of it. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
