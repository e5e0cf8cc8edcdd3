#!/usr/bin/env node
// CommonJS (package.json beside this), whose loader is there already when Node has started.
const {join} = require('node:path')
require('../dist/load.cjs').runProgram(join(__dirname, '..', 'dist', 'program.cjs'), process.argv.slice(2))
