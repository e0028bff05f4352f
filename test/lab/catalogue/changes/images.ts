import type { Change } from "../change.ts";

const section = "Images and containers";

export const imageChanges: readonly Change[] = [
  {
    id: "comment-in-dockerfile",
    section,
    title: "A comment in the mail server's Dockerfile",
    edit: {},
    commentsIn: ["mail-server"],
    risks: ["container-replaced"],
    rows: [],
    servers: { "mail-server": "may be replaced", "mail-server-mx.two.test": "may be replaced" },
    notices: "Nobody: the image is the same as before.",
    undo: "Nothing to undo.",
  },
  {
    id: "comment-in-dns-server",
    section,
    title: "A comment in the name server's Dockerfile",
    edit: {},
    commentsIn: ["dns-server"],
    risks: ["container-replaced"],
    rows: [],
    servers: { "dns-server": "may be replaced", "dns-server-inside": "may be replaced" },
    notices: "Nobody: the image is the same as before.",
    undo: "Nothing to undo.",
  },
  {
    id: "memory-of-mail-servers",
    section,
    title: "Mail servers may use more memory",
    edit: { "limits.mailServer.memory": "3 GiB" },
    servers: { "mail-server": "reload", "mail-server-mx.two.test": "reload" },
    notices: "Nobody: the limit of a running container is changed.",
    undo: "The former value.",
  },
  {
    id: "memory-of-name-servers",
    section,
    title: "Name servers may use more memory",
    edit: { "limits.dnsServer.memory": "1 GiB" },
    servers: { "dns-server": "reload", "dns-server-inside": "reload" },
    notices: "Nobody: the limit of a running container is changed.",
    undo: "The former value.",
  },
  {
    id: "logs",
    section,
    title: "What containers print is kept for longer",
    edit: { "logs.options": { "max-size": "50m", "max-file": "5" } },
    risks: ["container-replaced"],
    servers: {
      "mail-server": "replaced",
      "mail-server-mx.two.test": "replaced",
      "dns-server": "replaced",
      "dns-server-inside": "replaced",
      "web-server": "replaced",
    },
    notices: "Everybody, while every server is replaced.",
    undo: "The former values: replaces them once more.",
  },
];
