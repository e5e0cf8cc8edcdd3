import type {ChalkInstance} from 'chalk'
import type {Layer} from '../operations/doctor.js'
import {formatDuration} from './format.js'

const signs = {ok: '✓', warning: '!', failed: '✗'}

/** One layer on one line: `✓ tcp             12 ms  10.0.0.7, port 5432`. */
export function renderLayer({layer, status, detail, milliseconds}: Layer, style: ChalkInstance): string {
  const colour = {ok: style.green, warning: style.yellow, failed: style.red}[status]
  return `${colour(signs[status])} ${layer.padEnd(14)}  ${formatDuration(milliseconds).padStart(6)}  ${detail}`
}
