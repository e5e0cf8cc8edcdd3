const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** The last values as bars, one column each, scaled to the highest of them; zero has the lowest bar to itself. */
export function sparkline(values: readonly number[], room: number): string {
  const shown = room > 0 ? values.slice(-room) : []
  const highest = Math.max(1, ...shown)
  return shown
    .map((value) => bars[value <= 0 ? 0 : Math.max(1, Math.round((value / highest) * (bars.length - 1)))] ?? '')
    .join('')
}
