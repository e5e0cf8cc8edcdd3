import {existsSync} from 'node:fs'
import {dirname, resolve} from 'node:path'

/** How a psql command names a file. */
export interface NamedFile {
  path: string
  /** Whether only the folder of the naming file counts, as with `\ir`. */
  relative: boolean
}

/** Where the file of a psql command may be, in order: in the working folder, as for psql, then next to the naming file. */
export function placesOf({path, relative}: NamedFile, from: string, cwd: string): string[] {
  const beside = resolve(dirname(from), path)
  return relative ? [beside] : [...new Set([resolve(cwd, path), beside])]
}

/** The first of the places that exists. */
export function firstThere(places: readonly string[]): string | undefined {
  return places.find((place) => existsSync(place))
}
