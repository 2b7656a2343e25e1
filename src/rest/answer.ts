import type { HttpAnswer } from '../outgoing/index.ts';
import { type RestErrors, restError } from './errors.ts';
import { at } from './fields.ts';
import { textOf } from './functions.ts';
import type { ConditionDocument } from './schema.ts';

/** Reads an answer's JSON, not deeper than allowed. */
export function jsonOf(answer: HttpAnswer, depthMax: number, errors: RestErrors): unknown {
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch (error) {
    throw restError(errors.answer_not_json, `status ${answer.status}`, error);
  }
  if (isDeeperThan(value, depthMax)) throw restError(errors.answer_too_deep, `more than ${depthMax} levels`);
  return value;
}

/** Level by level and without recursion, which a hostile answer could exhaust. */
function isDeeperThan(value: unknown, depthMax: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Record<string, unknown>) : [],
    );
  }
  return false;
}

/** Whether status and body are as the condition says. A body that is no JSON meets no condition on the body. */
export function meets(condition: ConditionDocument, answer: HttpAnswer, json: () => unknown): boolean {
  if (condition.status && !condition.status.includes(answer.status)) return false;
  return (condition.body ?? []).every((test) => {
    const value = at(json(), test.path);
    if (test.exists !== undefined) return (value !== undefined && value !== null) === test.exists;
    const wanted = test.in ?? [test.equals];
    return wanted.some((one) => value === one || (value !== undefined && textOf(value) === textOf(one)));
  });
}

export const isSuccessStatus = (answer: HttpAnswer): boolean => answer.status >= 200 && answer.status < 300;
