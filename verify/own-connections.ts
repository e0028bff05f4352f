/**
 * The connections that checks make to where people read their mail. By IMAP and POP3 a client does not say who it is, so
 * that the server's log of them looks like people's: when they were made distinguishes them.
 */

/** Times are in milliseconds since 1970. */
export interface OwnConnection {
  /** Who logs in by it; empty for one that only looks at the certificate. */
  readonly user: string;
  readonly from: number;
  /** When the login or the handshake was over; not known while it lasts. */
  readonly until?: number | undefined;
}

type Listener = (connection: OwnConnection) => void;

let listener: Listener | undefined;

/** Has this process' connections reported: each twice, before it is made and when its login is over. */
export function onOwnConnection(listen: Listener): void {
  listener = listen;
}

/** @param connect - makes the connection, until the login or the handshake is over. */
export async function ownConnection<Result>(user: string, connect: () => Promise<Result>): Promise<Result> {
  const from = Date.now();
  listener?.({ user, from });
  try {
    return await connect();
  } finally {
    listener?.({ user, from, until: Date.now() });
  }
}
