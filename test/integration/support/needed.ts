/** Why a test is not run for want of a part; where everything must run (`CI=true`) that fails. */
export function needed(part: string, why: string): string {
  const line = `NOT TESTED HERE, no ${part}: ${why}`;
  if (process.env['CI'] === 'true') throw new Error(line);
  process.stderr.write(`${line}\n`);
  return line;
}
