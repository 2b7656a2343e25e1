/** A bar on standard error, only where a person watches; at most ten changes a second. */
export function progressBar(
  label: string,
  nowMs: () => number,
): { readonly show: (share: number) => void; readonly clear: () => void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let shownAtMs = Number.NEGATIVE_INFINITY;
  const width = 30;
  return {
    show: (share) => {
      if (nowMs() - shownAtMs < 100) return;
      shownAtMs = nowMs();
      const full = Math.round(Math.min(1, Math.max(0, share)) * width);
      stderr.write(`\r${label} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.floor(share * 100)} %`);
    },
    clear: () => void stderr.write('\r\u001B[K'),
  };
}
