import {SqlSplitter} from '../sql-text/splitter.js'

/** The comment before each object of a dump (_printTocEntry in pg_backup_archiver.c). */
export interface DumpHeading {
  /** pg_dump's word for the kind of object, for example `TABLE`, `FK CONSTRAINT`, `COMMENT`. */
  type: string
  /** Null for an object that is in no schema. */
  schema: string | null
  /** For a part of a table, the table comes first: `users users_pkey`. */
  name: string
  /** The position in the text, in bytes. */
  at: number
}

const heading = /^--\n-- Name: (.*); Type: ([A-Z ]+); Schema: (.*?); Owner: .*$/gm

/** The headings and statements of a text of pg_dump, in order. Text inside of statements may look like a heading. */
export function* dumpParts(text: string): Generator<DumpHeading | string> {
  const splitter = new SqlSplitter({file: 'dump'})
  for (const {kind, bytes, start, offset} of [...splitter.push(Buffer.from(text)), ...splitter.end()]) {
    const comments = bytes.toString('utf8', 0, kind === 'blank' ? bytes.length : start)
    for (const {1: name = '', 2: type = '', 3: schema = '', index} of comments.matchAll(heading)) {
      const at = offset + Buffer.byteLength(comments.slice(0, index))
      yield {type, schema: schema === '-' ? null : schema, name, at}
    }
    if (kind === 'statement') yield bytes.toString('utf8', start)
  }
}
