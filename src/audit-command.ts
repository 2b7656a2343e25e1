import { readFileSync } from 'node:fs';
import { type Config, loadConfig } from '../config/index.ts';
import { anchorPath, auditKey } from './audit-settings.ts';
import { AppError, defineErrors, errorText, systemClock, systemRng } from './kernel/index.ts';
import { createLogger } from './observability/index.ts';
import { type AuditHead, openAuditChain, verifyAudit } from './security/index.ts';
import { createStores } from './storage/index.ts';
import { storeUrl } from './store-url.ts';

const errors = defineErrors('audit_check', {
  anchors_unreadable: [
    400,
    'the file of anchors cannot be read',
    'give a readable file of lines as the server writes them',
  ],
  broken: [409, 'the audit log is not what was written', 'compare with a backup; find out who can write the store'],
});

/** `ringmaster audit verify`: walks the chain and compares it with anchors. Throws `audit_check.broken` with what it found. */
export async function runAuditVerify(
  file: string,
  anchorFile: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const config = loadConfig(file, { env: process.env });
  const anchors = anchorsOf(config, anchorFile);
  const parts = { clock: systemClock, rng: systemRng, logger: createLogger({ level: 'silent' }) };
  const stores = createStores({ url: storeUrl(config), statementTimeoutMs: config.store.deadlineMs }, parts);
  try {
    await stores.prepare();
    const chain = await openAuditChain(stores.audit, auditKey(config));
    const { head, rows, erased, faults } = await verifyAudit(stores.audit, config.tenant, chain, anchors);
    say(
      `${rows} entries to ${head.sequence}, ${erased} of them without their personal data, ${anchors.length} anchors`,
    );
    for (const { sequence, kind, says } of faults) say(`${sequence}: ${kind}: ${says}`);
    if (faults.length > 0) throw new AppError(errors.broken, `${faults.length} faults`);
    if (config.audit.key === undefined) say('the key is in the store: its master could forge; see audit.key');
    say(`whole; the head is ${head.sequence} ${head.hmac}`);
  } finally {
    await stores.release();
  }
}

/** Heads from the lines of an anchor file, or of the server's log: both carry tenant, sequence and head. */
function anchorsOf(config: Config, given: string | undefined): readonly AuditHead[] {
  const path = given ?? anchorPath(config);
  if (path === undefined) return [];
  return textOf(path)
    .split('\n')
    .filter((line) => line.includes('"head"'))
    .map((line) => anchorOf(line))
    .filter(({ tenant }) => tenant === config.tenant)
    .map(({ sequence, head }) => ({ sequence, hmac: head }));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(errors.anchors_unreadable, errorText(cause), { cause });
  }
}

function anchorOf(line: string): { readonly tenant: string; readonly sequence: number; readonly head: string } {
  try {
    return JSON.parse(line) as ReturnType<typeof anchorOf>;
  } catch (cause) {
    throw new AppError(errors.anchors_unreadable, 'a line is not JSON', { cause });
  }
}
