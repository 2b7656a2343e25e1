import { parseArgs } from 'node:util';
import { startSampleCrm } from './server.ts';

const usage = `Usage: node lab/crm/main.ts [--port PORT] [--customers COUNT]

A sample CRM with two dialects, for tests and demonstrations. Ends on Ctrl-C.
  --port       TCP port on loopback; a free one by default
  --customers  customers beside the named ones, default 0

The bearer token is read from the environment variable SAMPLE_CRM_TOKEN, or made up and printed.
PUT /lab/behaviour {"delayMs": 2000, "failure": "none|http500|hang|garbage|reset|huge"} makes it slow or fail;
GET /lab/requests counts what it was asked.
`;

try {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, customers: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) process.stdout.write(usage);
  else await serve(wholeNumber('port', values.port, 65_535), wholeNumber('customers', values.customers, 90_000));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}

async function serve(port: number, generatedCustomers: number): Promise<void> {
  const token = process.env['SAMPLE_CRM_TOKEN'];
  const crm = await startSampleCrm({ port, generatedCustomers, ...(token ? { token } : {}) });
  const { url, credentials } = crm;
  const shown = token ? {} : { token: crm.token };
  process.stdout.write(
    `${JSON.stringify({ url, ...shown, ...credentials, example: crm.data.customers[0]?.mobile })}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void crm.stop());
}

function wholeNumber(name: string, text = '0', max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new Error(`--${name} takes a whole number up to ${max}, not "${text}"`);
}
