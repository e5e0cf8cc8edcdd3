import {UsageError} from '../errors.js'

const units: Record<string, number> = {ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400}
const maxSeconds = 100 * 365 * 86_400

/**
 * Parses a duration, in seconds: 500ms, 30s, 5m, 2h, 1d, 1h30m; a number alone means seconds. `what` is its name in the
 * error.
 * @throws UsageError (`duration_invalid`)
 */
export function parseDuration(text: string, what: string): number {
  const trimmed = text.trim().toLowerCase()
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|[smhd])\s*/g)]
  const whole = parts.map(([part]) => part).join('')
  const seconds = /^\d+(\.\d+)?$/.test(trimmed)
    ? Number(trimmed)
    : parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? NaN), 0)
  const understood = trimmed !== '' && (whole === trimmed || /^\d+(\.\d+)?$/.test(trimmed))
  if (understood && seconds <= maxSeconds) return seconds
  throw new UsageError(
    understood
      ? `${what} must not be longer than 100 years.`
      : `${what} must be a time, not ${JSON.stringify(text.slice(0, 40))}.`,
    {
      code: 'duration_invalid',
      next: ['Write a number and a unit, for example 30s, 5m, 2h or 1d.'],
    },
  )
}
