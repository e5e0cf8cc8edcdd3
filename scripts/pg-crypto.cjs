// Replaces pg's lib/crypto/utils.js in the program. That file uses Web Crypto, which works in threads, and to start the
// threads takes longer than the work of an ordinary login.
const {createHash, createHmac, pbkdf2, pbkdf2Sync, randomBytes} = require('node:crypto')
const {promisify} = require('node:util')

/** A server may ask for any number of iterations; beyond this, Ctrl-C would not work meanwhile. Postgres asks for 4096. */
const maxSyncIterations = 10_000

const hash = (name, data) => createHash(name).update(data).digest()
const md5 = (data) => hash('md5', data).toString('hex')

module.exports = {
  randomBytes,
  md5: async (data) => md5(data),
  postgresMd5PasswordHash: async (user, password, salt) =>
    `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), salt]))}`,
  sha256: async (data) => hash('sha256', data),
  // Postgres says SHA-256, Node says sha256.
  hashByName: async (name, data) => hash(name.replace('-', ''), data),
  hmacSha256: async (key, message) => createHmac('sha256', key).update(message).digest(),
  deriveKey: async (password, salt, iterations) => {
    const derive = iterations > maxSyncIterations ? promisify(pbkdf2) : pbkdf2Sync
    return derive(password, salt, iterations, 32, 'sha256')
  },
}
