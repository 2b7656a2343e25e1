import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTicks } from './process.ts';
import { cacheDir } from './provision.ts';

/** One server that `lab up` left running. */
export interface RunningPart {
  readonly name: string;
  readonly pid: number;
  /** With the pid it names the process for good: pids are used again. */
  readonly startTicks: string;
  readonly runDir: string;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** Label and value, as shown to a person. */
  readonly addresses: readonly (readonly [string, string])[];
}

export interface LabState {
  readonly parts: readonly RunningPart[];
  /** Environment variables that a server against this lab needs: the secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly exampleConfig: string;
}

const statePath = (): string => join(cacheDir(), 'lab-up.json');

export function readState(): LabState | undefined {
  try {
    return JSON.parse(readFileSync(statePath(), 'utf8')) as LabState;
  } catch {
    // No file, or one that was cut short: both mean that nothing is known to run.
    return undefined;
  }
}

/** Holds secrets of the lab, so only its owner may read it. */
export function writeState(state: LabState): void {
  mkdirSync(dirname(statePath()), { recursive: true });
  rmSync(statePath(), { force: true });
  writeFileSync(statePath(), `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
}

export function removeState(): void {
  rmSync(statePath(), { force: true });
}

export const isRunning = (part: RunningPart): boolean => startTicks(part.pid) === part.startTicks;
