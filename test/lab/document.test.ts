import { afterAll, beforeAll, describe } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { documentSettings } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";
import { changeSuite } from "./suites/change.ts";
import { dnsSuite } from "./suites/dns.ts";
import { judgesSuite } from "./suites/judges.ts";
import { loginSuite } from "./suites/login.ts";
import { mailSuite } from "./suites/mail.ts";
import { refusalSuite } from "./suites/refusal.ts";
import { secretSuite } from "./suites/secret.ts";
import { tlsSuite } from "./suites/tls.ts";
import { verifySuite } from "./suites/verify.ts";
import { webSuite } from "./suites/web.ts";

// One `up` for all of it. The suites leave the lab as they found it; the changes come last.
describe("the course exercise's lab", () => {
  let lab: Lab;
  let running: RunningStack;

  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
    await lab.up();
    running = await lab.settled();
  });

  afterAll(async () => {
    await lab.takeDown();
  });

  const current = () => ({ lab, running });

  describe("DNS", () => dnsSuite(current));
  describe("DNS, as others judge it", () => judgesSuite(current));
  describe("TLS", () => tlsSuite(current));
  describe("logins", () => loginSuite(current));
  describe("mail", () => mailSuite(current));
  describe("refusals", () => refusalSuite(current));
  describe("web", () => webSuite(current));
  describe("secrets", () => secretSuite(current));

  describe("verify", () => verifySuite(current));
  describe("changes", () => changeSuite(current));
});
