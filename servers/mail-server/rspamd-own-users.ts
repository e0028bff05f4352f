/**
 * What somebody who is logged in sends is a submission (RFC 6409): it has no history of servers, and whom it is from has
 * been checked. The rules that judge strangers do not run for it, and no action but a refusal is there, whose reason
 * its author reads: a mark would work against the user at whoever believes it. What this server's own programs write
 * or pass on is treated alike; nobody else is at its loopback address.
 *
 * @param symbols - all that runs
 */
export function renderOwnUsers(symbols: readonly string[]): string {
  const apply = `      symbols_enabled = [${symbols.map((symbol) => `"${symbol}"`).join(", ")}];
      actions {
        reject = 15;
        "add header" = null;
        "rewrite subject" = null;
        greylist = null;
      }
      plugins {
        milter_headers {
          routines = [];
        }
      }
`;
  return `settings {
  own_users {
    priority = "high";
    authenticated = true;
    apply {
${apply}    }
  }
  own_programs {
    ip = "127.0.0.1";
    apply {
${apply}    }
  }
}
`;
}
