#!/usr/bin/env node
console.log("self ok", process.argv.slice(2))
