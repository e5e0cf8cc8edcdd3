/** NODE_OPTIONS that run JavaScript before a spawned program, for example to make a dependency fail. */
export function preload(code: string): {NODE_OPTIONS: string} {
  return {NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}`}
}

/** Runs `code` when the program starts to connect, which is in the middle of its work. */
export function whileConnecting(code: string): {NODE_OPTIONS: string} {
  return preload(`import net from 'node:net'
    const connect = net.Socket.prototype.connect
    net.Socket.prototype.connect = function (...args) { ${code}; return connect.apply(this, args) }`)
}
