import {homedir} from 'node:os'

/** A path with the home folder for a leading `~`, as in psql (expand_tilde). */
export function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path
}
