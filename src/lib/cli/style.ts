import {Chalk, type ChalkInstance, supportsColor, supportsColorStderr} from 'chalk'

type Stream = 'stdout' | 'stderr'

/** Colours for one stream: none in a pipe, with `NO_COLOR` (https://no-color.org), or on a terminal without them. */
export function styleOf(stream: Stream): ChalkInstance {
  const support = stream === 'stdout' ? supportsColor : supportsColorStderr
  const level = process.env['NO_COLOR'] || !support ? 0 : support.level
  return new Chalk({level})
}
