const minuteMs = 60_000;

/** Milliseconds since midnight of `08:30` or `08:30:15`. */
export function dayTimeMs(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * minuteMs + seconds * 1000;
}

/** `08:30` of milliseconds since midnight; the next day begins at 00:00 again. */
export function dayTimeText(ms: number): string {
  const minutes = Math.floor(ms / minuteMs);
  return `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
