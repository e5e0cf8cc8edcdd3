import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel, Phase} from './channel.js'
import type {SessionAttributes} from './session-attributes.js'
import type {Address} from './socket.js'
import type {TlsAttempt} from './tls.js'

/** One try at a connection: which host, how encrypted, and what kind of server it has to be. */
export interface Attempt {
  url: ConnectionUrl
  host: HostAndPort
  tls: TlsAttempt
  wanted: SessionAttributes
}

/** How an attempt is watched and bounded. */
export interface AttemptOptions {
  signal?: AbortSignal
  /** Instead of the URL's own; 0 waits for ever. */
  seconds?: number
  /** Told when each phase begins. */
  onPhase?: (phase: Phase) => void
  onResolved?: (addresses: readonly Address[]) => void
  /** Told what was agreed on before the server is asked to let us in. */
  onChannel?: (channel: Channel) => void
  /** The password, or what proves it, is sent only after this. */
  held?: Promise<void>
  /** Told when that is sent, where the server asks for it. */
  onProof?: () => void
}
