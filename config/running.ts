import type { Config } from './config.ts';
import type { Problems } from './problems.ts';
import type { ConfigFileData } from './schema.ts';

const mend = 'Restart the server with this file, or leave this out until then.';

/**
 * What live sections ask of a part that the server was started without. Refused, for the rules would be in force and
 * what they ask for would not happen.
 */
export function checkAgainstRunning(data: ConfigFileData, running: Config, problems: Problems): void {
  const refuse = (key: string, message: string): void => problems.report('restart_needed', key, message, mend);
  if (running.outbound.routes.length === 0) {
    data.queues.forEach(({ callback }, index) => {
      if (callback)
        refuse(`queues[${index}].callback`, 'the server was started without outbound.routes and calls nobody');
    });
  }
  const nodes = new Set(running.pbx.nodes.map(({ id }) => id));
  data.agents.forEach(({ node }, index) => {
    if (node === undefined || nodes.has(node)) return;
    refuse(`agents[${index}].node`, `the server was started without the PBX "${node}"`);
  });
  const schedules = new Set(data.schedules.map(({ id }) => id));
  for (const { schedule } of running.outbound.callingHours) {
    if (schedules.has(schedule)) continue;
    refuse('schedules', `outbound.callingHours of the running server goes by "${schedule}"`);
  }
}
