import {formatDuration} from '../text/format.js'
import {showControls} from '../text/controls.js'
import type {Style} from '../text/style.js'
import type {Layer} from './doctor.js'

const layerSigns = {ok: '✓', warning: '!', failed: '✗'}

/** Renders one layer: `✓ tcp             12 ms  10.0.0.7, port 5432`. */
export function renderLayer({layer, status, detail, milliseconds}: Layer, style: Style): string {
  const color = {ok: style.green, warning: style.yellow, failed: style.red}[status]
  return `${color(layerSigns[status])} ${layer.padEnd(14)}  ${formatDuration(milliseconds).padStart(6)}  ${showControls(detail)}`
}
