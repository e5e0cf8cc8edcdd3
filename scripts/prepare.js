// npm runs this at the end of `npm ci`, before `npm pack`, and for a dependency from git; and, silently, before `npx cruddur-db` in a
// clone, which it links into a folder of its own. There what was built is run; a stale program is for `npm run build`.
import {existsSync} from 'node:fs'

// Written last of what the program needs.
const built =
  existsSync(new URL('../oclif.manifest.json', import.meta.url)) &&
  existsSync(new URL('../dist/start.cjs', import.meta.url))
if (!(process.env.npm_command === 'exec' && built)) await import('./build.js')
