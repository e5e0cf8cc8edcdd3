import {createHash, createHmac, pbkdf2Sync, randomBytes} from 'node:crypto'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'
import {LastRows} from '../sql-text/psql/rows.js'
import type {CommandRunner} from './command-context.js'
import {commandFailure} from './failures.js'

const iterations = 4096

/** `\password`: the server only gets what it stores, so that the password is in none of its logs. */
export const changePassword: CommandRunner = async ([given], {session, terminal}) => {
  if (terminal === undefined) throw commandFailure('\\password needs a terminal.')
  const role = given ?? session.facts.role
  const first = await terminal.secret(`Enter new password for user "${role}": `)
  if (first === undefined) return
  const again = await terminal.secret('Enter it again: ')
  if (again === undefined) return
  if (first !== again) throw commandFailure("Passwords didn't match.")
  const {rows} = await session.table('password-encryption')
  const stored = rows[0]?.[0] === 'md5' ? md5Verifier(role, first) : scramVerifier(first, randomBytes(16))
  const statement = `alter role ${escapeIdentifier(role)} password ${escapeLiteral(stored)}`
  await session.run(Buffer.from(statement), new LastRows())
}

/** As the server stores it (https://www.postgresql.org/docs/current/catalog-pg-authid.html). */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const key = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`
}

function md5Verifier(role: string, password: string): string {
  return `md5${createHash('md5').update(`${password}${role}`).digest('hex')}`
}
