import { AppError, systemClock } from '../../../kernel/index.ts';
import { crmError } from '../../errors.ts';
import { defaultNumberPlan, normaliseNumber } from '../../numbers.ts';
import type { AdapterAnswer } from '../adapter.ts';
import type { HttpRequest } from '../../../outgoing/index.ts';
import { createRestAdapter } from './adapter.ts';
import type { Template } from './parse.ts';

export interface RecordedAnswer {
  readonly status: number;
  /** A text, or a value that is written as JSON. */
  readonly body: unknown;
}

export interface DryRun {
  /** The requests that would have been sent, secrets left out. */
  readonly requests: readonly HttpRequest[];
  readonly outcome: AdapterAnswer | { readonly kind: 'error'; readonly code: string; readonly message: string };
}

/** Runs a template against recorded answers, given out in order; nothing is sent. */
export async function dryRun(template: Template, number: string, recorded: readonly RecordedAnswer[]): Promise<DryRun> {
  const requests: HttpRequest[] = [];
  const adapter = createRestAdapter({
    template,
    resolveSecret: ({ name }) => (template.document.baseUrl.includes(name) ? 'https://crm.invalid' : 'SECRET'),
    allow: [],
    connectionsMax: 1,
    clock: systemClock,
    transport: {
      send: (request) => {
        const answer = recorded[requests.length];
        requests.push(request);
        if (!answer) return Promise.reject(crmError('unreachable', 'no recorded answer is left'));
        const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        return Promise.resolve({ status: answer.status, body });
      },
      close: () => Promise.resolve(),
    },
  });
  const caller = normaliseNumber(number, defaultNumberPlan);
  const query = { tenant: 'dry-run', callId: 'dry-run', idempotencyKey: 'dry-run', dialledNumber: '4000000000' };
  try {
    const formats = caller.kind === 'anonymous' ? {} : caller.formats;
    return { requests, outcome: await adapter.find({ ...query, number: formats }, new AbortController().signal) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { requests, outcome: { kind: 'error', code: error.code, message: error.message } };
  }
}
