import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { askAuthoritativeServers } from "../../provider/authoritative-servers.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/**
 * A name server that has one record, or none: the question comes back with the answer behind it (RFC 1035 section 4).
 *
 * @param data - the record's data; none for a name that does not exist.
 */
async function serve(data: Buffer | undefined): Promise<string> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (query, { address, port }) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(data === undefined ? 0x8403 : 0x8400, 2);
    header.writeUInt16BE(data === undefined ? 0 : 1, 6);
    header.fill(0, 8);
    const answer = Buffer.alloc(12);
    answer.writeUInt16BE(0xc00c);
    question.copy(answer, 2, question.length - 4);
    answer.writeUInt32BE(60, 6);
    answer.writeUInt16BE(data?.length ?? 0, 10);
    socket.send(Buffer.concat([header, question, ...(data ? [answer, data] : [])]), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return `127.0.0.1:${socket.address().port}`;
}

const strings = (...texts: string[]) =>
  Buffer.concat(texts.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])));
const txt = {
  zone: "example.org",
  name: "rsa2._domainkey.example.org",
  type: "TXT",
  content: "v=DKIM1; p=AB",
} as const;
const digest = "ab".repeat(32);
const tlsa = {
  zone: "example.org",
  name: "_25._tcp.mail.example.org",
  type: "TLSA",
  content: `3 1 1 ${digest}`,
} as const;
/** One that takes questions and never answers. */
async function beSilent(): Promise<string> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  sockets.push(socket);
  await once(socket, "listening");
  return `127.0.0.1:${socket.address().port}`;
}

test("answers with the content, however its strings are split", async () => {
  const nameServers = [await serve(strings("v=DKIM1;", " p=AB")), await serve(strings("v=DKIM1; p=AB"))];
  expect(await askAuthoritativeServers({ ...txt, nameServers })).toBeUndefined();
  const record = Buffer.from(`030101${digest}`, "hex");
  expect(await askAuthoritativeServers({ ...tlsa, nameServers: [await serve(record)] })).toBeUndefined();
});

test("one that has another record, or none, is enough for a no", async () => {
  const right = await serve(strings("v=DKIM1; p=AB"));
  for (const wrong of [await serve(strings("v=DKIM1; p=CD")), await serve(undefined)]) {
    expect(await askAuthoritativeServers({ ...txt, nameServers: [right, wrong] })).toBe(
      `${wrong} does not answer with TXT rsa2._domainkey.example.org yet`,
    );
  }
});

test("one that is down is passed over; all of them are not, and are waited for no longer than 2 s", async () => {
  const [right, silent] = [await serve(strings("v=DKIM1; p=AB")), await beSilent()];
  expect(await askAuthoritativeServers({ ...txt, nameServers: [silent, right] })).toBeUndefined();
  const started = performance.now();
  expect(await askAuthoritativeServers({ ...txt, nameServers: [silent] })).toBe(
    `no authoritative server of example.org answers (${silent})`,
  );
  expect(performance.now() - started).toBeLessThan(2_500);
});
