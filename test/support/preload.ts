/** NODE_OPTIONS that run JavaScript in a spawned program before its own: a dependency that misbehaves. */
export function preload(code: string): {NODE_OPTIONS: string} {
  return {NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`}
}

/** Runs `code` once the program begins to connect, in the middle of its work. */
export function whileConnecting(code: string): {NODE_OPTIONS: string} {
  return preload(`import net from 'node:net'
    const connect = net.Socket.prototype.connect
    net.Socket.prototype.connect = function (...args) { ${code}; return connect.apply(this, args) }`)
}
