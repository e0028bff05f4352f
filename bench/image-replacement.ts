/** How long mail servers are away while their image is replaced. */
import { once } from "node:events";
import { appendFile, rm } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectByTls } from "node:tls";
import { Checkouts } from "../test/kit/checkout.ts";
import type { Lab } from "../test/kit/lab.ts";
import { type Figure, seconds } from "./figure.ts";

const greetings = { SMTP: /^220 /, IMAP: /^\* OK / };
type Service = keyof typeof greetings;

interface Place {
  readonly service: Service;
  readonly host: string;
  readonly port: number;
}

/** The longest time without a greeting, of all mail servers of a lab that runs, while all of them get another image. */
export async function measureImageReplacement(lab: Lab): Promise<Figure[]> {
  const { endpoint, furtherServers } = await lab.outputs();
  const servers = [endpoint, ...furtherServers];
  const watches = servers.flatMap(({ address: host, ports }) => [
    watch({ service: "SMTP", host, port: ports.smtp }),
    watch({ service: "IMAP", host, port: ports.imaps }),
  ]);
  const checkout = await Checkouts.without(lab).make();
  try {
    await appendFile(join(checkout, "images/mail-server/rehearse"), "# Another image.\n");
    const { status, output } = await lab.operate("up", ["--yes", "--skip-preview"], {}, checkout);
    if (status !== 0) throw new Error(output);
  } finally {
    await rm(checkout, { recursive: true });
  }
  const gaps = await Promise.all(watches.map(({ end }) => end()));
  return (Object.keys(greetings) as Service[]).map((service) => {
    const away = gaps.filter((gap) => gap.service === service).map(({ longest }) => longest);
    const detail = `${away.map((gap) => seconds(gap)).join(", ")}: ${servers.length} servers, one after another`;
    const name = `${service} away while an image is replaced`;
    return { name, value: Math.max(...away) / 1000, unit: "s", limit: 5, detail };
  });
}

/** Asks for greetings until it is told to end, and keeps the longest time from one to the next in milliseconds. */
function watch(place: Place) {
  let going = true;
  let longest = 0;
  const done = (async () => {
    let last = performance.now();
    while (going) {
      const asked = performance.now();
      if (await greets(place)) {
        longest = Math.max(longest, performance.now() - last);
        last = asked;
      }
      await sleep(20);
    }
  })();
  const end = async () => {
    going = false;
    await done;
    return { service: place.service, longest };
  };
  return { end };
}

async function greets({ service, host, port }: Place): Promise<boolean> {
  const socket =
    service === "IMAP" ? connectByTls({ host, port, rejectUnauthorized: false }) : connectSocket(port, host);
  try {
    const [greeting] = await once(socket, "data", { signal: AbortSignal.timeout(1000) });
    return greetings[service].test(String(greeting));
  } catch {
    return false;
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}
