import { loadConfig } from '../config/index.ts';
import { examine } from './compose-doctor.ts';
import { languageOf, reportText, runChecks, toReport } from './doctor/index.ts';
import { systemClock, systemRng, systemStopwatch } from './kernel/index.ts';
import { createLogger } from './observability/index.ts';
import { Secret } from './security/index.ts';

export interface DoctorWish {
  readonly json: boolean;
  readonly lang: string | undefined;
  readonly asteriskEtc: string | undefined;
}

/** `ringmaster doctor` on a config file, beside a running server or without one. Whether nothing failed. */
export async function runDoctor(wish: DoctorWish, file: string, say: (text: string) => void): Promise<boolean> {
  const config = loadConfig(file, { env: process.env });
  const logger = createLogger({ level: 'silent' });
  const parts = { clock: systemClock, rng: systemRng, stopwatch: systemStopwatch, logger };
  const { asteriskEtc } = wish;
  const { checks, close } = examine(config, parts, { env: process.env, nodeVersion: process.version, asteriskEtc });
  let done = 0;
  const progress = (id = ''): void => {
    if (process.stderr.isTTY && !wish.json) process.stderr.write(`\r\u001b[K${done}/${checks.length} ${id}`);
  };
  progress();
  const outcomes = await runChecks(checks, systemClock, ({ id }) => {
    done += 1;
    progress(id);
  });
  if (process.stderr.isTTY && !wish.json) process.stderr.write('\r\u001b[K');
  await close();
  const language = languageOf(wish.lang, process.env);
  const report = toReport(outcomes, language, secretsIn(config));
  say(wish.json ? `${JSON.stringify(report)}\n` : reportText(report, language));
  return report.ok;
}

/** Every secret of the configuration, and the passwords inside of URLs, to keep them out of what others wrote. */
function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) {
    const text = value.reveal();
    const password = URL.parse(text)?.password ?? '';
    return [text, password, decodeURIComponent(password)];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}
