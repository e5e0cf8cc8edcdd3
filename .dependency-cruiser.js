// Who may import whom (docs/architecture.md): one folder of src/lib is one room, and imports run one way, types included.

/** What all may stand on. */
const ground = ['errors', 'package-root']
const access = ['targets', 'postgres', 'server', 'aws', 'access']

/** Each room of src/lib, and the rooms that it may import besides its own. */
const rooms = {
  errors: [],
  'package-root': ['errors'],
  text: ground,
  targets: ground,
  postgres: ['targets', ...ground],
  server: ['targets', ...ground],
  aws: ['targets', ...ground],
  access: [...access, ...ground],
  // The features: none imports another but those named here.
  'sql-files': [...access, 'text', ...ground],
  databases: [...access, 'sql-files', 'text', ...ground],
  shell: [...access, 'sql-files', 'text', ...ground],
  sessions: [...access, 'text', ...ground],
  doctor: [...access, 'text', ...ground],
  init: ['sql-files', 'text', ...ground],
  completion: ['cli', ...ground],
  cli: [...access, 'sql-files', 'sessions', 'text', ...ground],
  start: ['cli', 'server', 'text', ...ground],
  // What an application imports.
  app: ['postgres', 'targets', ...ground],
}

/** Packages, and the places that may import them. */
const packages = {
  '@oclif/core': 'src/(commands|lib/(start|cli))/',
  chalk: 'src/lib/text/',
  'cli-table3': 'src/lib/text/',
  execa: 'src/lib/(shell|server)/',
  pg: 'src/lib/postgres/',
  '@aws-sdk': 'src/lib/aws/',
}

const roomRules = Object.entries(rooms).map(([room, others]) => ({
  name: `what ${room} may import`,
  severity: 'error',
  from: {path: `^src/lib/${room}(/|\\.ts$)`},
  to: {path: '^src/', pathNot: `^src/(lib/(${[room, ...others].join('|')})(/|\\.ts$)|types/)`},
}))

const packageRules = Object.entries(packages).map(([name, places]) => ({
  name: `who may import ${name}`,
  severity: 'error',
  from: {path: '^src/', pathNot: `^${places}`},
  to: {path: `node_modules/(@types/)?${name}/`},
}))

export default {
  forbidden: [
    {name: 'no circle', severity: 'error', from: {}, to: {circular: true}},
    {name: 'no import of a command', severity: 'error', from: {path: '^src/lib/'}, to: {path: '^src/commands/'}},
    {
      name: 'no stray room',
      severity: 'error',
      from: {path: '^src/'},
      to: {path: '^src/lib/[^/]+/', pathNot: `^src/lib/(${Object.keys(rooms).join('|')})/`},
    },
    ...roomRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
  },
}
