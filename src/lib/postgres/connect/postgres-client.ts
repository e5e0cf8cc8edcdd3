import type {Client} from 'pg'

/** A connected client of pg; it lives only inside {@link withClient}. */
export type PostgresClient = Client
