import { type Static, Type } from '../src/schema/index.ts';
import type { RecordingCare } from '../src/call/index.ts';
import { sounds } from './question.ts';
import { duration, formed } from './kinds.ts';
import { parseRule, recordingRule } from './recording-rule.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** How conversations are recorded, and what becomes of the files. */
export const RecordingSection = Type.Object({
  rule: recordingRule(
    'what is recorded where neither number nor queue says otherwise; onDemand: only what the API asks for',
    'never',
  ),
  format: formed(/^(wav|wav16|sln|ulaw|alaw|gsm)$/, 'wav, wav16, sln, ulaw, alaw or gsm', 'format of the files', {
    default: 'wav',
  }),
  announcement: sounds('sounds that both hear before a recording that the rule asks for'),
  announcementMaxMs: duration(15_000, 0, 5 * 60_000, 'after this it is recorded even if the announcement never ended'),
  pauseMaxMs: duration(120_000, 1_000, day, 'a pause that lasts longer is told by event, again and again'),
  lengthMaxMs: duration(4 * hour, 60_000, day, 'the PBX ends a longer recording'),
  keepMs: duration(90 * day, hour, 3650 * day, 'how long recordings are kept'),
  readWithinMs: duration(hour, 10_000, 7 * day, 'a file that could not be read by then is given up'),
  fileBytesMax: Type.Integer({
    default: 1_000_000_000,
    minimum: 1_000,
    maximum: 100_000_000_000,
    description: 'a larger file is not read',
  }),
  directory: Type.Optional(
    formed(
      /^\/[^\0\n]{0,1000}$/,
      'an absolute path',
      'where the recordings of the PBX lie on this machine; asked for over ARI when absent',
    ),
  ),
});

/** What calls need to know of recording. */
export function recordingCare({ recording }: { readonly recording: Static<typeof RecordingSection> }): RecordingCare {
  const { rule, format, announcement, announcementMaxMs, pauseMaxMs, lengthMaxMs } = recording;
  return { rule: parseRule(rule), format, announcement, announcementMaxMs, pauseMaxMs, lengthMaxMs };
}
