// In place of pg's lib/crypto/utils.js in the program. That takes Web Crypto, whose work is a thread's: to start the threads
// takes longer than the work of an ordinary login.
const {createHash, createHmac, pbkdf2, pbkdf2Sync, randomBytes} = require('node:crypto')
const {promisify} = require('node:util')

/** A server may ask for as many as it likes; more than these would keep Ctrl-C from being heard. Postgres has 4096. */
const mostAtOnce = 10_000

const hash = (name, data) => createHash(name).update(data).digest()
const md5 = (data) => hash('md5', data).toString('hex')

module.exports = {
  randomBytes,
  md5: async (data) => md5(data),
  postgresMd5PasswordHash: async (user, password, salt) =>
    `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), salt]))}`,
  sha256: async (data) => hash('sha256', data),
  // SHA-256 is sha256 here.
  hashByName: async (name, data) => hash(name.replace('-', ''), data),
  hmacSha256: async (key, message) => createHmac('sha256', key).update(message).digest(),
  deriveKey: async (password, salt, iterations) => {
    const derive = iterations > mostAtOnce ? promisify(pbkdf2) : pbkdf2Sync
    return derive(password, salt, iterations, 32, 'sha256')
  },
}
