import type { SetUpText } from "./set-up-text.ts";

export const french: SetUpText = {
  language: "fr",
  languageName: "Français",
  languages: "Langues",
  title: "Configurez votre messagerie",
  lead: "Dans la plupart des logiciels, il suffit d'indiquer nom, adresse et mot de passe ; le reste est configuré automatiquement.",
  settings: "Les paramètres",
  rows: {
    address: "Adresse e-mail",
    you: "vous",
    userName: "Nom d'utilisateur",
    userNameValue: "l'adresse complète",
    password: "Mot de passe",
    passwordValue: "celui que vous avez reçu",
    incoming: "Serveur entrant",
    outgoing: "Serveur sortant",
    protocol: "Protocole",
    server: "Serveur",
    port: "Port",
    security: "Sécurité",
  },
  copy: { button: "Copier", done: "Copié" },
  authority: {
    title: "D'abord : installez le certificat de l'autorité (CA)",
    text: "Les certificats de ce serveur sont émis par sa propre autorité de certification. Installez son certificat et approuvez-le pour identifier sites et serveurs ; sinon, des avertissements de sécurité apparaissent ou la connexion est refusée.",
    link: "Certificat de l'autorité",
    fingerprint: "Avant de l'approuver, comparez son empreinte SHA-256 à celle que vous avez reçue :",
    steps: {
      ios: [
        "Ouvrez le lien du certificat ci-dessus sur l'appareil même et autorisez le profil.",
        "Réglages, Profil téléchargé, Installer. Puis Général, Informations, Réglages des certificats : activez-le.",
      ],
      android: [
        "Téléchargez le certificat ci-dessus.",
        "Paramètres, Sécurité, Chiffrement et identifiants, Installer un certificat, Certificat CA : choisissez le fichier.",
      ],
      windows: [
        "Ouvrez le certificat téléchargé. Installer un certificat, Ordinateur local, puis le magasin Autorités de certification racines de confiance.",
        "Firefox et Thunderbird : Paramètres, Vie privée et sécurité, Certificats, Afficher les certificats, Autorités, Importer.",
      ],
      mac: [
        "Ouvrez le certificat téléchargé, qui passe dans Trousseaux d'accès. Ouvrez-le là : Se fier, Toujours approuver.",
        "Firefox et Thunderbird : Paramètres, Vie privée et sécurité, Certificats, Afficher les certificats, Autorités, Importer.",
      ],
      linux: [
        "Sur la machine même du serveur, npm run trust -- --apply fait tout cela.",
        "Debian, Ubuntu : copiez-le dans /usr/local/share/ca-certificates/ avec l'extension .crt, et lancez update-ca-certificates en tant que root.",
        "Fedora : /etc/pki/ca-trust/source/anchors/, Arch : /etc/ca-certificates/trust-source/anchors/ ; puis update-ca-trust.",
        "Firefox, Thunderbird et Chromium : Paramètres, Vie privée et sécurité, Afficher les certificats, Autorités, Importer.",
      ],
    },
  },
  names: {
    title: "Si un nom est introuvable",
    text: (nameServer) =>
      `Seul le serveur de noms ${nameServer} connaît les noms de cette page. Sur la machine même du serveur, npm run names -- --apply permet à tous les programmes de les trouver ; un autre appareil les trouve dès que ${nameServer} est son serveur DNS.`,
  },
  webmail: {
    title: "Dans le navigateur",
    text: "Lisez et écrivez vos messages sans rien configurer, changez de mot de passe et triez vos messages avec des filtres.",
    button: "Ouvrir le webmail",
  },
  phone: {
    title: "Sur un téléphone",
    text: "Pointez l'appareil photo vers ce code pour y ouvrir cette page.",
    code: "Code QR de l'adresse de cette page",
  },
  profile: { label: "Votre adresse", button: "Obtenir le profil" },
  letter: {
    title: "Votre adresse e-mail",
    firstPassword: "Premier mot de passe",
    advice:
      "Choisissez votre propre mot de passe dès que possible, et gardez cette feuille à l'abri des regards.",
    page: "Comment configurer vos logiciels",
    webmail: "Dans le navigateur",
    fingerprint: "Empreinte de l'autorité (SHA-256)",
  },
  programs: "Pas à pas",
  devices: {
    ios: "iPhone et iPad",
    android: "Android",
    windows: "Windows",
    mac: "Mac",
    linux: "Linux",
  },
  steps: {
    outlook: {
      name: "Outlook",
      steps: [
        "Fichier, Ajouter un compte. Saisissez votre adresse et choisissez Connexion.",
        "Outlook trouve les paramètres et demande le mot de passe. S'il demande le type de compte, choisissez IMAP.",
        "Le nouvel Outlook demande les paramètres indiqués plus haut.",
        "MAPI est le protocole propre à Exchange et n'est pas proposé : ici, Outlook utilise IMAP ou POP3.",
      ],
    },
    "outlook-mobile": {
      name: "Outlook pour mobile",
      steps: [
        "Ajouter un compte. Saisissez votre adresse, choisissez IMAP, puis saisissez les paramètres indiqués plus haut.",
      ],
    },
    thunderbird: {
      name: "Thunderbird",
      steps: [
        "Menu, Nouveau compte, E-mail. Saisissez nom, adresse et mot de passe, puis choisissez Continuer.",
        "Thunderbird trouve les paramètres. Choisissez IMAP et terminez.",
      ],
    },
    evolution: {
      name: "Evolution",
      steps: [
        "Fichier, Nouveau, Compte de messagerie. Saisissez nom et adresse, et laissez cochée la recherche des paramètres.",
        "Acceptez les paramètres trouvés et saisissez le mot de passe quand il est demandé.",
      ],
    },
    seamonkey: {
      name: "SeaMonkey",
      steps: [
        "Édition, Paramètres des comptes, Ajouter un compte. Saisissez nom et adresse.",
        "Choisissez IMAP et saisissez le serveur entrant et le nom d'utilisateur indiqués plus haut, puis le serveur sortant.",
        "Réglez ensuite les ports et SSL/TLS comme indiqué, dans Paramètres du serveur et Serveur sortant.",
      ],
    },
    "em-client": {
      name: "eM Client",
      steps: [
        "Menu, Comptes, Ajouter un compte. Saisissez votre adresse et choisissez Démarrer maintenant.",
        "Saisissez le mot de passe. eM Client trouve les paramètres tout seul.",
      ],
    },
    "apple-mail": {
      name: "Apple Mail",
      steps: [
        "Saisissez votre adresse ci-dessous, sur l'appareil lui-même, et ouvrez le profil reçu.",
        "iPhone et iPad : Réglages, Profil téléchargé, Installer. Mac : Réglages Système, Général, Gestion des appareils.",
        "Saisissez le mot de passe quand il est demandé.",
      ],
    },
    gmail: {
      name: "Gmail pour Android",
      steps: [
        "Paramètres, Ajouter un compte, Autre. Saisissez votre adresse et choisissez Personnel (IMAP).",
        "Saisissez le mot de passe et, s'ils diffèrent, les serveurs et ports indiqués plus haut.",
      ],
    },
    "k-9": {
      name: "K-9 Mail, Thunderbird pour Android",
      steps: [
        "Ajouter un compte. Saisissez votre adresse et choisissez Suivant : les paramètres sont trouvés. Saisissez le mot de passe.",
      ],
    },
  },
  errors: {
    error: {
      title: "Impossible de répondre à cette demande.",
      text: "Revenez en arrière et réessayez.",
    },
    missing: { title: "Cette page n'existe pas.", text: "Vérifiez l'adresse." },
    "too-large": {
      title: "C'est trop volumineux.",
      text: "Envoyez des fichiers plus petits, ou répartissez-les sur plusieurs messages.",
    },
    "too-many": { title: "Trop de tentatives de connexion.", text: "Attendez une minute, puis réessayez." },
    "webmail-unavailable": {
      title: "Le webmail ne répond pas pour le moment.",
      text: "Réessayez dans une minute. Les logiciels de messagerie ne sont pas concernés.",
    },
  },
};
