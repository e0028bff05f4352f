import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { restoreEditedZones } from "../../commands/edited-zones.ts";
import { Lesson } from "../../commands/lesson.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { progressSchema } from "../../exercise/progress.ts";
import { numberOf, type StepName } from "../../exercise/step.ts";
import { english } from "../../exercise/text/english.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { Lab, type Outcome, type Settings } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { Screens, screenSuite } from "./suites/screens.ts";

const domain = "escola.test";
const password = "aula-7-horas";
const [student, colleague] = [`bia@${domain}`, `ana@${domain}`];

let lab: Lab;
let running: RunningStack;
let clients: MailClients;
let folder: string;
let screens: Screens;
let first: Outcome;

const withUsers = (...names: readonly string[]): Settings => ({
  lab: true,
  domains: [{ name: domain, mailboxes: names.map((name) => ({ name, password })) }],
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "maildomain-exercise-"));
  lab = await Lab.create(withUsers("ana", "bia"));
  screens = await Screens.of(lab);
  first = await screens.after("up");
  running = await lab.settled();
  clients = new MailClients(running);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await screens.remove();
  await lab.takeDown();
});

/** What a student sees of a command, and its exit status. */
async function seen(
  run: (lesson: Lesson) => number | Promise<number>,
  student?: string,
): Promise<{ status: number; text: string }> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    const file = join(folder, "progress.json");
    const checksFile = join(screens.folder, ".maildomain", "exercise", `${lab.stack}-checks.jsonl`);
    const lesson = new Lesson({ stack: "escola", running, student, text: english, file, checksFile });
    return { status: await run(lesson), text };
  } finally {
    spy.mockRestore();
  }
}

const check = (step: StepName, found?: string, whose?: string) =>
  seen((lesson) => lesson.check(step, found), whose);
/** The log arrives a moment after what it is about. */
const passes = (step: StepName, found?: string) =>
  vi.waitFor(
    async () => {
      const { status, text } = await check(step, found);
      expect(text).toContain(`${numberOf(step)}. `);
      expect({ step, status, text }).toMatchObject({ status: 0 });
    },
    { timeout: 120_000, interval: 500 },
  );
const fails = async (step: StepName, why: RegExp) => {
  const { status, text } = await check(step);
  expect({ status, text }).toEqual({ status: 1, text: expect.stringMatching(why) });
};

/** A client that gave up in the middle of a handshake, on a busy machine in a step before, has refused nothing. */
async function beginAnew(step: StepName): Promise<void> {
  const file = join(folder, "progress.json");
  const progress = progressSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  delete progress[student]?.[step];
  writeFileSync(file, JSON.stringify(progress));
  await seen((lesson) => lesson.show(step));
}

const readsMail = () => clients.maildrop("bia", password);

async function sends(from: string, envelopeFrom = from): Promise<unknown> {
  const transport = clients.smtp("submission", "bia", password);
  const message = {
    from,
    to: colleague,
    subject: "aula",
    text: "x",
    envelope: { from: envelopeFrom, to: colleague },
  };
  return await transport.sendMail(message).finally(() => transport.close());
}

test("what verify does as a user is not a student's work, by up either", async () => {
  // It logs in and writes as each of them.
  const steps = ["client", "message", "forgery", "port", "password", "certificate"] as const;
  for (const whose of [student, colleague])
    for (const step of steps) await seen((lesson) => lesson.show(step), whose);
  for (const command of ["verify", "up"]) {
    const { status, output } = await lab.script([command, "--stack", lab.stack], screens.folder);
    expect(status, output).toBe(0);
  }
  const found: string[] = [];
  for (const whose of [student, colleague])
    for (const step of steps) found.push(`${whose} ${step} ${(await check(step, undefined, whose)).status}`);
  expect(found).toEqual([student, colleague].flatMap((whose) => steps.map((step) => `${whose} ${step} 1`)));
});

test("a step is red before and green after what it asks for; a fault is found and repaired", {
  timeout: 600_000,
}, async () => {
  await passes("server");
  await fails("names", /does not find pop3\.escola\.test/);

  for (const step of ["client", "message", "forgery", "port", "password", "certificate"] as const)
    await seen((lesson) => lesson.show(step));

  await fails("client", /not seen a login/);
  await readsMail();
  await passes("client");

  await fails("message", /not delivered a message from bia@escola\.test to ana@escola\.test/);
  await sends(student);
  await passes("message");

  await fails("forgery", /not refused/);
  await expect(sends(colleague, student)).rejects.toThrow(/not owned by this login/);
  await passes("forgery");

  await fails("port", /not seen a client/);
  await expect(sendsWithoutLogin("rui@elsewhere.example")).rejects.toThrow(/Relay access denied/);
  await vi.waitFor(() => fails("port", /no message of yours/), { timeout: 120_000, interval: 500 });
  await sends(student);
  await passes("port");

  await fails("password", /not seen a wrong password/);
  await vi.waitFor(
    async () => {
      // A busy machine may not even answer.
      await clients.maildrop("bia", "wrong").catch(() => {});
      await fails("password", /has not logged in/);
    },
    { timeout: 120_000, interval: 2_000 },
  );
  await readsMail();
  await passes("password");

  await beginAnew("certificate");
  await fails("certificate", /No client has refused/);
  await refusesCertificate();
  await vi.waitFor(() => fails("certificate", /has not logged in/), { timeout: 120_000, interval: 500 });
  await readsMail();
  await passes("certificate");

  const notes: string[] = [];
  for (const step of ["spf", "mx", "dkim"] as const) {
    await fails(step, /Nothing has been broken/);
    await seen((lesson) => lesson.break(step));
    await fails(step, /still broken/);
    await restoreEditedZones(new DockerEngine(), running, { note: (text) => notes.push(text) });
    await fails(step, /Say which record/);
    await passes(step, step);
  }
  expect(notes).toEqual(Array(3).fill(expect.stringContaining(`Records of ${domain}, edited by hand`)));
  await restoreEditedZones(new DockerEngine(), running, { note: (text) => notes.push(text) });
  expect(notes).toHaveLength(3);

  expect((await seen((lesson) => lesson.report(false))).text).toContain("**10 of 11 steps**");
});

/** As a client does that is set up with the port for servers. */
async function sendsWithoutLogin(to: string): Promise<unknown> {
  const { address: host, ports } = running.endpoint;
  const transport = createTransport({ host, port: ports.smtp, requireTLS: true, tls: clients.tls("smtp") });
  return await transport.sendMail({ from: student, to, text: "x" }).finally(() => transport.close());
}

/** As a client does that does not know the authority. */
function refusesCertificate(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { address: host, ports } = running.endpoint;
  const socket = connect({ host, port: ports.pop3s, servername: `pop3.${domain}`, ca: [] });
  socket.once("secureConnect", () => reject(new Error("The certificate was trusted.")));
  socket.once("error", () => resolve());
  return promise;
}

// The last ones: they bring the stack further.
describe("screens of 80 × 24", () => {
  screenSuite(() => ({ lab, screens, first }), withUsers("ana", "bia"), withUsers("ana", "bia", "caio"));
});
