/** A queue of app_queue as a site has it, text for queues.conf: phones in turn, nobody rung who is on a call. */
export function appQueue(
  name: string,
  members: readonly string[],
  { strategy = 'linear', timeoutSeconds = 10 }: { readonly strategy?: string; readonly timeoutSeconds?: number } = {},
): string {
  return `[${name}]
autofill = yes
strategy = ${strategy}
ringinuse = no
timeout = ${timeoutSeconds}
retry = 1
joinempty = yes
${members.map((member) => `member => ${member}`).join('\n')}
`;
}
