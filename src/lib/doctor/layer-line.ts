import {formatDuration} from '../text/format.js'
import {showControls} from '../text/controls.js'
import type {Style} from '../text/style.js'
import {wrapWords} from '../text/wrap-words.js'
import type {Layer} from './doctor.js'

const layerSigns = {ok: '✓', warning: '!', failed: '✗'}

const indent = ' '.repeat(26)
const narrowest = 20

/** Renders one layer: `✓ tcp             12 ms  10.0.0.7, port 5432`, with what does not fit into the width below. */
export function renderLayer({layer, status, detail, milliseconds}: Layer, style: Style, width?: number): string {
  const color = {ok: style.green, warning: style.yellow, failed: style.red}[status]
  const text = showControls(detail)
  const lines = width ? wrapWords(text, Math.max(narrowest, width - indent.length)) : [text]
  return `${color(layerSigns[status])} ${layer.padEnd(14)}  ${formatDuration(milliseconds).padStart(6)}  ${lines.join(`\n${indent}`)}`
}
