import {Chalk, type ChalkInstance, supportsColor, supportsColorStderr} from 'chalk'

/** Colours as functions from text to text, chalk's; `level` is 0 where there are none. */
export type Style = ChalkInstance

type Stream = 'stdout' | 'stderr'

/** What chalk is without colours; to load it takes longer than to leave a text as it is. */
const plain = new Proxy(String, {get: (_target, name) => (name === 'level' ? 0 : plain)}) as unknown as Style

/** Colours for one stream: none in a pipe, with `NO_COLOR` (https://no-color.org), or on a terminal without them. */
export function styleOf(stream: Stream): Style {
  const {NO_COLOR, FORCE_COLOR} = process.env
  if (NO_COLOR || (!process[stream].isTTY && FORCE_COLOR === undefined)) return plain
  const support = stream === 'stdout' ? supportsColor : supportsColorStderr
  return new Chalk({level: support ? support.level : 0})
}
