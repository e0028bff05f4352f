/** What `verify` is called where it is a client, so that a server's log distinguishes it from people's. */

/** What it calls itself to servers of its own users (RFC 6761 section 6.4: nobody else's name). */
export const checkClient = "verify.invalid";
/** What it calls itself where a stranger's name has to look real. */
export const checkStranger = "verify.example.com";
/** What the Message-ID of each of its messages begins with. */
export const checkMessageStart = "verify.";
