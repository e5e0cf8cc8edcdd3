const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** Draws the last values as bars, one column each, scaled to the maximum. Only zero gets the lowest bar. */
export function sparkline(values: readonly number[], room: number): string {
  const shown = room > 0 ? values.slice(-room) : []
  const highest = Math.max(1, ...shown)
  return shown
    .map((value) => bars[value <= 0 ? 0 : Math.max(1, Math.round((value / highest) * (bars.length - 1)))] ?? '')
    .join('')
}
