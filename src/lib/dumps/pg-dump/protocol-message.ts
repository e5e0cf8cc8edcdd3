/** A message of the protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
export function messageOf(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}
