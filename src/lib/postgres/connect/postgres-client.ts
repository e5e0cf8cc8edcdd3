import type {Client} from 'pg'

/** A connected client of pg. It is closed when {@link withClient} returns. */
export type PostgresClient = Client
