import { domain } from "../../kit/document-lab.ts";
import type { Row } from "./row.ts";

/** What the web server and webmail serve. */
export const webRows: readonly Row[] = [
  {
    name: "another MTA-STS policy than the declared one",
    break: (b) => b.document("mta-sts.txt", (text) => text.replace("testing", "enforce")),
    red: [`web.mta-sts.${domain}`],
    seen: /not as declared: mode: enforce/,
    advice: /npm run up/,
  },
  {
    name: "settings for Thunderbird that are old",
    break: (b) => b.document("config-v1.1.xml", (text) => text.replaceAll("imap.", "old.")),
    red: ["https://autoconfig.", "http://autoconfig.", "https://"].map(
      (place) => `web.autoconfig.${place.replace("://", ".")}${domain}`,
    ),
    seen: /not as declared: .*old\.vaamonde/,
    advice: /npm run up/,
  },
  {
    name: "settings for Outlook that are old",
    break: (b) => b.document("autodiscover-login.xml", (text) => text.replaceAll("imap.", "old.")),
    red: [`web.autodiscover.${domain}`, `web.autodiscover.autodiscover.${domain}`],
    seen: /not as declared: .*old\.vaamonde/,
    advice: /npm run up/,
  },
  {
    name: "a set-up page that is another's",
    break: (b) => b.document("en.html", () => "<h1>It works!</h1>"),
    red: [`web.page.${domain}`],
    seen: /another page/,
    advice: /npm run up/,
  },
  {
    name: "a port that nobody declared",
    break: (b) => b.surplusPort(8_081),
    red: ["ports.published"],
    seen: /^also 8081$/,
    advice: /Remove the port from the container/,
  },
  {
    name: "webmail without its database",
    break: (b) => b.webmailDatabase(),
    red: [`web.webmail.${domain}`],
    seen: /status 5\d\d|another page/,
    advice: /docker logs.*webmail/,
  },
];
