import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {expandedText} from './expanded.js'
import {marker} from './migration.js'
import type {MigrationFile} from './migration-files.js'
import type {MigrationRecord} from './records.js'

/**
 * Whether a file has the very text that is stored, which most files have and which is cheaper to find than whether it has
 * the same statements. False if it cannot be read.
 */
export function hasStoredText({path}: MigrationFile, {textDigest}: MigrationRecord, cwd: string): boolean {
  if (textDigest === null) return false
  const text = readText(path)
  const [up, down, more] = text === undefined ? [] : [...text.matchAll(marker)]
  if (text === undefined || up?.[1] !== 'up' || (down !== undefined && down[1] !== 'down') || more !== undefined)
    return false
  const parts = [text.slice(up.index, down?.index)]
  // A down without statements is not stored.
  if (down !== undefined && !/^.*\s*$/.test(text.slice(down.index))) parts.push(text.slice(down.index))
  const input = {path}
  const whole = parts.map((part) => expandedText({text: part, input}, cwd)).join('\u0001')
  return createHash('sha256').update(whole).digest('hex') === textDigest
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Who needs the file reports it.
    return undefined
  }
}
