/** Commands by what people do, in the order of the help, the reference and the man page. Every command must be listed. */
const groups: readonly (readonly [heading: string, ids: readonly string[]])[] = [
  [
    'Database',
    [
      'setup',
      'create',
      'drop',
      'undo',
      'schema:load',
      'schema:dump',
      'schema:diff',
      'dump',
      'pull',
      'pull:new',
      'restore',
      'seed',
      'init',
      'cache',
      'snapshot',
      'snapshot:restore',
      'protect',
      'unprotect',
    ],
  ],
  ['Migrations', ['migrate', 'migrate:new', 'migrate:status', 'migrate:down', 'migrate:check', 'migrate:adopt']],
  ['Connection', ['connect', 'target', 'wait', 'doctor']],
  ['Sessions', ['sessions', 'sessions:kill']],
  ['Production', ['sg:update']],
  ['Server', ['server:start', 'server:stop', 'server:status']],
  ['Application', ['activity:home', 'activity:create', 'activity:update', 'activity:delete']],
  ['Settings', ['completion']],
]

/** Commands under one heading. */
export interface CommandGroup<Listed> {
  heading: string
  commands: Listed[]
}

/** Puts commands into their groups. Leaves out a group of which no command is given. */
export function groupCommands<Listed extends {id: string}>(commands: Iterable<Listed>): CommandGroup<Listed>[] {
  const byId = new Map([...commands].map((command) => [command.id, command]))
  return groups
    .map(([heading, ids]) => ({
      heading,
      commands: ids.map((id) => byId.get(id)).filter((command) => command !== undefined),
    }))
    .filter((group) => group.commands.length > 0)
}
