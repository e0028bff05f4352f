import type { SetUpText } from "./set-up-text.ts";

export const english: SetUpText = {
  language: "en",
  languageName: "English",
  languages: "Languages",
  title: "Set up your e-mail",
  lead: "Most programs need your name, your address and your password, and find the rest by themselves.",
  settings: "The settings",
  rows: {
    address: "E-mail address",
    you: "you",
    userName: "User name",
    userNameValue: "the whole address",
    password: "Password",
    passwordValue: "the one you were given",
    incoming: "Incoming server",
    outgoing: "Outgoing server",
    protocol: "Protocol",
    server: "Server",
    port: "Port",
    security: "Security",
  },
  copy: { button: "Copy", done: "Copied" },
  authority: {
    title: "First: install the authority's certificate (CA)",
    text: "The certificates of this server come from a certificate authority of its own. Install that authority's certificate and trust it to identify sites and servers; otherwise you get security warnings, or no connection.",
    link: "Certificate of the authority",
    fingerprint: "Compare its SHA-256 fingerprint with the one you were given before you trust it:",
    steps: {
      ios: [
        "Open the link to the certificate above, on the device itself, and allow the profile.",
        "Settings, Profile Downloaded, Install. Then General, About, Certificate Trust Settings: turn it on.",
      ],
      android: [
        "Download the certificate above.",
        "Settings, Security, Encryption & credentials, Install a certificate, CA certificate: choose the file.",
      ],
      windows: [
        "Open the downloaded certificate. Install Certificate, Local Machine, then the store Trusted Root Certification Authorities.",
        "Firefox and Thunderbird: Settings, Privacy & Security, Certificates, Manage Certificates, Authorities, Import.",
      ],
      mac: [
        "Open the downloaded certificate, which adds it to Keychain Access. Open it there, Trust, Always Trust.",
        "Firefox and Thunderbird: Settings, Privacy & Security, Certificates, Manage Certificates, Authorities, Import.",
      ],
      linux: [
        "On the server's own machine, npm run trust -- --apply does all of it.",
        "Debian, Ubuntu: copy it to /usr/local/share/ca-certificates/ with the ending .crt, and run update-ca-certificates as root.",
        "Fedora: /etc/pki/ca-trust/source/anchors/, Arch: /etc/ca-certificates/trust-source/anchors/; then update-ca-trust.",
        "Firefox, Thunderbird and Chromium: Settings, Privacy & Security, Manage Certificates, Authorities, Import.",
      ],
    },
  },
  names: {
    title: "If a name is not found",
    text: (nameServer) =>
      `Only the name server ${nameServer} knows the names on this page. On the server's own machine, npm run names -- --apply lets all programs find them; another device finds them once ${nameServer} is its DNS server.`,
  },
  webmail: {
    title: "In the browser",
    text: "Read and write mail without setting anything up, change your password, and sort mail by filters.",
    button: "Open webmail",
  },
  phone: {
    title: "On a phone",
    text: "Point its camera at this code to open this page there.",
    code: "QR code of this page's address",
  },
  profile: { label: "Your address", button: "Get the profile" },
  letter: {
    title: "Your e-mail address",
    firstPassword: "First password",
    advice:
      "Choose a password of your own at the first opportunity, and keep this sheet where nobody else reads it.",
    page: "How to set up your programs",
    webmail: "In the browser",
    fingerprint: "Fingerprint of the authority (SHA-256)",
  },
  programs: "Step by step",
  devices: {
    ios: "iPhone and iPad",
    android: "Android",
    windows: "Windows",
    mac: "Mac",
    linux: "Linux",
  },
  steps: {
    outlook: {
      name: "Outlook",
      steps: [
        "File, Add Account. Type your address and choose Connect.",
        "Outlook finds the settings and asks for the password. If it asks for the kind of account, choose IMAP.",
        "The new Outlook asks for the settings listed above.",
        "MAPI is Exchange's own protocol and is not offered: here Outlook uses IMAP or POP3.",
      ],
    },
    "outlook-mobile": {
      name: "Outlook for phones",
      steps: ["Add Account. Type your address and choose IMAP, then type the settings listed above."],
    },
    thunderbird: {
      name: "Thunderbird",
      steps: [
        "Menu, New Account, Email. Type your name, your address and your password, and choose Continue.",
        "Thunderbird finds the settings. Choose IMAP and finish.",
      ],
    },
    evolution: {
      name: "Evolution",
      steps: [
        "File, New, Mail Account. Type your name and your address, and keep the look-up of the settings checked.",
        "Accept the settings found, and type the password when asked.",
      ],
    },
    seamonkey: {
      name: "SeaMonkey",
      steps: [
        "Edit, Mail & Newsgroups Account Settings, Add Account. Type your name and your address.",
        "Choose IMAP and type the incoming server and the user name listed above, then the outgoing server.",
        "Afterwards set ports and SSL/TLS as listed, under Server Settings and Outgoing Server.",
      ],
    },
    "em-client": {
      name: "eM Client",
      steps: [
        "Menu, Accounts, Add Account. Type your address and choose Start Now.",
        "Type the password. eM Client finds the settings by itself.",
      ],
    },
    "apple-mail": {
      name: "Apple Mail",
      steps: [
        "Type your address below, on the device itself, and open the profile you receive.",
        "iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.",
        "Type the password when asked.",
      ],
    },
    gmail: {
      name: "Gmail for Android",
      steps: [
        "Settings, Add account, Other. Type your address and choose Personal (IMAP).",
        "Type the password, and the servers and ports listed above where they differ.",
      ],
    },
    "k-9": {
      name: "K-9 Mail, Thunderbird for Android",
      steps: ["Add account. Type your address and choose Next: the settings are found. Type the password."],
    },
  },
  errors: {
    error: { title: "The request cannot be answered.", text: "Go back and try again." },
    missing: { title: "This page does not exist.", text: "Check the address for a mistake." },
    "too-large": {
      title: "This is too large.",
      text: "Send smaller files, or send them in several messages.",
    },
    "too-many": { title: "Too many attempts to log in.", text: "Wait a minute, then try again." },
    "webmail-unavailable": {
      title: "Webmail does not answer at the moment.",
      text: "Try again in a minute. Mail programs are not affected.",
    },
  },
};
