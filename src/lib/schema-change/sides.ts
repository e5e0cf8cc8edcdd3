import type {OperationContext} from '../access/context.js'
import {dumpParts} from '../dumps/dump-parts.js'
import {withLoadedSchema} from '../dumps/file-schema.js'
import {foreignSchema} from '../dumps/load-schema.js'
import {readSchema} from '../dumps/schema-dump.js'
import {withClient} from '../postgres/connect/client.js'
import {displayPath, type FoundScripts} from '../sql-files/sql-file.js'
import type {ChangeSide, LoadedSide} from './change.js'

interface SideOptions {
  cwd: string
  /** The name of the database in the files. */
  database: string
}

/** The schema that SQL files make. */
export function fileSide(files: FoundScripts, {cwd, database}: SideOptions): ChangeSide {
  return {
    label: displayPath(files.path, cwd),
    load: (server, use) =>
      withLoadedSchema(server, files.inputs, {cwd, database, owners: true}, (scratch, skipped) =>
        withoutRecords({scratch, skipped}, use),
      ),
  }
}

/**
 * The schema of a target, which is only read, once. What its main owner has is owned by the role of the server for the
 * trials; other roles count as far as that server has them.
 */
export function targetSide(label: string, context: OperationContext, options: SideOptions): ChangeSide {
  let text: Promise<string> | undefined
  return {
    label,
    async load(server, use) {
      text ??= readSchema({owners: true}, context).then(({sql}) => withoutMainOwner(sql))
      const input = foreignSchema(await text)
      return withLoadedSchema(server, [input], {...options, owners: false}, (scratch, skipped) =>
        withoutRecords({scratch, skipped}, use),
      )
    },
  }
}

const ownership = /^ALTER [\s\S]* OWNER TO ((?:"(?:[^"]|"")*"|[^\s".;])+);$/

/** The owner of most objects is whoever applies a change, under whatever name. */
function withoutMainOwner(sql: string): string {
  const statements = [...dumpParts(sql)].filter((part) => typeof part === 'string')
  const counts = new Map<string, number>()
  for (const owner of statements.flatMap((each) => ownership.exec(each)?.[1] ?? []))
    counts.set(owner, (counts.get(owner) ?? 0) + 1)
  const [[main = ''] = []] = [...counts].sort(([, one], [, other]) => other - one)
  return statements
    .filter((each) => ownership.exec(each)?.[1] !== main)
    .map((each) => each.replace(`ALTER DEFAULT PRIVILEGES FOR ROLE ${main} `, 'ALTER DEFAULT PRIVILEGES '))
    .join('\n')
}

const dropRecords = `do $$
declare name text;
begin
  for name in
    select pg_catalog.format('%I.%I', nspname, relname)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where relname = 'schema_migrations' and relkind = 'r'
  loop execute 'drop table ' || name; end loop;
end $$`

/** The table that records migrations is no part of a schema. */
export async function withoutRecords<T>(side: LoadedSide, use: (side: LoadedSide) => Promise<T>): Promise<T> {
  const {target, signal} = side.scratch
  await withClient(target.url, {signal}, (client) => client.query(dropRecords))
  return use(side)
}
