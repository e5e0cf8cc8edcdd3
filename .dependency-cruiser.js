// The allowed imports between the folders of src/lib (docs/architecture.md). They have no cycles, including those of types.

/** Modules that every folder may import. */
const everywhere = ['errors', 'package-root', 'private-cache']
const access = ['targets', 'postgres', 'server', 'aws', 'access']

/** Each folder of src/lib, and the folders that it may import besides itself. */
const folders = {
  errors: [],
  'package-root': ['errors'],
  'private-cache': [],
  text: everywhere,
  targets: everywhere,
  postgres: ['targets', ...everywhere],
  server: ['targets', ...everywhere],
  aws: ['targets', ...everywhere],
  access: [...access, ...everywhere],
  'sql-text': ['postgres', ...everywhere],
  // The features. They import no other feature except those listed here.
  'sql-files': [...access, 'sql-text', 'text', ...everywhere],
  migrations: [...access, 'sql-files', 'sql-text', 'dumps', 'schema-change', 'text', ...everywhere],
  databases: [...access, 'sql-files', 'sql-text', 'text', ...everywhere],
  dumps: [...access, 'sql-files', 'sql-text', 'text', ...everywhere],
  'schema-change': [...access, 'sql-files', 'sql-text', 'dumps', 'text', ...everywhere],
  pull: [...access, 'databases', 'dumps', 'schema-change', 'sql-files', 'sql-text', 'text', ...everywhere],
  shell: [...access, 'sql-files', 'sql-text', 'text', ...everywhere],
  sessions: [...access, 'text', ...everywhere],
  doctor: [...access, 'text', ...everywhere],
  init: ['sql-files', 'targets', 'text', ...everywhere],
  completion: ['cli', ...everywhere],
  cli: [...access, 'schema-change', 'sql-files', 'sql-text', 'sessions', 'text', ...everywhere],
  start: ['cli', 'server', 'text', ...everywhere],
  // The public library.
  app: ['postgres', 'targets', ...everywhere],
}

/** Packages and the folders that may import them. */
const packages = {
  '@oclif/core': 'src/(commands|lib/(start|cli))/',
  chalk: 'src/lib/text/',
  execa: 'src/lib/(shell|server|dumps)/',
  pg: 'src/lib/postgres/',
  '@aws-sdk': 'src/lib/aws/',
  '@electric-sql': 'src/lib/dumps/pg-dump/',
  '@supabase': 'src/lib/schema-change/',
}

const folderRules = Object.entries(folders).map(([folder, others]) => ({
  name: `imports of ${folder}`,
  severity: 'error',
  from: {path: `^src/lib/${folder}(/|\\.ts$)`},
  to: {path: '^src/', pathNot: `^src/(lib/(${[folder, ...others].join('|')})(/|\\.ts$)|types/)`},
}))

const packageRules = Object.entries(packages).map(([name, places]) => ({
  name: `importers of ${name}`,
  severity: 'error',
  from: {path: '^src/', pathNot: `^${places}`},
  to: {path: `node_modules/(@types/)?${name}/`},
}))

export default {
  forbidden: [
    {name: 'no cycles', severity: 'error', from: {}, to: {circular: true}},
    {name: 'import of a command', severity: 'error', from: {path: '^src/lib/'}, to: {path: '^src/commands/'}},
    {
      name: 'unlisted folder',
      severity: 'error',
      from: {path: '^src/'},
      to: {path: '^src/lib/[^/]+/', pathNot: `^src/lib/(${Object.keys(folders).join('|')})/`},
    },
    ...folderRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
  },
}
