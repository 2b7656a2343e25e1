import { parseArgs, styleText } from 'node:util';
import { AppError, errorText } from '../../src/kernel/index.ts';
import { labError } from '../errors.ts';
import { narrate } from './narrator.ts';
import { openDoor } from './page.ts';
import { Stage } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { openSite, type Site } from './site.ts';

const help = `The main job of Ringmaster: PBX, callers, agents, CRM, server, all on this machine. The PBX is a real Asterisk where one is
or can be installed (Debian and its kin, as root); else a virtual one, which needs nothing but Node. Which, and why, is told.

Usage
  npm run demo                        play the scenarios again and again until Ctrl-C, with the live page to watch them
  npm run demo -- --once              play each scenario once
  npm run demo -- --once --json       the same; the last line of standard output is one JSON object:
                                      {"pbx":…,"why":…,"calls":[{"scenario":…,"expected":…,"got":…,"ok":…}],"ok":true}
                                      pbx is "virtual", or "Asterisk" and its version
  npm run demo -- --only WORD         only scenarios whose name contains WORD; may be given several times
  npm run demo -- --pbx virtual       the virtual PBX, on any machine; --pbx asterisk: the real one or none

Exit code 0 only if every scenario went as expected.
`;

interface Outcome {
  readonly scenario: string;
  readonly expected: string;
  readonly got: string;
  readonly ok: boolean;
}

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [''] },
    pbx: { type: 'string', default: 'auto' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** With --json standard output holds nothing but the result. */
const say = (line: string): void => {
  (values.json ? process.stderr : process.stdout).write(`${line}\n`);
};

async function play(site: Site): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const isVirtual = site.pbx === 'virtual';
  const wanted = scenarios.filter(({ name }) => values.only.some((word) => name.includes(word)));
  for (const scenario of wanted.filter(({ needsAsterisk }) => !(needsAsterisk && isVirtual))) {
    say(`\n${styleText('bold', scenario.name)}  ${styleText('dim', scenario.title)}`);
    const stage = new Stage(site);
    let got: string;
    try {
      got = await scenario.run(stage);
    } catch (error) {
      got = error instanceof AppError ? `${error.code}: ${error.message}` : errorText(error);
    }
    await stage.clear();
    const { name, expected } = scenario;
    const ok = got === expected;
    outcomes.push({ scenario: name, expected, got, ok });
    say(
      ok
        ? styleText('green', `  ok  ${got}`)
        : styleText('red', `  NOT AS EXPECTED\n  expected ${expected}\n  got      ${got}`),
    );
  }
  return outcomes;
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { pbx: wanted } = values;
  if (wanted !== 'auto' && wanted !== 'asterisk' && wanted !== 'virtual') {
    throw labError('bad_option', `--pbx ${wanted}: auto, asterisk or virtual`);
  }
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  await using site = await openSite(wanted, (line) => say(styleText('dim', `· ${line}`)));
  if (!values.once) for (const line of await openDoor(site.server)) say(line);
  site.room.onEvent = (event) => {
    const line = narrate(event);
    if (line !== undefined) say(line);
  };
  let outcomes: Outcome[];
  do outcomes = await play(site);
  while (!values.once && !stopping.signal.aborted);
  const ok = outcomes.length > 0 && outcomes.every((outcome) => outcome.ok);
  if (values.json) {
    const { pbx, why } = site;
    process.stdout.write(`${JSON.stringify({ pbx, why, calls: outcomes, ok })}\n`);
  } else {
    say(
      `\n${outcomes.filter((outcome) => outcome.ok).length} of ${outcomes.length} as expected, on ${site.pbx === 'virtual' ? 'the virtual PBX' : site.pbx}`,
    );
  }
  return ok ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const text = error instanceof AppError ? `${error.code}: ${error.message}\n${error.mend}` : errorText(error);
  process.stderr.write(`demo: ${text}\n`);
  process.exitCode = 1;
}
