#!/usr/bin/env node
import module from 'node:module'

// From Node 22.8 on, the second start finds the program compiled.
module.enableCompileCache?.()
const {main} = await import('../dist/lib/cli/main.js')
await main(import.meta.url)
