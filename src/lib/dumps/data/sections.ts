import {dumpParts} from '../dump-parts.js'
import {closing} from '../schema-text.js'

/** What pg_dump writes after the rows: its section post-data, and the privileges. */
const afterRows = new Set([
  'ACL',
  'CHECK CONSTRAINT',
  'CONSTRAINT',
  'DEFAULT ACL',
  'EVENT TRIGGER',
  'FK CONSTRAINT',
  'INDEX',
  'INDEX ATTACH',
  'MATERIALIZED VIEW DATA',
  'POLICY',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'ROW SECURITY',
  'RULE',
  'STATISTICS',
  'STATISTICS DATA',
  'SUBSCRIPTION',
  'SUBSCRIPTION TABLE',
  'TRIGGER',
])

/** Divides the text of pg_dump at the place of the rows. It has both sections in one run, which is quicker than two. */
export function splitSections(text: string): {before: string; after: string} {
  const bytes = Buffer.from(text)
  for (const part of dumpParts(text)) {
    if (typeof part === 'string' || !afterRows.has(part.type)) continue
    return {before: bytes.toString('utf8', 0, part.at), after: bytes.toString('utf8', part.at)}
  }
  const at = text.length - closing.length + 1
  return {before: text.slice(0, at), after: text.slice(at)}
}
