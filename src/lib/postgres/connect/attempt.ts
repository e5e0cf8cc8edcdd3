import type {Client} from 'pg'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel, Phase} from './channel.js'
import type {SessionAttributes} from './session-attributes.js'
import type {Address} from './socket.js'
import type {TlsAttempt} from './tls.js'

/** One attempt to connect: the host, the encryption, and the kind of server that is wanted. */
export interface Attempt {
  url: ConnectionUrl
  host: HostAndPort
  tls: TlsAttempt
  wanted: SessionAttributes
}

export interface AttemptOptions {
  signal?: AbortSignal
  /** The timeout, instead of that of the URL; 0 means no timeout. */
  seconds?: number
  /** Called when each phase begins. */
  onPhase?: (phase: Phase) => void
  onResolved?: (addresses: readonly Address[]) => void
  /** Called when the channel is open, before the login. */
  onChannel?: (channel: Channel) => void
  /** Holds back the password, or the message that proves it, until this resolves. */
  held?: Promise<void>
  /** Called when the password or its proof is sent, if the server asks for it. */
  onProof?: () => void
}

/** A client, with the attempt by which another connection can reach the same server. */
export interface Connected {
  client: Client
  attempt: Attempt
}
