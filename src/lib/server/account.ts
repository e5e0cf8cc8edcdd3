import {lstat, readFile} from 'node:fs/promises'
import {type Account, unavailable} from './programs.js'

/**
 * The account that runs the server if this program runs as root: the owner of the data, or `postgres`, or `nobody`.
 * Undefined for an ordinary user, whose own account runs the server.
 */
export async function serverAccount(data: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    const {uid, gid} = await lstat(data)
    return {uid, gid}
  } catch {
    return (await accountOf('postgres')) ?? (await accountOf('nobody')) ?? fail()
  }
}

function fail(): never {
  throw unavailable('Postgres refuses to run as root, and there is no account "postgres" or "nobody"')
}

/** Reads passwd(5), which is fast; `id` is the fallback for macOS and directory services. */
async function accountOf(name: string): Promise<Account | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'))
  const [, , localUid, localGid] = lines.find(([account]) => account === name) ?? []
  if (localUid !== undefined && localGid !== undefined)
    return {uid: Number(localUid) >>> 0, gid: Number(localGid) >>> 0}
  const {execa} = await import('execa')
  const ask = (flag: string): Promise<{exitCode?: number; stdout: string}> => execa('id', [flag, name], {reject: false})
  const [uid, gid] = await Promise.all([ask('-u'), ask('-g')])
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return undefined
  // macOS prints the uid of nobody as -2, but setuid needs it unsigned.
  return {uid: Number(uid.stdout) >>> 0, gid: Number(gid.stdout) >>> 0}
}
