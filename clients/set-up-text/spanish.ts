import type { SetUpText } from "./set-up-text.ts";

export const spanish: SetUpText = {
  language: "es",
  languageName: "Español",
  languages: "Idiomas",
  title: "Configura tu correo",
  lead: "En la mayoría de los programas basta con indicar nombre, dirección y contraseña; el resto se configura automáticamente.",
  settings: "La configuración",
  rows: {
    address: "Dirección de correo",
    you: "tu",
    userName: "Nombre de usuario",
    userNameValue: "la dirección completa",
    password: "Contraseña",
    passwordValue: "la que has recibido",
    incoming: "Servidor de entrada",
    outgoing: "Servidor de salida",
    protocol: "Protocolo",
    server: "Servidor",
    port: "Puerto",
    security: "Seguridad",
  },
  copy: { button: "Copiar", done: "Copiado" },
  authority: {
    title: "Primero: instala el certificado de la autoridad (CA)",
    text: "Los certificados de este servidor los ha emitido una autoridad de certificación propia. Instala su certificado y márcalo como de confianza para identificar sitios y servidores; de lo contrario aparecen avisos de seguridad o la conexión se rechaza.",
    link: "Certificado de la autoridad",
    fingerprint: "Antes de confiar en él, compara su huella SHA-256 con la que has recibido:",
    steps: {
      ios: [
        "Abre el enlace del certificado de arriba en el propio dispositivo y permite el perfil.",
        "Ajustes, Perfil descargado, Instalar. Después General, Información, Ajustes de confianza de los certificados: actívalo.",
      ],
      android: [
        "Descarga el certificado de arriba.",
        "Ajustes, Seguridad, Cifrado y credenciales, Instalar un certificado, Certificado de CA: elige el archivo.",
      ],
      windows: [
        "Abre el certificado descargado. Instalar certificado, Equipo local y, como almacén, Entidades de certificación raíz de confianza.",
        "Firefox y Thunderbird: Ajustes, Privacidad y seguridad, Certificados, Ver certificados, Autoridades, Importar.",
      ],
      mac: [
        "Abre el certificado descargado, que pasa a Acceso a Llaveros. Ábrelo allí: Confiar, Confiar siempre.",
        "Firefox y Thunderbird: Ajustes, Privacidad y seguridad, Certificados, Ver certificados, Autoridades, Importar.",
      ],
      linux: [
        "En la propia máquina del servidor, npm run trust -- --apply lo hace todo.",
        "Debian, Ubuntu: cópialo en /usr/local/share/ca-certificates/ con la extensión .crt y ejecuta update-ca-certificates como root.",
        "Fedora: /etc/pki/ca-trust/source/anchors/, Arch: /etc/ca-certificates/trust-source/anchors/; después update-ca-trust.",
        "Firefox, Thunderbird y Chromium: Ajustes, Privacidad y seguridad, Ver certificados, Autoridades, Importar.",
      ],
    },
  },
  names: {
    title: "Si no se encuentra un nombre",
    text: (nameServer) =>
      `Solo el servidor de nombres ${nameServer} conoce los nombres de esta página. En la propia máquina del servidor, con npm run names -- --apply los encuentran todos los programas; en otro dispositivo, configura ${nameServer} como servidor DNS.`,
  },
  webmail: {
    title: "En el navegador",
    text: "Lee y escribe correo sin configurar nada, cambia tu contraseña y ordena tus mensajes con filtros.",
    button: "Abrir el correo web",
  },
  phone: {
    title: "En el móvil",
    text: "Apunta la cámara del móvil a este código para abrir en él esta página.",
    code: "Código QR de la dirección de esta página",
  },
  profile: { label: "Tu dirección", button: "Obtener el perfil" },
  letter: {
    title: "Tu dirección de correo",
    firstPassword: "Primera contraseña",
    advice: "Elige una contraseña propia en cuanto puedas y guarda esta hoja donde nadie más la lea.",
    page: "Cómo configurar tus programas",
    webmail: "En el navegador",
    fingerprint: "Huella de la autoridad (SHA-256)",
  },
  programs: "Paso a paso",
  devices: {
    ios: "iPhone y iPad",
    android: "Android",
    windows: "Windows",
    mac: "Mac",
    linux: "Linux",
  },
  steps: {
    outlook: {
      name: "Outlook",
      steps: [
        "Archivo, Agregar cuenta. Escribe tu dirección y elige Conectar.",
        "Outlook encuentra la configuración y pide la contraseña. Si pregunta por el tipo de cuenta, elige IMAP.",
        "El nuevo Outlook pide los datos que figuran arriba.",
        "MAPI es el protocolo propio de Exchange y no se ofrece: aquí Outlook usa IMAP o POP3.",
      ],
    },
    "outlook-mobile": {
      name: "Outlook para móviles",
      steps: ["Agregar cuenta. Escribe tu dirección, elige IMAP e introduce los datos que figuran arriba."],
    },
    thunderbird: {
      name: "Thunderbird",
      steps: [
        "Menú, Nueva cuenta, Correo. Escribe tu nombre, tu dirección y tu contraseña, y elige Continuar.",
        "Thunderbird encuentra la configuración. Elige IMAP y termina.",
      ],
    },
    evolution: {
      name: "Evolution",
      steps: [
        "Archivo, Nuevo, Cuenta de correo. Escribe tu nombre y tu dirección, y deja marcada la búsqueda de la configuración.",
        "Acepta la configuración encontrada y escribe la contraseña cuando se te pida.",
      ],
    },
    seamonkey: {
      name: "SeaMonkey",
      steps: [
        "Editar, Configuración de cuentas, Añadir cuenta. Escribe tu nombre y tu dirección.",
        "Elige IMAP y escribe el servidor de entrada y el nombre de usuario que figuran arriba, y después el servidor de salida.",
        "Por último, ajusta los puertos y SSL/TLS como figuran arriba, en Servidor y en Servidor de salida.",
      ],
    },
    "em-client": {
      name: "eM Client",
      steps: [
        "Menú, Cuentas, Añadir cuenta. Escribe tu dirección y elige Empezar ahora.",
        "Escribe la contraseña. eM Client encuentra la configuración por sí solo.",
      ],
    },
    "apple-mail": {
      name: "Apple Mail",
      steps: [
        "Escribe tu dirección abajo, en el propio dispositivo, y abre el perfil recibido.",
        "iPhone y iPad: Ajustes, Perfil descargado, Instalar. Mac: Ajustes del Sistema, General, Gestión de dispositivos.",
        "Escribe la contraseña cuando se te pida.",
      ],
    },
    gmail: {
      name: "Gmail para Android",
      steps: [
        "Ajustes, Añadir cuenta, Otra. Escribe tu dirección y elige Personal (IMAP).",
        "Escribe la contraseña y, donde sean distintos, los servidores y puertos que figuran arriba.",
      ],
    },
    "k-9": {
      name: "K-9 Mail, Thunderbird para Android",
      steps: [
        "Añadir cuenta. Escribe tu dirección y elige Siguiente: la configuración se encuentra sola. Escribe la contraseña.",
      ],
    },
  },
  errors: {
    error: { title: "No se puede responder a esta solicitud.", text: "Vuelve atrás e inténtalo de nuevo." },
    missing: { title: "Esta página no existe.", text: "Comprueba que la dirección sea correcta." },
    "too-large": {
      title: "El envío es demasiado grande.",
      text: "Envía archivos más pequeños o repártelos en varios mensajes.",
    },
    "too-many": {
      title: "Demasiados intentos de inicio de sesión.",
      text: "Espera un minuto y vuelve a intentarlo.",
    },
    "webmail-unavailable": {
      title: "El correo web no responde en este momento.",
      text: "Inténtalo de nuevo dentro de un minuto. Los programas de correo no se ven afectados.",
    },
  },
};
