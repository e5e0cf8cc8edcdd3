import type {Source} from '../targets/sources.js'
import type {Origin} from '../targets/target.js'
import {showControls} from '../text/controls.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import type {ListedTarget, ShownTarget, TargetPart} from './show-target.js'

const partColumns: Column<TargetPart>[] = [
  {heading: 'PART', cell: ({part}) => part},
  {heading: 'VALUE', cell: ({value}) => value},
  {heading: 'SOURCE', cell: ({source}) => describeSource(source)},
  {heading: 'OVERRIDES', cell: ({shadowed}) => shadowed.map(describeVariable).join(', ')},
]

const listColumns: Column<ListedTarget>[] = [
  {heading: 'TARGET', cell: ({name}) => name},
  {heading: 'SOURCE', cell: ({origin}) => (origin === undefined ? '' : describeOrigin(origin)), dropOrder: 1},
  {heading: 'URL', cell: ({url, database, problem}) => url ?? problem ?? `not running, database ${database}`},
]

/** Renders a target, part by part. `startCommand` is the command that starts the embedded server. */
export function renderTarget(
  {url, database, origin, shadowed, parts}: ShownTarget,
  startCommand: string,
  width: number | undefined,
  style: Style,
): string {
  if (url === null)
    return `The embedded server, database ${showControls(database)}. It is not running. To start it: ${startCommand}`
  const overrides = shadowed.length === 0 ? '' : `, overrides ${shadowed.map(describeVariable).join(', ')}`
  const heading = showControls(`${url}\nfrom ${describeOrigin(origin)}${overrides}`)
  return `${heading}\n\n${renderTable(partColumns, parts, width, style)}`
}

export function renderTargets(targets: ListedTarget[], width: number | undefined, style: Style): string {
  return renderTable(listColumns, targets, width, style)
}

function describeOrigin(origin: Origin): string {
  return origin.kind === 'embedded' ? 'the embedded server' : describeVariable(origin)
}

function describeVariable({variable, path}: {variable: string; path?: string}): string {
  return path === undefined ? variable : `${variable} in ${path}`
}

function describeSource(source: Source): string {
  switch (source.kind) {
    case 'url':
      return 'the URL'
    case 'variable':
      return describeVariable(source)
    case 'service':
      return `service ${source.service} in ${source.path}`
    case 'password_file':
      return source.path
    case 'iam':
      return 'IAM, new for each connection'
    case 'embedded':
      return 'the embedded server'
    case 'default':
      return 'default'
  }
}
