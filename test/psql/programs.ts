import {execa} from 'execa'
import {join} from 'node:path'

const {stdout: bin} = await execa('pg_config', ['--bindir'])

/** The folder whose `bin` they are in, a server's among them. */
export const programs = bin.replace(/\/bin$/, '')
/** The programs themselves: on Debian's PATH there is a script in their place that takes as long again. */
export const [psql, pgDump] = [join(bin, 'psql'), join(bin, 'pg_dump')]
