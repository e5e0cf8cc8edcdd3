export function watchOnTerminal(...args: unknown[]): Promise<undefined> { return Promise.resolve(void args) }
