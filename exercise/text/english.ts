import { portWords, stackOption, stackWords } from "../command-words.ts";
import { loginName, type Scene } from "../scene.ts";
import { numberOf, type StepName } from "../step.ts";
import type { ExerciseText, Missing } from "./exercise-text.ts";

export const english: ExerciseText = {
  steps: {
    server: {
      title: "Start the server",
      task: ({ stack }) => [
        `Run: npm run up${stackWords(stack)}`,
        "It starts DNS, SMTP, POP3 and IMAP servers, and makes the domain's mailboxes.",
      ],
    },
    names: {
      title: "Check the names",
      task: ({ names, address, dnsPort, stack }) => [
        `Run: nslookup ${portWords(dnsPort)}${names.outgoing} ${address}`,
        `Run: nslookup ${portWords(dnsPort)}${names.incoming} ${address}`,
        `Then let this machine find the names by itself: npm run names -- --apply${stackOption(stack)}`,
      ],
    },
    client: {
      title: "Set up a mail client",
      task: (scene) => [
        "In Thunderbird, claws-mail or Evolution, add an account:",
        `  address ${scene.student}, user name ${loginName(scene)}`,
        `  incoming server ${scene.names.incoming}, POP3 with TLS, port 995`,
        `  outgoing server ${scene.names.outgoing}, STARTTLS, port 587`,
        "Then fetch mail, so that the server sees the login.",
      ],
    },
    message: {
      title: "Write to a colleague",
      task: ({ student, colleague }) => [`From ${student}, write to ${colleague}.`],
    },
    forgery: {
      title: "Write in somebody else's name",
      task: ({ student, colleague, partner }) => [
        `In the account of ${student}, change the sender's address to ${colleague}, and write to ${partner ?? student}.`,
        "Read the server's answer. Then change the address back.",
      ],
    },
    spf: {
      title: "Break it and find it: our mail is refused",
      task: (scene) => [...breakTask("spf", scene), ...toPartner(scene)],
    },
    mx: {
      title: "Break it and find it: nobody reaches us",
      task: (scene) => [...breakTask("mx", scene), ...fromPartner(scene)],
    },
    dkim: {
      title: "Break it and find it: our signature does not count",
      task: (scene) => [...breakTask("dkim", scene), ...toPartner(scene)],
    },
    port: {
      title: "Break it and find it: the wrong port",
      task: ({ partner, names }) => [
        `In the client, change the port of ${names.outgoing} from 587 to 25, encryption STARTTLS, no authentication,`,
        `and write to ${partner ?? "ana@example.org"}.`,
        "Read the answer. Change port and authentication back, and send the message again.",
      ],
    },
    password: {
      title: "Break it and find it: the wrong password",
      task: () => [
        "In the client, change the password of the incoming server, and fetch mail.",
        "Read the answer. Write the right password, and fetch mail again.",
      ],
    },
    certificate: {
      title: "Break it and find it: the certificate",
      task: () => [
        "In the client, remove the trust in the servers' authority, and fetch mail.",
        "Read the warning, and do not accept the certificate. Trust the authority again, and fetch mail.",
      ],
    },
  },
  missing: describeMissing,
  passed: "passed",
  open: "not yet",
  checkWith: (command) => `Then check it: ${command}`,
  broken: (_step, command) => `Something is broken now. When you have found and repaired it: ${command}`,
  nextStep: (command) => `Next: ${command}`,
  allPassed: "All steps are passed.",
  list: { heading: "Step", minutes: "min", next: "Show a step: npm run exercise -- NUMBER" },
  sheet: {
    title: "E-mail exercise",
    student: "Student",
    step: "Step",
    result: "Result",
    passedAt: "Passed at (UTC)",
    tries: "Checks",
    mark: (passed, all) => `${passed} of ${all} steps`,
  },
};

function breakTask(step: StepName, { stack, domain, address, dnsPort }: Scene) {
  return [
    `Run: npm run exercise -- ${numberOf(step)} --break${stackOption(stack)}`,
    `Look with: nslookup ${portWords(dnsPort)}-type=txt ${domain} ${address}, the same with -type=mx, and npm run verify${stackWords(stack)}`,
    "Say which record it is with --found spf, --found mx or --found dkim, and repair it: see the lesson.",
  ];
}

function toPartner({ student, partner }: Scene): string[] {
  return partner === undefined ? [] : [`Write from ${student} to ${partner}, and see what becomes of it.`];
}

function fromPartner({ student, partner }: Scene): string[] {
  return partner === undefined ? [] : [`Write from ${partner} to ${student}, and see what becomes of it.`];
}

function describeMissing(missing: Missing, scene: Scene): string {
  switch (missing.kind) {
    case "not-provisioned":
      return `Stack ${scene.stack} does not run yet: npm run up${stackWords(scene.stack)}`;
    case "server-problem":
      return missing.problem;
    case "name-unknown":
      return `This machine does not find ${missing.name}.`;
    case "name-elsewhere":
      return `${missing.name} leads to ${missing.found}, and not to ${scene.address}.`;
    case "no-login":
      return `The server has not seen a login of ${scene.student} by POP3 or IMAP since the step began.`;
    case "no-message":
      return `The server has not delivered a message from ${scene.student} to ${scene.colleague} since the step began.`;
    case "no-forgery":
      return `The server has not refused a message of ${scene.student} in somebody else's name since the step began.`;
    case "not-broken":
      return "Nothing has been broken yet: use --break.";
    case "not-found":
      return missing.answer === undefined
        ? "Say which record was wrong: --found spf, mx or dkim."
        : `It is not ${missing.answer}. Look again.`;
    case "not-repaired":
      return `It is still broken: ${missing.problem}`;
    case "no-mail-at-25":
      return `The server has not seen a client of ${scene.student} at port 25 since the step began.`;
    case "no-message-after":
      return "After that, no message of yours has been sent by port 587.";
    case "no-wrong-password":
      return `The server has not seen a wrong password of ${scene.student} since the step began.`;
    case "no-distrust":
      return "No client has refused the server's certificate since the step began.";
    case "no-login-after":
      return `After that, ${scene.student} has not logged in.`;
  }
}
