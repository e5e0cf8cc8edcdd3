import type {Client} from 'pg'
import type {ConnectionUrl} from '../../targets/connection-url.js'

const wanted = new WeakMap<Client, string>()

/** Remembers the encoding that the URL of a client wants. The connection itself is always in UTF-8. */
export function noteEncoding(client: Client, url: ConnectionUrl): void {
  const encoding = encodingOfUrl(url)
  if (encoding !== undefined) wanted.set(client, encoding)
}

/** The encoding that the URL of the client wants; undefined if none is set, or if the client is not ours. */
export function wantedEncoding(client: Client): string | undefined {
  return wanted.get(client)
}

/**
 * The `client_encoding` of the URL, its service, `PGCLIENTENCODING` or the `options`, in which psql would read files. As on
 * the server, the parameter counts before the options.
 */
export function encodingOfUrl({parameters}: ConnectionUrl): string | undefined {
  return parameters.get('client_encoding') || encodingInOptions(parameters.get('options') ?? '')
}

/** The encoding that `-c client_encoding=…` or `--client-encoding=…` sets; the last one counts, as on the server. */
function encodingInOptions(options: string): string | undefined {
  // A space after a backslash belongs to a word (pg_split_opts in postinit.c).
  const words = (options.match(/(?:\\.|\S)+/gs) ?? []).map((word) => word.replace(/\\(.)/gs, '$1'))
  const settings = words.flatMap((word, index) => {
    if (word.startsWith('--')) return [word.slice(2)]
    if (word === '-c') return [words[index + 1] ?? '']
    return word.startsWith('-c') ? [word.slice(2)] : []
  })
  return settings.flatMap((setting) => /^client[-_]encoding=(.+)$/i.exec(setting)?.[1] ?? []).at(-1)
}
