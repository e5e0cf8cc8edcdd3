#!/usr/bin/env -S npx tsx
// The commands as they stand in src/, without a build: bin/dev.mjs setup
import {createManifest} from '../scripts/manifest.js'
import {commands} from '../src/commands/index.ts'
import {manifestOf, readPackage} from '../src/lib/cli/manifest.ts'
import {packageRoot} from '../src/lib/package-root.ts'
import {start} from '../src/lib/start/start.ts'

const root = packageRoot()
const listed = await createManifest(root, './src/commands/index.ts')
start(process.argv.slice(2), commands, manifestOf(readPackage(root), Object.values(listed.commands)))
