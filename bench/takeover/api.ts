import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../src/kernel/index.ts';

const patienceMs = 15_000;
const tryMs = 3_000;

/** The API of several instances, asked as a client behind a balancer asks: another one when one does not answer. */
export class Api {
  private readonly urls: readonly string[];
  private readonly key: string;

  constructor(urls: readonly string[], key: string) {
    this.urls = urls;
    this.key = key;
  }

  /** Repeats until it is answered with 2xx; rejects with the last answer when nobody has for too long. */
  async ask<Body = unknown>(method: 'GET' | 'POST', path: string): Promise<Body> {
    const endsAtMs = performance.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.askOne<Body>(this.urls[attempt % this.urls.length] ?? '', method, path);
      } catch (error) {
        if (performance.now() > endsAtMs) throw new Error(`${method} ${path}: ${errorText(error)}`, { cause: error });
        await sleep(100);
      }
    }
  }

  async signIn(...agentIds: readonly string[]): Promise<void> {
    for (const id of agentIds) await this.ask('POST', `/v1/agents/${id}/sign-in`);
  }

  private async askOne<Body>(url: string, method: string, path: string): Promise<Body> {
    const headers = { authorization: `Bearer ${this.key}` };
    const response = await fetch(`${url}${path}`, { method, headers, signal: AbortSignal.timeout(tryMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }
}
