/** `88.1%` of 0.881. */
export const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

/** `104,684`. */
export const count = (value: number) => value.toLocaleString('en-US');

/** `1.2 s`, `14 s`, `2m 05s`, `1h 05m`. */
export function duration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

/** `text`, or its beginning and an ellipsis. */
export const shorten = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
