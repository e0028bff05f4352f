import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../toolchain/child-process.ts";
import { Checkouts } from "../kit/checkout.ts";
import { documentSettings } from "../kit/document-lab.ts";
import { docker, incarnation } from "../kit/engine.ts";
import { GitHubApi } from "../kit/github/api.ts";
import { type JobResult, runJob } from "../kit/github/runner.ts";
import { readJob } from "../kit/github/workflow.ts";
import { Lab, passphrase, type Settings } from "../kit/lab.ts";

const repository = "example/mail";
const token = "ghs_onlyForThisTest";
const password = "barcos no rio Douro";
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----";
const bot = "github-actions[bot]";
const logOfRun = `https://github.com/${repository}/actions/runs/7`;

const mailboxes = (...names: readonly string[]) =>
  documentSettings(names.map((name) => ({ name, password })));
const settings = mailboxes("ana", "rui");
/** A company's stack, to which the policies say no. */
const forbidden: Settings = {
  certificates: { issuer: "private" },
  legacyPorts: true,
  domains: [{ name: "example.org", mailboxes: [{ name: "ana" }] }],
};

const hasGh = findProgram("gh") !== undefined;

/** Each job's steps as they stand in the file, with the real CLI, engine, stack and `gh`; only GitHub is made up. */
describe.skipIf(!hasGh)("the workflows (skipped without gh, GitHub's CLI)", () => {
  let lab: Lab;
  let checkouts: Checkouts;
  let github: GitHubApi;
  let checkout: string;
  let secrets: readonly string[] = [];

  beforeAll(async () => {
    lab = await Lab.create(settings);
    checkouts = await Checkouts.of(lab);
    const folder = await mkdtemp(join(tmpdir(), "maildomain-github-"));
    github = await GitHubApi.start(folder, repository, token);
  });
  beforeEach(async () => {
    checkout = await checkouts.make();
  });
  afterEach(async () => {
    await rm(checkout, { recursive: true });
    await lab.configure(settings);
  });
  afterAll(async () => {
    await github.stop();
    await checkouts.remove();
    await lab.takeDown();
  });

  /** Runs a workflow's job, and looks whether anything secret has come out of it, or another stack into being. */
  async function run(workflow: string, values: Readonly<Record<string, string>> = {}): Promise<JobResult> {
    const backend = `file://${lab.stateFolder}`;
    const result = await runJob(readJob(workflow), {
      checkout,
      values: {
        "vars.MAILDOMAIN_STACK": lab.stack,
        "vars.MAILDOMAIN_RUNNER": "",
        "vars.DEPLOY_KNOWN_HOSTS": "",
        "secrets.DEPLOY_SSH_KEY": "",
        "secrets.CLOUDFLARE_API_TOKEN": "",
        "secrets.PULUMI_BACKEND_URL": backend,
        "secrets.PULUMI_CONFIG_PASSPHRASE": passphrase,
        "github.token": token,
        "github.repository": repository,
        "github.server_url": "https://github.com",
        "github.run_id": "7",
        "github.event.pull_request.number": "12",
        "github.event.pull_request.head.repo.full_name": repository,
        ...values,
      },
      environment: {
        ...github.environment,
        PATH: [...checkouts.path, process.env.PATH].join(delimiter),
      },
    });
    const shown = JSON.stringify({ ...result, keys: {}, issues: github.issues });
    for (const secret of [...secrets, password, passphrase, token, backend])
      expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/\$argon2|PRIVATE KEY|encryptionsalt|ciphertext/);
    const stacks = await readdir(join(lab.stateFolder, ".pulumi/stacks/maildomain"));
    expect(stacks.filter((name) => name.endsWith(".json"))).toEqual([`${lab.stack}.json`]);
    return result;
  }

  const logs = ({ steps }: JobResult) => steps.map(({ log }) => log).join("\n");
  const outcomes = ({ steps }: JobResult) =>
    Object.fromEntries(
      steps.filter(({ name }) => !name.startsWith("actions/")).map(({ name, outcome }) => [name, outcome]),
    );
  const dovecot = (order: "-d" | "-u") =>
    docker("exec", `${lab.prefix}-mail-server`, "s6-svc", order, "/run/service/dovecot");

  describe("deploy", () => {
    test("makes the stack by the rules of policy/, and shows what verify says", async () => {
      const result = await run("deploy");
      expect(result.conclusion, logs(result)).toBe("success");
      expect(result.runsOn).toBe("ubuntu-24.04");
      expect(result.keys).toEqual({});
      expect(logs(result)).toMatch(/✅ maildomain@v/);
      expect(result.summary).toMatch(/^```\n.*\n {2}ok .*\nAll \d+ checks passed\.\n```\n$/s);
      expect(result.artifacts["verify.xml"]).toMatch(/<testsuites name="verify" tests="\d+" failures="0"/);
      const { passwords } = await lab.outputs();
      secrets = Object.values(passwords);
      expect(secrets).toContain(password);
    });

    test("fails where a daemon does not run, and shows which check does; the engine's key is its user's alone", async () => {
      await dovecot("-d");
      const result = await run("deploy", {
        "vars.MAILDOMAIN_RUNNER": "own",
        "vars.DEPLOY_KNOWN_HOSTS": "mail.example.org ssh-ed25519 AAAA",
        "secrets.DEPLOY_SSH_KEY": key,
      });
      await dovecot("-u");
      expect(result.conclusion).toBe("failure");
      expect(result.runsOn).toBe("own");
      expect(outcomes(result)).toEqual({
        "Reach the mail server's engine": "success",
        Policies: "success",
        Deploy: "failure",
        "Check it once more, for the record": "failure",
      });
      expect(result.summary).toMatch(/^```\n.*\n {2}FAILED +\S[^\n]*imap.*, \d+ failed\.\n```\n$/s);
      expect(result.artifacts["verify.xml"]).toContain("<failure ");
      expect(result.keys.id_ed25519).toBe(`600 ${key}\n`);
      expect(result.keys.known_hosts).toContain("mail.example.org ssh-ed25519 AAAA");
    });

    test("changes nothing where a policy says no", async () => {
      await lab.configure(forbidden);
      const before = await incarnation(`${lab.prefix}-mail-server`);
      const result = await run("deploy");
      expect(result.conclusion).toBe("failure");
      expect(outcomes(result)).toMatchObject({ Policies: "failure", Deploy: "skipped" });
      expect(logs(result)).toContain("POP3 is open on 110: set maildomain:legacyPorts to false");
      expect(await incarnation(`${lab.prefix}-mail-server`)).toBe(before);
    });
  });

  describe("review", () => {
    beforeEach(() => {
      github.clear();
      const pull = github.add("maria", { number: 12, title: "Leo comes", body: "" });
      github.comment(pull, "maria", "<!-- maildomain review -->\nI quote the review.");
      github.comment(pull, bot, "Another workflow's, on <!-- maildomain review -->");
      github.comment(pull, "rui", "Fine.");
    });
    const comments = () => github.issues.flatMap((issue) => issue.comments);
    const bodies = () => comments().map(({ body }) => body);

    test("makes one comment, beside all others, and keeps it up to date", async () => {
      const others = bodies();
      await lab.configure(mailboxes("ana", "rui", "leo"));
      const first = await run("review");
      expect(first.conclusion, logs(first)).toBe("success");
      const mine = comments()[3];
      expect(mine?.body).toMatch(/^<!-- maildomain review -->\n\*\*test-\w+\*\*: 1 mailbox added/);
      expect(first.summary).toBe(mine?.body);
      expect(bodies()).toEqual([...others, mine?.body]);

      await lab.configure(mailboxes("ana"));
      const second = await run("review");
      expect(second.conclusion, logs(second)).toBe("success");
      expect(comments()).toHaveLength(4);
      expect(bodies().slice(0, 3)).toEqual(others);
      expect(comments()[3]?.id).toBe(mine?.id);
      expect(bodies()[3]).toContain("`mailbox-removed` rui");
    });

    test("that fails says so in the comment, in place of an earlier one's text", async () => {
      await lab.configure({ ...settings, messageSizeLimit: "as much as you like" });
      const [pull] = github.issues;
      if (pull) github.comment(pull, bot, "<!-- maildomain review -->\n1 mailbox added");
      const result = await run("review");
      expect(outcomes(result)).toEqual({ Review: "failure", Policies: "skipped", Comment: "success" });
      expect(result.conclusion).toBe("failure");
      expect(bodies()).toHaveLength(4);
      expect(bodies()[3]).toBe(
        `<!-- maildomain review -->\n**${lab.stack} could not be reviewed**: ${logOfRun} says why.\n`,
      );
      expect(logs(result)).toMatch(
        /Pulumi\.[\w-]+\.yaml has 1 problem; nothing has been changed\.\n.*maildomain:messageSizeLimit/,
      );
    });

    test("fails where GitHub does not list its comments, and makes no second one", async () => {
      github.failing = /^GET /;
      const result = await run("review");
      expect(result.conclusion).toBe("failure");
      expect(outcomes(result)).toEqual({ Review: "success", Policies: "success", Comment: "failure" });
      expect(logs(result)).toContain("503");
      expect(new Set(github.requests)).toEqual(new Set(["GET /issues/12/comments"]));
    });

    test("shows the policy that says no, in the log and in the comment", async () => {
      await lab.configure(forbidden);
      const result = await run("review");
      expect(outcomes(result)).toEqual({ Review: "success", Policies: "failure", Comment: "success" });
      expect(result.conclusion).toBe("failure");
      const rule = "POP3 is open on 110: set maildomain:legacyPorts to false";
      expect(logs(result)).toContain(rule);
      expect(bodies()[3]).toMatch(
        /### Not allowed by the policies\n\n```\n[^`]*no-plain-text-port[^`]*\n```/,
      );
      expect(bodies()[3]).toContain(rule);
    });

    test("says where to look when the policies could not be asked", async () => {
      await writeFile(join(checkout, "policy/pack.ts"), `throw new Error("${passphrase}");\n`);
      const result = await run("review");
      expect(outcomes(result)).toEqual({ Review: "success", Policies: "failure", Comment: "success" });
      for (const text of [logs(result), bodies()[3]]) {
        expect(text).toContain("The preview failed, and not by a rule.");
        expect(text).toContain(`npm run preview -- --stack ${lab.stack} -- --policy-pack policy`);
      }
    });

    test("does not run a fork's program, nor where there is no stack", async () => {
      const fork = { "github.event.pull_request.head.repo.full_name": "stranger/mail" };
      expect((await run("review", fork)).conclusion).toBe("skipped");
      for (const workflow of ["review", "deploy", "drift"])
        expect((await run(workflow, { "vars.MAILDOMAIN_STACK": "" })).conclusion).toBe("skipped");
      expect(github.requests).toEqual([]);
    });
  });

  describe("drift", () => {
    beforeAll(() => {
      github.clear();
      github.add("maria", { number: 1, title: "On drift", body: "<!-- maildomain drift -->\nI quote it." });
      github.add(bot, { number: 2, title: "Another workflow's", body: "<!-- another -->" });
      github.add("rui", { number: 3, title: "Without a text", body: null });
    });
    const others = () => github.issues.slice(0, 3).map(({ state, body }) => ({ state, body }));
    const issue = () => github.issues[3];
    const webServer = () => `${lab.prefix}-web-server`;

    test("opens no issue where everything is as declared and works", async () => {
      const result = await run("drift");
      expect(result.conclusion, `${result.summary}\n${logs(result)}`).toBe("success");
      expect(result.summary).toContain("Everything runs as declared.");
      expect(github.requests).toEqual(["GET /issues", "GET /issues"]);
    });

    test("opens one issue, which names what somebody has removed", async () => {
      const before = others();
      await docker("rm", "--force", webServer());
      const result = await run("drift");
      expect(result.conclusion).toBe("failure");
      expect(github.issues).toHaveLength(4);
      expect(issue()?.title).toBe("The mail domain differs from what is declared, or does not work");
      const text = issue()?.body?.replaceAll(lab.stack, "company");
      expect(text?.slice(0, text.indexOf("### The running domain"))).toMatchInlineSnapshot(`
        "<!-- maildomain drift -->
        ### What runs, compared with what \`company\` declares

        \`npm run up\` would change:

        \`\`\`
        create   docker:index/container:Container web-server-container
        \`\`\`

        "
      `);
      expect(text).toMatch(/FAILED .*web/);
      expect(text).toContain(`\nThe log of this night: ${logOfRun}\n`);
      expect(result.summary).toBe(issue()?.body);
      expect(others()).toEqual(before);
    });

    test("fails where GitHub does not list its issues, and opens no second one", async () => {
      github.failing = /^GET /;
      github.requests = [];
      const result = await run("drift");
      github.failing = undefined;
      expect(result.conclusion).toBe("failure");
      expect(new Set(github.requests)).toEqual(new Set(["GET /issues"]));
    });

    test("keeps the issue up to date in the second night", async () => {
      await dovecot("-d");
      const result = await run("drift");
      await dovecot("-u");
      expect(result.conclusion).toBe("failure");
      expect(github.issues).toHaveLength(4);
      expect(issue()?.state).toBe("open");
      expect(issue()?.body).toMatch(/FAILED .*993/);
    });

    test("reports in it that nothing could be compared, without the state's passphrase", async () => {
      const result = await run("drift", { "secrets.PULUMI_CONFIG_PASSPHRASE": "another one" });
      expect(result.conclusion).toBe("failure");
      expect(github.issues).toHaveLength(4);
      expect(issue()?.body).toContain("Could not be compared: the log shows the reason.");
      expect(issue()?.body).toContain("Could not be checked: the log shows the reason.");
    });

    test("closes it, and says so, once deploy has fixed it", async () => {
      const deployed = await run("deploy");
      expect(deployed.conclusion, logs(deployed)).toBe("success");
      const result = await run("drift");
      expect(result.conclusion, `${result.summary}\n${logs(result)}`).toBe("success");
      expect(issue()?.state).toBe("closed");
      expect(issue()?.comments.map(({ body }) => body)).toEqual([`All checks pass again: ${logOfRun}`]);
      expect(others().map(({ state }) => state)).toEqual(["open", "open", "open"]);
    });
  });
});
