import { failed, type Finding, notChecked, ok, said, together, warning } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

/** A line of the dialplan, as ShowDialPlan lists it. */
export interface DialplanLine {
  readonly context: string;
  readonly extension: string;
  readonly priority: number;
  readonly application: string;
  readonly data: string;
}

const install = said(
  'Bring the snippets of config/presets/asterisk into your dialplan, then `dialplan reload`.',
  '请将 config/presets/asterisk 中的片段加入拨号方案，然后执行 dialplan reload。',
);

export function judgeDialplan(
  lines: readonly DialplanLine[],
  { application, transferContext }: { readonly application: string; readonly transferContext: string },
): Finding {
  const entries = lines.filter((line) => leadsToUs(line, application) && !isAsterisksOwn(line));
  const at = ({ context, extension, priority }: DialplanLine): string => `${context},${extension},${priority}`;
  if (entries.length === 0) {
    return failed(
      said(
        `no line leads here: neither Stasis(${application}) nor StasisBroadcast, AGI or CURL to us`,
        `没有一行通向本服务：未见 Stasis(${application})、StasisBroadcast、AGI 或 CURL`,
      ),
      install,
    );
  }
  const findings: Finding[] = [];
  const follows = new Set(lines.map(at));
  const alone = entries.filter((line) => !follows.has(at({ ...line, priority: line.priority + 1 })));
  if (alone.length > 0) {
    const [first] = alone.map(at);
    findings.push(
      warning(
        said(
          `nothing follows ${first}: callers are cut off while no server runs`,
          `${first} 之后没有内容：服务不在时来电会被挂断`,
        ),
        said(
          'Let a fallback follow, e.g. Goto(ringmaster-fallback,s,1).',
          '请在其后加兜底，如 Goto(ringmaster-fallback,s,1)。',
        ),
      ),
    );
  }
  if (!lines.some(({ context }) => context === transferContext)) {
    findings.push(
      warning(
        said(
          `there is no context ${transferContext} for blind transfers to numbers`,
          `缺少盲转用的上下文 ${transferContext}`,
        ),
        install,
      ),
    );
  }
  const [first] = entries.map(at);
  findings.push(
    ok(`${entries.length} lines lead here, the first ${first}`, `${entries.length} 行通向本服务，首行 ${first}`),
  );
  return findings.length === 1 ? together(findings) : together(findings.slice(0, -1));
}

/** Asterisk makes a context `stasis-NAME` for each application that is connected; no call gets there by itself. */
const isAsterisksOwn = ({ context }: DialplanLine): boolean => context.startsWith('stasis-');

function leadsToUs({ application, data }: DialplanLine, name: string): boolean {
  if (application === 'Stasis') return data.split(',')[0] === name;
  if (application === 'StasisBroadcast') return true;
  if (application === 'AGI') return data.startsWith('agi://');
  return data.includes('/v1/dialplan/route');
}

export async function checkDialplan(
  visit: AmiVisit,
  settings: { readonly application: string; readonly transferContext: string },
  deadlineMs: number,
): Promise<Finding> {
  if (!visit.reached) return notChecked('AMI is not reachable', 'AMI 不可达');
  const answer = await visit.link.list('ShowDialPlan', {}, { deadlineMs });
  if (answer.kind === 'refused') {
    return notChecked(
      'the AMI user may not list the dialplan (write = reporting)',
      'AMI 用户无权列出拨号方案（write = reporting）',
    );
  }
  const lines = answer.events.map((event) => ({
    context: event.get('Context') ?? '',
    extension: event.get('Exten') ?? event.get('Extension') ?? '',
    priority: Number(event.get('Priority') ?? 0),
    application: event.get('Application') ?? '',
    data: event.get('AppData') ?? '',
  }));
  return judgeDialplan(lines, settings);
}
