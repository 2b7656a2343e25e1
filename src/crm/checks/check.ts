import type { CheckOutcome } from '../../call/index.ts';
import type { Clock } from '../../kernel/index.ts';
import {
  askStep,
  clean,
  createRestClient,
  fieldsOf,
  itemsOf,
  type RestClientOptions,
  SHORT_MAX,
} from '../../rest/index.ts';
import { crmErrors } from '../errors.ts';
import { Guard } from '../guard.ts';
import type { CheckTemplate } from './template.ts';

export interface NumberCheckOptions extends Omit<RestClientOptions, 'connectionsMax'> {
  readonly template: CheckTemplate;
  readonly clock: Clock;
  /** A caller is silent on the phone for so long at most. */
  readonly deadlineMs: number;
  readonly concurrentMax: number;
}

/** What is asked, and by whom. */
export interface NumberQuestion {
  readonly value: string;
  readonly callerNumber: string;
  readonly customerId?: string | undefined;
  readonly callId: string;
}

/** Somebody who knows whether there is such a number. */
export interface NumberCheck {
  /** Never rejects; ends by the deadline. */
  ask(question: NumberQuestion): Promise<CheckOutcome>;
  close(): Promise<void>;
}

/** Failures in a row after which the neighbour is left alone, and for how long. */
const failuresMax = 5;
const openMs = 10_000;

/** A check as a template says. `onFailed` is told the code of what went wrong. Throws when it cannot be built. */
export function createNumberCheck(options: NumberCheckOptions, onFailed: (code: string) => void): NumberCheck {
  const { template, clock, deadlineMs, concurrentMax } = options;
  const { document } = template;
  const client = createRestClient(document, { ...options, connectionsMax: concurrentMax }, crmErrors);
  const guard = new Guard(
    { concurrentMax, queuedMax: concurrentMax, timeoutMs: deadlineMs, failuresMax, openMs },
    clock,
  );

  async function run(question: NumberQuestion, signal: AbortSignal): Promise<CheckOutcome> {
    const { value, callerNumber: number, customerId = '', callId } = question;
    const roots: Record<string, unknown> = {};
    let here: unknown;
    for (const step of document.steps) {
      const body = await askStep(client, step, { value, number, customerId, callId }, roots, signal);
      if (body === 'none') return { kind: 'none' };
      roots[step.id] = body.json;
      here = body.json;
      if (step.items === undefined) continue;
      const [first] = itemsOf(body.json, step, crmErrors);
      if (first === undefined) return { kind: 'none' };
      roots['item'] = first;
      here = first;
    }
    const told = Object.entries(fieldsOf(document.found ?? {}, roots, here)).flatMap(([name, raw]) => {
      const text = clean(raw, SHORT_MAX);
      return text === undefined ? [] : [[name, text] as const];
    });
    return { kind: 'found', data: Object.fromEntries(told) };
  }

  return {
    async ask(question) {
      try {
        return await guard.run((signal) => run(question, signal));
      } catch (error) {
        onFailed(codeOf(error));
        return { kind: 'unavailable' };
      }
    },
    close: () => client.close(),
  };
}

/** The guard rejects with an AppError only. */
const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code);
