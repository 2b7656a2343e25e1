import { defineErrors } from '../src/kernel/index.ts';

/** Of a command that only people run: no code of the server's API. */
export const simErrors = defineErrors('sim', {
  csv: [400, 'a CSV file of the scenario cannot be used', 'mend the line that is named'],
  unwritable: [500, 'a report cannot be written', 'name a file in a folder that exists and may be written to'],
});
