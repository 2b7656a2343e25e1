/** The last version known to have the holes below. Refuse nothing by version: warn. */
const LAST_AFFECTED = [22, 10, 0] as const;
const ADVISORIES = ['GHSA-vrfp-mg3q-3959', 'GHSA-wcvv-g26m-wx5c'] as const;

/** Advisories that may touch the PBX of this version text (`22.10.1+dfsg…`); none when it cannot be read. */
export function advisoriesFor(version: string): readonly string[] {
  const match = /^(?:certified[/-])?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (!match) return [];
  const parts = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  for (const [index, limit] of LAST_AFFECTED.entries()) {
    const part = parts[index] ?? 0;
    if (part !== limit) return part < limit ? ADVISORIES : [];
  }
  return ADVISORIES;
}
