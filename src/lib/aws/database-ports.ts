import {CruddurError} from '../errors.js'
import {localName, nameOf, resolveTarget} from '../targets/target.js'
import type {Variables} from '../targets/variables.js'

export const postgresPort = 5432

/** The port of Postgres, and the ports of the targets that are set: a rule for one of them is for a database. */
export function databasePorts(variables: Variables): number[] {
  const names = variables.names().flatMap((variable) => nameOf(variable) ?? [])
  const ports = [localName, ...names].flatMap((name) => portsOf(name, variables))
  return [...new Set([postgresPort, ...ports])]
}

/** None for a URL with an error: the command that connects reports it. */
function portsOf(name: string, variables: Variables): number[] {
  try {
    return resolveTarget(name, variables)?.url.hosts.map(({port}) => port) ?? []
  } catch (error) {
    if (error instanceof CruddurError) return []
    throw error
  }
}
