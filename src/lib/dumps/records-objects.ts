import {type DumpHeading, dumpParts} from './dump-parts.js'

/** The table in which applied migrations are recorded, with its constraints and comments. */
const recordsObject = /^(?:(?:TABLE|COLUMN) )?schema_migrations(?:[ .].*)?$/

/** Whether an object belongs to the table that records migrations, which is no part of an application's schema. */
export function isRecordsObject({name}: Pick<DumpHeading, 'name'>): boolean {
  return recordsObject.test(name)
}

/** A schema of pg_dump without that table. */
export function withoutRecords(sql: string): string {
  const headings = [...dumpParts(sql)].filter((part) => typeof part !== 'string')
  if (!headings.some(isRecordsObject)) return sql
  const bytes = Buffer.from(sql)
  const kept = headings.map((heading, index) =>
    isRecordsObject(heading) ? '' : bytes.toString('utf8', heading.at, headings[index + 1]?.at),
  )
  return bytes.toString('utf8', 0, headings[0]?.at) + kept.join('')
}
