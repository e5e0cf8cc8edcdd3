import {Chalk, type ChalkInstance, supportsColor, supportsColorStderr} from 'chalk'

/** chalk's functions that color text; `level` is 0 if there are no colors. */
export type Style = ChalkInstance

type Stream = 'stdout' | 'stderr'

/** A replacement for chalk without colors, because loading chalk takes time. */
const plain = new Proxy(String, {get: (_target, name) => (name === 'level' ? 0 : plain)}) as unknown as Style

/** Colors for one stream. There are none in a pipe, with `NO_COLOR` (https://no-color.org), or if the terminal has none. */
export function styleOf(stream: Stream): Style {
  const {NO_COLOR, FORCE_COLOR} = process.env
  if (NO_COLOR || (!process[stream].isTTY && FORCE_COLOR === undefined)) return plain
  const support = stream === 'stdout' ? supportsColor : supportsColorStderr
  return new Chalk({level: support ? support.level : 0})
}
