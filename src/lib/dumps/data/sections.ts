import {SqlSplitter} from '../../sql-text/splitter.js'
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
const heading = /^--\n-- Name: .*; Type: ([A-Z ]+); Schema: .*; Owner: .*\n/m

/**
 * Divides the text of pg_dump at the place of the rows. It has both sections in one run, which is quicker than two. Text
 * inside statements is passed over, because it may look like a heading.
 */
export function splitSections(text: string): {before: string; after: string} {
  const bytes = Buffer.from(text)
  const splitter = new SqlSplitter({file: 'dump'})
  const pieces = [...splitter.push(bytes), ...splitter.end()]
  for (const {kind, offset, start, length, bytes: piece} of pieces) {
    const comments = piece.toString('utf8', 0, kind === 'blank' ? length : start)
    const found = heading.exec(comments)
    if (found === null || !afterRows.has(found[1] ?? '')) continue
    const at = offset + Buffer.byteLength(comments.slice(0, found.index))
    return {before: bytes.toString('utf8', 0, at), after: bytes.toString('utf8', at)}
  }
  const at = text.length - closing.length + 1
  return {before: text.slice(0, at), after: text.slice(at)}
}
