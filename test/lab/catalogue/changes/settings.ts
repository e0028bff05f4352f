import type { Change } from "../change.ts";

const section = "Settings of the servers";

export const settingChanges: readonly Change[] = [
  {
    id: "kept-mail-deleted",
    section,
    title: "The mail of removed mailboxes is kept no longer",
    edit: { keepRemovedMail: 0 },
    after: ["mailbox-removed"],
    isFast: true,
    risks: ["kept-mail-deleted"],
    rows: [
      "setting/changed/mail-server/keeps the mail of removed mailboxes",
      "setting/changed/mail-server-mx.two.test/keeps the mail of removed mailboxes",
    ],
    servers: { "mail-server": "reload", "mail-server-mx.two.test": "reload" },
    notices: "Whoever wants such mail back: it is deleted soon after `up`.",
    undo: "Not at all for what was deleted: `npm run archive -- export ADDRESS` saves it before.",
  },
  {
    id: "message-size",
    section,
    title: "Messages may be smaller",
    edit: { messageSizeLimit: "25 MiB" },
    rows: [
      "setting/changed/mail-server/size of a message",
      "setting/changed/mail-server-mx.two.test/size of a message",
    ],
    servers: { "mail-server": "reload", "mail-server-mx.two.test": "reload" },
    notices: "Who sends larger ones, at once: 552 5.3.4.",
    undo: "The former value applies at once.",
  },
  {
    id: "login-limits",
    section,
    title: "Fewer wrong passwords are tried",
    edit: { "loginLimits.perLogin": 20, "loginLimits.perAddress": 90 },
    rows: ["setting/changed/mail-server*/wrong passwords per hour*"],
    servers: { "mail-server": "reload", "mail-server-mx.two.test": "reload" },
    notices: "Who types wrong passwords.",
    undo: "The former values apply at once.",
  },
  {
    id: "backups",
    section,
    title: "`verify` expects backups",
    edit: { "backups.maxAge": 26 },
    servers: {},
    notices: "Nobody but who runs `verify`.",
    undo: "Remove it.",
  },
  {
    id: "legacy-ports",
    section,
    title: "The old ports are opened",
    edit: { legacyPorts: true },
    risks: ["container-replaced"],
    rows: ["client setting/added/*/port", "record/changed/*SRV"],
    servers: {
      "mail-server": "replaced",
      "mail-server-mx.two.test": "replaced",
      "dns-server": "reload",
      "dns-server-inside": "reload",
      "web-server": "reload",
    },
    notices: "Everybody, while both mail servers are replaced.",
    undo: "`legacyPorts: false`: replaces them once more.",
  },
];
