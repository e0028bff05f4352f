import type { SetUpText } from "./set-up-text.ts";

export const german: SetUpText = {
  language: "de",
  languageName: "Deutsch",
  languages: "Sprachen",
  title: "E-Mail einrichten",
  lead: "Die meisten Programme brauchen nur Namen, Adresse und Passwort und finden alles Weitere selbst.",
  settings: "Die Einstellungen",
  rows: {
    address: "E-Mail-Adresse",
    you: "name",
    userName: "Benutzername",
    userNameValue: "die vollständige Adresse",
    password: "Passwort",
    passwordValue: "das Ihnen mitgeteilte",
    incoming: "Posteingangsserver",
    outgoing: "Postausgangsserver",
    protocol: "Protokoll",
    server: "Server",
    port: "Port",
    security: "Sicherheit",
  },
  copy: { button: "Kopieren", done: "Kopiert" },
  authority: {
    title: "Zuerst: das Zertifikat der Zertifizierungsstelle (CA) installieren",
    text: "Die Zertifikate dieses Servers stammen von einer eigenen Zertifizierungsstelle. Installieren Sie deren Zertifikat und vertrauen Sie ihm für Websites und Server; sonst erscheinen Sicherheitswarnungen, oder es kommt keine Verbindung zustande.",
    link: "Zertifikat der Zertifizierungsstelle",
    fingerprint: "Vergleichen Sie vorher seinen SHA-256-Fingerabdruck mit dem, der Ihnen mitgeteilt wurde:",
    steps: {
      ios: [
        "Öffnen Sie den Link zum Zertifikat oben auf dem Gerät selbst und erlauben Sie das Profil.",
        "Einstellungen, Profil geladen, Installieren. Danach Allgemein, Info, Zertifikatsvertrauenseinstellungen: einschalten.",
      ],
      android: [
        "Laden Sie das Zertifikat oben herunter.",
        "Einstellungen, Sicherheit, Verschlüsselung und Anmeldedaten, Zertifikat installieren, CA-Zertifikat: wählen Sie die Datei.",
      ],
      windows: [
        "Öffnen Sie das heruntergeladene Zertifikat. Zertifikat installieren, Lokaler Computer, dann der Speicher Vertrauenswürdige Stammzertifizierungsstellen.",
        "Firefox und Thunderbird: Einstellungen, Datenschutz & Sicherheit, Zertifikate, Zertifikate anzeigen, Zertifizierungsstellen, Importieren.",
      ],
      mac: [
        "Öffnen Sie das heruntergeladene Zertifikat; es kommt in die Schlüsselbundverwaltung. Öffnen Sie es dort: Vertrauen, Immer vertrauen.",
        "Firefox und Thunderbird: Einstellungen, Datenschutz & Sicherheit, Zertifikate, Zertifikate anzeigen, Zertifizierungsstellen, Importieren.",
      ],
      linux: [
        "Auf dem Rechner des Servers selbst erledigt npm run trust -- --apply alles.",
        "Debian, Ubuntu: nach /usr/local/share/ca-certificates/ kopieren, mit der Endung .crt, und als root update-ca-certificates ausführen.",
        "Fedora: /etc/pki/ca-trust/source/anchors/, Arch: /etc/ca-certificates/trust-source/anchors/; danach update-ca-trust.",
        "Firefox, Thunderbird und Chromium: Einstellungen, Datenschutz und Sicherheit, Zertifikate anzeigen, Zertifizierungsstellen, Importieren.",
      ],
    },
  },
  names: {
    title: "Wenn ein Name nicht gefunden wird",
    text: (nameServer) =>
      `Nur der Nameserver ${nameServer} kennt die Namen auf dieser Seite. Auf dem Rechner des Servers selbst finden alle Programme sie nach npm run names -- --apply; ein anderes Gerät findet sie, sobald ${nameServer} sein DNS-Server ist.`,
  },
  webmail: {
    title: "Im Browser",
    text: "E-Mails ohne Einrichtung lesen und schreiben, das Passwort ändern und Nachrichten mit Filtern sortieren.",
    button: "Webmail öffnen",
  },
  phone: {
    title: "Auf dem Handy",
    text: "Richten Sie die Kamera auf diesen Code, um diese Seite dort zu öffnen.",
    code: "QR-Code der Adresse dieser Seite",
  },
  profile: { label: "Ihre Adresse", button: "Profil herunterladen" },
  letter: {
    title: "Ihre E-Mail-Adresse",
    firstPassword: "Erstes Passwort",
    advice:
      "Wählen Sie bei erster Gelegenheit ein eigenes Passwort, und bewahren Sie dieses Blatt so auf, dass es sonst niemand liest.",
    page: "So richten Sie Ihre Programme ein",
    webmail: "Im Browser",
    fingerprint: "Fingerabdruck der Zertifizierungsstelle (SHA-256)",
  },
  programs: "Schritt für Schritt",
  devices: {
    ios: "iPhone und iPad",
    android: "Android",
    windows: "Windows",
    mac: "Mac",
    linux: "Linux",
  },
  steps: {
    outlook: {
      name: "Outlook",
      steps: [
        "Datei, Konto hinzufügen. Geben Sie Ihre Adresse ein und wählen Sie Verbinden.",
        "Outlook findet die Einstellungen und fragt nach dem Passwort. Fragt es nach der Art des Kontos, wählen Sie IMAP.",
        "Das neue Outlook fragt nach den oben aufgeführten Einstellungen.",
        "MAPI ist das eigene Protokoll von Exchange und wird nicht angeboten: Outlook verwendet hier IMAP oder POP3.",
      ],
    },
    "outlook-mobile": {
      name: "Outlook für Mobilgeräte",
      steps: [
        "Konto hinzufügen. Geben Sie Ihre Adresse ein, wählen Sie IMAP und tragen Sie die oben aufgeführten Einstellungen ein.",
      ],
    },
    thunderbird: {
      name: "Thunderbird",
      steps: [
        "Menü, Neues Konto, E-Mail. Geben Sie Namen, Adresse und Passwort ein und wählen Sie Weiter.",
        "Thunderbird findet die Einstellungen. Wählen Sie IMAP und schließen Sie ab.",
      ],
    },
    evolution: {
      name: "Evolution",
      steps: [
        "Datei, Neu, E-Mail-Konto. Geben Sie Namen und Adresse ein und lassen Sie die Suche nach den Einstellungen angekreuzt.",
        "Übernehmen Sie die gefundenen Einstellungen und geben Sie auf Nachfrage das Passwort ein.",
      ],
    },
    seamonkey: {
      name: "SeaMonkey",
      steps: [
        "Bearbeiten, Konten-Einstellungen, Konto hinzufügen. Geben Sie Namen und Adresse ein.",
        "Wählen Sie IMAP und geben Sie den oben aufgeführten Posteingangsserver und Benutzernamen ein, dann den Postausgangsserver.",
        "Stellen Sie danach Ports und SSL/TLS wie aufgeführt ein, unter Server-Einstellungen und Postausgangsserver.",
      ],
    },
    "em-client": {
      name: "eM Client",
      steps: [
        "Menü, Konten, Konto hinzufügen. Geben Sie Ihre Adresse ein und wählen Sie Jetzt starten.",
        "Geben Sie das Passwort ein. eM Client findet die Einstellungen selbst.",
      ],
    },
    "apple-mail": {
      name: "Apple Mail",
      steps: [
        "Geben Sie unten Ihre Adresse ein, auf dem Gerät selbst, und öffnen Sie das Profil, das Sie erhalten.",
        "iPhone und iPad: Einstellungen, Profil geladen, Installieren. Mac: Systemeinstellungen, Allgemein, Geräteverwaltung.",
        "Geben Sie auf Nachfrage das Passwort ein.",
      ],
    },
    gmail: {
      name: "Gmail für Android",
      steps: [
        "Einstellungen, Konto hinzufügen, Andere. Geben Sie Ihre Adresse ein und wählen Sie Privat (IMAP).",
        "Geben Sie das Passwort ein und, wo sie abweichen, die oben aufgeführten Server und Ports.",
      ],
    },
    "k-9": {
      name: "K-9 Mail, Thunderbird für Android",
      steps: [
        "Konto hinzufügen. Geben Sie Ihre Adresse ein und wählen Sie Weiter: Die Einstellungen werden gefunden. Geben Sie das Passwort ein.",
      ],
    },
  },
  errors: {
    error: {
      title: "Diese Anfrage kann nicht beantwortet werden.",
      text: "Gehen Sie zurück und versuchen Sie es noch einmal.",
    },
    missing: { title: "Diese Seite gibt es nicht.", text: "Prüfen Sie, ob die Adresse stimmt." },
    "too-large": {
      title: "Das ist zu groß.",
      text: "Senden Sie kleinere Dateien oder verteilen Sie sie auf mehrere Nachrichten.",
    },
    "too-many": {
      title: "Zu viele Anmeldeversuche.",
      text: "Warten Sie eine Minute und versuchen Sie es dann noch einmal.",
    },
    "webmail-unavailable": {
      title: "Webmail antwortet gerade nicht.",
      text: "Versuchen Sie es in einer Minute noch einmal. E-Mail-Programme sind nicht betroffen.",
    },
  },
};
